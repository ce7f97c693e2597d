//! GraphQL types of verifications.

use async_graphql::{Enum, Object};
use registry::{
    address::Refusal,
    verification::{self, Verdict},
};

use crate::graphql::{
    kit::scalar::{Count, DateTime, Url},
    page::Page,
};

/// Verdict on an address.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PageVerdict {
    /// Official page of its owner.
    Official,
    /// Registered page whose owner is suspended: nobody answers for it at present.
    OwnerSuspended,
    /// Registered page whose owner was liquidated, merged or split, and that no successor has taken over.
    OwnerDissolved,
    /// Official once, no longer kept.
    Archived,
    /// Official page that its owner has lost control of.
    Compromised,
    /// Address of a page that is not official: unknown, proposed, refused, or under a handle that passed on.
    NotRegistered,
    /// `asOf` lies before the registry's first record, at `recordsSince`: the registry cannot say what was official then.
    NoRecords,
    /// Not the address of a page: see `reason`.
    NotAPage,
    /// Address on a platform that the registry does not know.
    UnsupportedPlatform,
}

/// Why an address is not the address of a page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Refusal")]
pub enum NotAPageReason {
    /// No web address at all, several of them, or a deceptive one.
    NotAUrl,
    /// Address on a host that belongs to no known platform.
    UnknownPlatform,
    /// Front page of the platform.
    PlatformRoot,
    /// Path that the platform keeps for itself.
    ReservedPath,
    /// Profile of a person.
    PersonalProfile,
    /// Invitation to a private channel.
    PrivateInvite,
    /// Inner id of a private channel.
    PrivateChannelId,
    /// Post, video or other content that does not name its page.
    ContentNotPage,
    /// Bot.
    BotNotPage,
    /// Name that the platform would not allow.
    InvalidHandle,
    /// Form of address that the platform's rules do not know.
    UnknownForm,
}

/// What led from an address to a page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "verification::MatchedBy")]
pub enum PageMatch {
    /// Permanent id of the page on its platform.
    NativeId,
    /// Handle of the page.
    Handle,
    /// Another handle that leads to the page today.
    Alias,
    /// Handle that the page had before, and that anybody may have today.
    FormerHandle,
}

/// Answer of the registry on an address.
pub struct PageVerification<'a> {
    pub(super) answer: verification::Verification<'a>,
    pub(super) url: String,
    pub(super) seq: i64,
    pub(super) checked_at: chrono::DateTime<chrono::Utc>,
}

/// Answer of the registry on an address.
#[Object]
impl<'a> PageVerification<'a> {
    /// Address that was asked about, as it was given.
    async fn url(&self) -> &str {
        &self.url
    }

    /// Verdict on the address.
    async fn verdict(&self) -> PageVerdict {
        match self.answer.verdict {
            Verdict::Official => PageVerdict::Official,
            Verdict::OwnerSuspended => PageVerdict::OwnerSuspended,
            Verdict::OwnerDissolved => PageVerdict::OwnerDissolved,
            Verdict::Archived => PageVerdict::Archived,
            Verdict::Compromised => PageVerdict::Compromised,
            Verdict::NotRegistered => PageVerdict::NotRegistered,
            Verdict::NoRecords => PageVerdict::NoRecords,
            Verdict::NotAPage(_) => PageVerdict::NotAPage,
            Verdict::UnsupportedPlatform => PageVerdict::UnsupportedPlatform,
        }
    }

    /// Why the address is not the address of a page; null otherwise.
    async fn reason(&self) -> Option<NotAPageReason> {
        match self.answer.verdict {
            Verdict::NotAPage(refusal) => Some(refusal.into()),
            _ => None,
        }
    }

    /// Page that the address leads to, or that had the handle before; null where the registry has none.
    async fn page(&self) -> Option<Page<'a>> {
        self.answer.page.map(Page)
    }

    /// What led from the address to the page; null without a page.
    async fn matched_by(&self) -> Option<PageMatch> {
        self.answer.matched_by.map(Into::into)
    }

    /// Address as the platform itself writes it; null for what is not the address of a page.
    async fn canonical_url(&self) -> Option<Url> {
        self.answer.canonical_url.clone().map(Url)
    }

    /// Official pages with a confusable handle, at most 3; only for addresses that are not registered or whose handle
    /// the platform would not allow.
    async fn lookalikes(&self) -> Vec<Page<'a>> {
        self.answer.lookalikes.iter().copied().map(Page).collect()
    }

    /// Registered page whose content the address shows over the page of its path, such as a post of another community;
    /// the verdict is not about it. Null where nothing is shown, or the registry does not have its page.
    async fn embedded_page(&self) -> Option<Page<'a>> {
        self.answer.embedded.as_ref()?.page.map(Page)
    }

    /// Canonical address of the page whose content is shown, whether the registry has it or not.
    async fn embedded_url(&self) -> Option<Url> {
        self.answer.embedded.as_ref()?.canonical_url.clone().map(Url)
    }

    /// Why what the address shows beside the page of its path is not known to be of a page: `PERSONAL_PROFILE` for a post
    /// of a person, `CONTENT_NOT_PAGE` for a post that the platform shows by its number, whoever's name stands before it
    /// (`x.com/name/status/1`). The verdict is about the page alone. Null for all other addresses.
    async fn embedded_reason(&self) -> Option<NotAPageReason> {
        self.answer.embedded.as_ref()?.refusal.map(Into::into)
    }

    /// Page of today that its source calls official at the moment of `asOf`, though the registry had no record of it then:
    /// a statement of the source, not proved by the log. Null otherwise.
    async fn backdated_page(&self) -> Option<Page<'a>> {
        self.answer.backdated.map(Page)
    }

    /// Timestamp of the registry's first record; only with the verdict `NO_RECORDS`.
    async fn records_since(&self) -> Option<DateTime> {
        self.answer.records_since.map(DateTime)
    }

    /// Timestamp of the answer.
    async fn checked_at(&self) -> DateTime {
        DateTime(self.checked_at)
    }

    /// Place in the change log at which the answer is true.
    async fn registry_seq(&self) -> Count {
        Count(self.seq.unsigned_abs())
    }
}
