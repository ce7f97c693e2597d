//! GraphQL type of pages.

use async_graphql::{Context, ID, Object, SimpleObject};
use entities::change::SubjectType;
use registry::view::PageView;

use super::state::{
    MarkState, PageAliasKind, PageAvailability, PageCategory, PageLifecycle, PageRejectionCode, WidgetState,
};
use crate::graphql::{
    error::Result,
    field_source::FieldSource,
    history::{HistoryEntry, history_of},
    kit::{
        connection::Connection,
        id::{self, NativeId},
        scalar::{Date, DateTime, SafeInt, Url},
        sequential::{SequentialList, SequentialObject, resolve_sequentially},
    },
    organization::Organization,
    platform::Platform,
    statistics::PageStatistics,
    territory::Territory,
};

/// Former or parallel handle of a page.
#[derive(SimpleObject)]
pub struct PageAlias {
    /// The handle.
    pub handle: String,
    /// Kind of the handle.
    pub kind: PageAliasKind,
    /// Timestamp of the handle's first use; null if unknown.
    pub since: Option<DateTime>,
    /// Timestamp of the handle's last use; null if unknown.
    pub until: Option<DateTime>,
}

/// The platform's verification mark for state organizations.
#[derive(SimpleObject)]
pub struct PageMark {
    /// State of the mark.
    pub state: MarkState,
    /// Method by which the mark was obtained, one of the platform's `markMethods`; null if unknown.
    pub method: Option<String>,
    /// Timestamp of the state; null if unknown.
    pub at: Option<DateTime>,
    /// Last day of a mark that is `CONFIRMED`, or `EXPIRED` since, in the registry's time zone; null if it has none, or if
    /// it is unknown.
    pub expires_on: Option<Date>,
}

/// Official page of an organization on one platform.
pub struct Page<'a>(pub PageView<'a>);

resolve_sequentially!(Page<'_>);

/// Official page of an organization on one platform.
#[Object]
impl<'a> Page<'a> {
    /// Global id of the page.
    pub async fn id(&self) -> ID {
        id::global("Page", self.0.id)
    }

    /// Number of the page in this registry; it never changes.
    async fn number(&self) -> SafeInt {
        SafeInt(self.0.id)
    }

    /// Canonical URL of the page, from its platform's URL template; null if the page has no public address.
    async fn url(&self) -> Option<Url> {
        self.0.url().map(Url)
    }

    /// Platform of the page.
    async fn platform(&self) -> Platform<'a> {
        Platform(self.0.platform())
    }

    /// Code of the page's platform; together with `nativeId`, the page's natural key.
    async fn platform_code(&self) -> &'a str {
        self.0.platform_code()
    }

    /// Permanent id of the page on its platform; null if unknown.
    async fn native_id(&self) -> Option<NativeId<'_>> {
        self.0.native_id.as_deref().map(NativeId)
    }

    /// Handle in the page's address, case-folded by the platform's rules; null if the page has none.
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

    /// Type of the page on its platform, such as `group` or `channel`; null if unknown.
    async fn page_type(&self) -> Option<&str> {
        self.0.page_type.as_deref()
    }

    /// Organization responsible for the page.
    async fn owner(&self) -> SequentialObject<Organization<'a>> {
        SequentialObject(self.0.owner().into())
    }

    /// Organizations that co-own the page; tens at most.
    async fn co_owners(&self) -> SequentialList<Organization<'a>> {
        SequentialList(self.0.co_owners().into_iter().map(Organization::from).collect())
    }

    /// Territory of the owner; null if not set.
    async fn territory(&self) -> Option<SequentialObject<Territory<'a>>> {
        self.0.owner().territory().map(Territory).map(SequentialObject)
    }

    /// Office to which the page belongs, such as “Mayor”; null for a page of the organization itself.
    async fn office_title(&self) -> Option<&str> {
        self.0.office_title.as_deref()
    }

    /// Languages of the page (BCP 47), at most 10; empty if unknown.
    async fn languages(&self) -> Vec<&str> {
        self.0.languages.iter().map(|language| &**language).collect()
    }

    /// How the owner uses the page; null if unknown.
    async fn category(&self) -> Option<PageCategory> {
        self.0.category.map(Into::into)
    }

    /// Lifecycle stage of the page.
    async fn lifecycle(&self) -> PageLifecycle {
        self.0.lifecycle.into()
    }

    /// Why the page was rejected; null unless `lifecycle` is `REJECTED`, and if no code was given.
    async fn rejection_code(&self) -> Option<PageRejectionCode> {
        self.0.rejection.map(Into::into)
    }

    /// Result of the last check of the page's address.
    async fn availability(&self) -> PageAvailability {
        self.0.availability.into()
    }

    /// Timestamp of the last check of the page's address; null if unknown.
    async fn availability_checked_at(&self) -> Option<DateTime> {
        self.0.availability_checked_at.map(DateTime)
    }

    /// The platform's verification mark for state organizations.
    async fn mark(&self) -> PageMark {
        let mark = &self.0.mark;
        PageMark {
            state: mark.state.into(),
            method: mark.method.as_deref().map(str::to_owned),
            at: mark.at.map(DateTime),
            expires_on: mark.expires_on.map(Date),
        }
    }

    /// State of the feedback widget on the page.
    async fn widget(&self) -> WidgetState {
        self.0.widget.into()
    }

    /// Timestamp of the last check of the feedback widget; null if unknown.
    async fn widget_checked_at(&self) -> Option<DateTime> {
        self.0.widget_checked_at.map(DateTime)
    }

    /// Statistics of the page.
    async fn statistics(&self) -> SequentialObject<PageStatistics<'a>> {
        SequentialObject(PageStatistics(self.0))
    }

    /// History of the page, newest entry first; within `asOf`, up to that time.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<HistoryEntry<'a>>> {
        // On the heap, so that the futures of other fields stay small.
        Box::pin(history_of(ctx, self.0.view(), (SubjectType::Page, self.0.id), first, after)).await
    }

    /// Name of the source of the record; `synthetic` for generated records.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// Sources of the fields that are not of `source`, such as those that an operator corrected; at most 14.
    async fn field_sources(&self) -> Vec<FieldSource> {
        FieldSource::visible(self.0.view(), &self.0.field_sources)
    }

    /// Timestamp of the page's registration as official; null if not set.
    async fn registered_at(&self) -> Option<DateTime> {
        self.0.registered_at.map(DateTime)
    }

    /// Day since which the page is official according to its source (valid time); null if unknown.
    async fn valid_from(&self) -> Option<Date> {
        self.0.valid_from.map(Date)
    }

    /// Whether `validFrom` is before the registry's first record of the page, and thus not proven by its log.
    async fn is_backdated(&self) -> bool {
        self.0.view().is_backdated(self.0.valid_from, self.0.created_at)
    }

    /// Timestamp of the page's entry into the registry.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// Timestamp of the page's last change in the registry.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}
