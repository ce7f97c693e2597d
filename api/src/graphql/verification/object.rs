//! GraphQL types of verifications.

use async_graphql::{Enum, Object};
use registry::{
    address::AddressError,
    verification::{self, Verdict},
};

use crate::graphql::{
    kit::{
        scalar::{DateTime, SafeInt, Url},
        sequential::{SequentialList, SequentialObject},
    },
    page::Page,
};

/// Verdict on an address, or on an account of a platform.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PageVerdict {
    /// Official page of its owner.
    Official,
    /// Registered page whose owner is suspended: nobody is responsible for it at present.
    OwnerSuspended,
    /// Registered page whose owner was liquidated, merged or split, and that no successor has taken over.
    OwnerDissolved,
    /// Formerly official, no longer in use.
    Archived,
    /// Official page that its owner has lost control of.
    Compromised,
    /// Page that is not official: unknown, proposed, rejected, or under a former handle.
    NotRegistered,
    /// `asOf` is before the registry's first record (`recordsSince`): it is unknown what was official then.
    NoRecords,
    /// Not the address of a page: see `reason`.
    NotAPage,
    /// No platform that the registry knows is at the host and port of the address, or has the code.
    UnsupportedPlatform,
}

impl From<Verdict> for PageVerdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Official => Self::Official,
            Verdict::OwnerSuspended => Self::OwnerSuspended,
            Verdict::OwnerDissolved => Self::OwnerDissolved,
            Verdict::Archived => Self::Archived,
            Verdict::Compromised => Self::Compromised,
            Verdict::NotRegistered => Self::NotRegistered,
            Verdict::NoRecords => Self::NoRecords,
            Verdict::NotAPage(_) => Self::NotAPage,
            Verdict::UnsupportedPlatform => Self::UnsupportedPlatform,
        }
    }
}

/// Why an address is not the address of a page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "AddressError")]
pub enum NotAPageReason {
    /// No web address, more than one, or a deceptive one.
    NotAUrl,
    /// Address on a host that belongs to no known platform.
    UnknownPlatform,
    /// Home page of the platform.
    PlatformRoot,
    /// Path reserved by the platform.
    ReservedPath,
    /// Profile of a person.
    PersonalProfile,
    /// Invitation to a private channel.
    PrivateInvite,
    /// Internal id of a private channel.
    PrivateChannelId,
    /// Post, video or other content whose address does not name its page.
    ContentNotPage,
    /// Bot.
    BotNotPage,
    /// Handle that the platform does not allow.
    InvalidHandle,
    /// Form of address that the platform's rules do not cover.
    UnknownForm,
}

/// How an address was matched to a page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "verification::MatchedBy")]
pub enum PageMatch {
    /// Permanent id of the page on its platform.
    NativeId,
    /// Handle of the page.
    Handle,
    /// Additional handle that leads to the page.
    Alias,
    /// Former handle of the page; may now belong to anyone.
    FormerHandle,
}

/// Result of the verification of an address.
pub struct PageVerification<'a> {
    pub(super) answer: verification::Verification<'a>,
    pub(super) url: String,
    pub(super) seq: i64,
    pub(super) computed_at: chrono::DateTime<chrono::Utc>,
}

/// Result of the verification of an address.
#[Object]
impl<'a> PageVerification<'a> {
    /// Verified address, as given.
    async fn url(&self) -> &str {
        &self.url
    }

    /// Verdict on the address.
    async fn verdict(&self) -> PageVerdict {
        self.answer.verdict.into()
    }

    /// Reason for the verdict `NOT_A_PAGE`; null for other verdicts.
    async fn reason(&self) -> Option<NotAPageReason> {
        match self.answer.verdict {
            Verdict::NotAPage(refusal) => Some(refusal.into()),
            _ => None,
        }
    }

    /// Page that the address leads to, or that had the handle before; null if the registry has none.
    async fn page(&self) -> Option<SequentialObject<Page<'a>>> {
        self.answer.page.map(Page).map(SequentialObject)
    }

    /// How the address was matched to `page`; null without a page.
    async fn matched_by(&self) -> Option<PageMatch> {
        self.answer.matched_by.map(Into::into)
    }

    /// Canonical URL of the page; null if the address is not that of a page.
    async fn canonical_url(&self) -> Option<Url> {
        self.answer.canonical_url.clone().map(Url)
    }

    /// Official pages with a confusable handle, at most 3; only for addresses that are not registered or whose handle
    /// the platform would not allow.
    async fn lookalikes(&self) -> SequentialList<Page<'a>> {
        SequentialList(self.answer.lookalikes.iter().copied().map(Page).collect())
    }

    /// Page in the registry whose content the address shows over the page of its path, such as a post of another community;
    /// the verdict does not apply to it. Null if there is no such content, or the registry does not have its page.
    async fn embedded_page(&self) -> Option<SequentialObject<Page<'a>>> {
        self.answer.embedded.as_ref()?.page.map(Page).map(SequentialObject)
    }

    /// Canonical URL of the page whose content is shown, even if the registry does not have it; null if there is no such
    /// content.
    async fn embedded_url(&self) -> Option<Url> {
        self.answer.embedded.as_ref()?.canonical_url.clone().map(Url)
    }

    /// Why the content that the address shows over the page of its path cannot be attributed to a page: `PERSONAL_PROFILE`
    /// for a post of a person, `CONTENT_NOT_PAGE` for a post that the platform shows by its number, whatever handle precedes
    /// it (`x.com/name/status/1`). The verdict applies to the page only. Null for all other addresses.
    async fn embedded_reason(&self) -> Option<NotAPageReason> {
        self.answer.embedded.as_ref()?.refusal.map(Into::into)
    }

    /// Current official page that was official at `asOf` according to its source, although the registry had no record of it
    /// then; not proven by the change log. Null otherwise.
    async fn backdated_page(&self) -> Option<SequentialObject<Page<'a>>> {
        self.answer.backdated.map(Page).map(SequentialObject)
    }

    /// Timestamp of the registry's first record; null unless the verdict is `NO_RECORDS`.
    async fn records_since(&self) -> Option<DateTime> {
        self.answer.records_since.map(DateTime)
    }

    /// Timestamp at which the result was computed.
    async fn computed_at(&self) -> DateTime {
        DateTime(self.computed_at)
    }

    /// Sequence number of the change log that the result reflects.
    async fn seq(&self) -> SafeInt {
        SafeInt(self.seq)
    }
}
