//! GraphQL type of pages.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entities::change::SubjectType;
use registry::view::PageView;

use crate::graphql::{
    error::Result,
    history::{HistoryEntry, history_of},
    kit::{
        connection::Connection,
        id,
        scalar::{Date, DateTime, Url},
        sequential::{Items, Ready, in_turn},
    },
    organization::Organization,
    platform::Platform,
    statistics::PageStatistics,
};

/// Stage of a page's life in the registry.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Lifecycle")]
pub enum PageLifecycle {
    /// Proposed by somebody, not yet looked at.
    Proposed,
    /// Being looked at.
    UnderReview,
    /// Official page of its owner.
    Registered,
    /// Found not to be an official page.
    Rejected,
    /// Official once, no longer kept.
    Archived,
    /// Official page that its owner has lost control of.
    Compromised,
}

/// What the last check of the page's address found.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Availability")]
pub enum PageAvailability {
    /// Never checked.
    Unknown,
    /// The page is there.
    Live,
    /// The page is there under another handle.
    Renamed,
    /// The page is there, but closed to the public.
    Closed,
    /// There is no page at the address.
    NotFound,
    /// Another page is at the address.
    IdMismatch,
}

/// State of the platform's mark for state organizations.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Mark")]
pub enum MarkState {
    /// Never asked for.
    None,
    /// Asked for.
    Requested,
    /// Waiting for the organization's confirmation.
    PendingConfirmation,
    /// Shown on the page.
    Confirmed,
    /// Refused.
    Rejected,
    /// No longer valid after its time.
    Expired,
    /// Taken away.
    Revoked,
    /// Found missing by a check.
    Lost,
}

/// State of the feedback widget on the page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Widget")]
pub enum WidgetState {
    /// The page needs none.
    NotRequired,
    /// The page needs one and has none.
    Missing,
    /// The widget leads to a wrong address.
    Invalid,
    /// The page has too many or too few.
    WrongCount,
    /// The widget is as it should be.
    Correct,
    /// The last check failed.
    CheckError,
}

/// How much the owner does with the page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page::Category")]
pub enum PageCategory {
    /// Main page of the owner.
    Flagship,
    /// Kept regularly.
    Active,
    /// Contacts only.
    Card,
}

/// Whether another handle still leads to the page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::page_alias::Kind")]
pub enum PageAliasKind {
    /// Once the page's handle; may be anybody's today.
    Former,
    /// Leads to the page beside its own handle.
    Parallel,
}

/// Former or parallel handle of a page.
#[derive(SimpleObject)]
pub struct PageAlias {
    /// The handle.
    pub handle: String,
    /// Whether the handle still leads to the page.
    pub kind: PageAliasKind,
    /// Timestamp of the handle's first use, where known.
    pub since: Option<DateTime>,
    /// Timestamp of the handle's last use, where known.
    pub until: Option<DateTime>,
}

/// Mark of the platform for state organizations.
#[derive(SimpleObject)]
pub struct PageMark {
    /// State of the mark.
    pub state: MarkState,
    /// Way in which the mark was got, where known.
    pub method: Option<String>,
    /// Timestamp of the state, where known.
    pub at: Option<DateTime>,
}

/// Official page of an organization on one platform.
pub struct Page<'a>(pub PageView<'a>);

in_turn!(Page<'_>);

/// Official page of an organization on one platform.
#[Object]
impl<'a> Page<'a> {
    /// Global id of the page.
    pub async fn id(&self) -> ID {
        id::global("Page", self.0.id)
    }

    /// Canonical address of the page, made by its platform's template; null for a page without a public address.
    async fn url(&self) -> Option<Url> {
        self.0.url().map(Url)
    }

    /// Platform that the page is on.
    async fn platform(&self) -> Platform<'a> {
        Platform(self.0.platform())
    }

    /// Code of the platform that the page is on: with `nativeId`, the page's natural key.
    async fn platform_code(&self) -> &'a str {
        self.0.platform_code()
    }

    /// Permanent id of the page on its platform, where known.
    async fn native_id(&self) -> Option<&str> {
        self.0.native_id.as_deref()
    }

    /// Name in the page's address, folded as the platform folds case; null where the page has none.
    async fn handle(&self) -> Option<&str> {
        self.0.handle.as_deref()
    }

    /// Former and parallel handles of the page; tens at most.
    async fn aliases(&self) -> Vec<PageAlias> {
        let aliases = self.0.aliases.iter().map(|alias| PageAlias {
            handle: alias.handle.to_string(),
            kind: alias.kind.into(),
            since: alias.since.map(DateTime),
            until: alias.until.map(DateTime),
        });
        aliases.collect()
    }

    /// Title of the page.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Type of the page on its platform, such as `group` or `channel`, where known.
    async fn page_type(&self) -> Option<&str> {
        self.0.page_type.as_deref()
    }

    /// Organization that answers for the page.
    async fn owner(&self) -> Ready<Organization<'a>> {
        Ready(self.0.owner().into())
    }

    /// Organizations that keep the page together with its owner; tens at most.
    async fn co_owners(&self) -> Items<Organization<'a>> {
        Items(self.0.co_owners().into_iter().map(Organization::from).collect())
    }

    /// Office whose page it is, such as “Mayor”; null for the page of the organization itself.
    async fn office_title(&self) -> Option<&str> {
        self.0.office_title.as_deref()
    }

    /// Languages of the page (BCP 47), where known; at most 10.
    async fn languages(&self) -> Vec<&str> {
        self.0.languages.iter().map(|language| &**language).collect()
    }

    /// How much the owner does with the page, where known.
    async fn category(&self) -> Option<PageCategory> {
        self.0.category.map(Into::into)
    }

    /// Stage of the page's life in the registry.
    async fn lifecycle(&self) -> PageLifecycle {
        self.0.lifecycle.into()
    }

    /// What the last check of the page's address found.
    async fn availability(&self) -> PageAvailability {
        self.0.availability.into()
    }

    /// Mark of the platform for state organizations.
    async fn mark(&self) -> PageMark {
        let mark = &self.0.mark;
        PageMark {
            state: mark.state.into(),
            method: mark.method.as_deref().map(str::to_owned),
            at: mark.at.map(DateTime),
        }
    }

    /// State of the feedback widget on the page.
    async fn widget(&self) -> WidgetState {
        self.0.widget.into()
    }

    /// Figures of the page's audience.
    async fn statistics(&self) -> Ready<PageStatistics<'a>> {
        Ready(PageStatistics(self.0))
    }

    /// History of the page, the newest step first; of a past one, up to its moment.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
    ) -> Result<Connection<HistoryEntry<'a>>> {
        // On the heap, so that no other field carries its wait for the database.
        Box::pin(history_of(ctx, self.0.view(), (SubjectType::Page, self.0.id), first, after)).await
    }

    /// Name of the source that the record came from; `synthetic` where it was generated.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// Timestamp of the page's registration as official.
    async fn registered_at(&self) -> Option<DateTime> {
        self.0.registered_at.map(DateTime)
    }

    /// Day since which the page is official as its source says, beside the registry's own times; null where not known.
    async fn valid_from(&self) -> Option<Date> {
        self.0.valid_from.map(Date)
    }

    /// Whether `validFrom` lies before the registry's first record of the page: its log cannot prove it.
    async fn is_backdated(&self) -> bool {
        self.0.valid_from.is_some_and(|day| day < self.0.created_at.date_naive())
    }

    /// Timestamp of the page's last change in the registry.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}
