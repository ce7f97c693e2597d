//! GraphQL types of verifications.

use async_graphql::{Enum, Object};

use super::service::{self, Verdict};
use crate::{
    address::Refusal,
    kit::scalar::{Count, DateTime, Url},
    page::Page,
};

/// Verdict on an address.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PageVerdict {
    /// Official page of its owner.
    Official,
    /// Official once, no longer kept.
    Archived,
    /// Official page that its owner has lost control of.
    Compromised,
    /// Address of a page that is not official: unknown, proposed, refused, or under a handle that passed on.
    NotRegistered,
    /// Not the address of a page: see `reason`.
    NotAPage,
    /// Address on a platform that the registry does not know.
    UnsupportedPlatform,
}

/// Why an address is not the address of a page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Refusal")]
pub enum NotAPageReason {
    /// No web address at all, or a deceptive one.
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
#[graphql(remote = "service::MatchedBy")]
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
    pub(super) answer: service::Verification<'a>,
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
            Verdict::Archived => PageVerdict::Archived,
            Verdict::Compromised => PageVerdict::Compromised,
            Verdict::NotRegistered => PageVerdict::NotRegistered,
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

    /// Official pages that a hurried reader could take the address for; at most 3, and only when it is not registered.
    async fn lookalikes(&self) -> Vec<Page<'a>> {
        self.answer.lookalikes.iter().copied().map(Page).collect()
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
