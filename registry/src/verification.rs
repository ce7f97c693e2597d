//! What the registry says of an address.

use chrono::{DateTime, Utc};
use entities::{organization::Status, page::Lifecycle, page_alias};

use crate::{
    address::{Address, Key, Refusal, Resolution},
    view::{PageView, View},
};

/// Most look-alikes that an answer names.
const MAX_LOOKALIKES: usize = 3;

/// Verdict on an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The official page of its owner.
    Official,
    /// Registered, but its owner is suspended.
    OwnerSuspended,
    /// Registered, but its owner was liquidated, merged or split.
    OwnerDissolved,
    /// Official once, no longer kept.
    Archived,
    /// Official, but its owner has lost control of it.
    Compromised,
    /// The address of a page that the registry does not have as official.
    NotRegistered,
    /// Of a time before the registry's first record: it cannot say.
    NoRecords,
    /// Not the address of a page.
    NotAPage(Refusal),
    /// On a platform that the registry does not know.
    UnsupportedPlatform,
}

/// What led from the address to the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// The platform's permanent id.
    NativeId,
    /// The page's own handle.
    Handle,
    /// Another handle that leads to the page today.
    Alias,
    /// A handle that the page had before, and that anybody may have today.
    FormerHandle,
}

/// The registry's answer on an address.
pub struct Verification<'a> {
    /// Verdict on the address.
    pub verdict: Verdict,
    /// Page that the address leads to, or led to before.
    pub page: Option<PageView<'a>>,
    /// What led to the page.
    pub matched_by: Option<MatchedBy>,
    /// Address as the platform itself writes it.
    pub canonical_url: Option<String>,
    /// Official pages that a hurried reader could take the address for.
    pub lookalikes: Vec<PageView<'a>>,
    /// What the platform shows over the page of the address.
    pub embedded: Option<Embedded<'a>>,
    /// Page of today that its source calls official at the moment of the past that was asked about, of which the log
    /// of then knows nothing.
    pub backdated: Option<PageView<'a>>,
    /// Timestamp of the registry's first record, where the question is of a time before it.
    pub records_since: Option<DateTime<Utc>>,
}

/// What an address shows over a page: content of another page, or of nobody's.
pub struct Embedded<'a> {
    /// The page, where the registry has it.
    pub page: Option<PageView<'a>>,
    /// Address of the page as the platform itself writes it.
    pub canonical_url: Option<String>,
    /// Why what is shown is no page's.
    pub refusal: Option<Refusal>,
}

/// Judges an address, as of a view of now or of the past.
pub fn verify<'a>(view: &'a View, now: &'a View, url: &str) -> Verification<'a> {
    let Resolution { outcome, embedded, impossible_handle } = view.address_book().read(url);
    let address = match outcome {
        Ok(address) => address,
        Err(refusal) => {
            let imitated = impossible_handle.map(|(platform, handle)| lookalikes(view, platform, &handle));
            return refused(refusal, imitated.unwrap_or_default());
        }
    };
    let (page, matched_by) = find(view, &address).unzip();
    let verdict = verdict(view, page, matched_by);
    let lookalikes = match (&address.key, verdict) {
        (Key::Handle(handle), Verdict::NotRegistered) => lookalikes(view, address.platform_id, handle),
        _ => Vec::new(),
    };
    let own = page.filter(|_| matched_by != Some(MatchedBy::FormerHandle)).and_then(|page| page.url());
    Verification {
        verdict,
        page,
        matched_by,
        canonical_url: own.or_else(|| canonical(view, &address)),
        lookalikes,
        embedded: embedded.map(|embedded| match embedded {
            Ok(address) => Embedded {
                page: find_today(view, &address),
                canonical_url: canonical(view, &address),
                refusal: None,
            },
            Err(refusal) => Embedded { page: None, canonical_url: None, refusal: Some(refusal) },
        }),
        backdated: backdated(view, now, &address, verdict),
        records_since: view.records_since().filter(|_| verdict == Verdict::NoRecords),
    }
}

fn backdated<'a>(view: &View, now: &'a View, address: &Address, verdict: Verdict) -> Option<PageView<'a>> {
    let day = view.past()?.at().date_naive();
    let is_unknown = matches!(verdict, Verdict::NotRegistered | Verdict::NoRecords);
    let page = find_today(now, address).filter(|_| is_unknown)?;
    (page.is_official() && page.valid_from.is_some_and(|since| since <= day)).then_some(page)
}

fn verdict(view: &View, page: Option<PageView<'_>>, matched_by: Option<MatchedBy>) -> Verdict {
    match (page, matched_by) {
        // Whoever took a handle over inherits nothing of the page that had it.
        (_, Some(MatchedBy::FormerHandle)) | (None, _) if view.records_since().is_some() => {
            Verdict::NoRecords
        }
        (_, Some(MatchedBy::FormerHandle)) | (None, _) => Verdict::NotRegistered,
        (Some(page), _) => match (page.lifecycle, page.owner().status) {
            (Lifecycle::Registered, Status::Active) => Verdict::Official,
            (Lifecycle::Registered, Status::Suspended) => Verdict::OwnerSuspended,
            (Lifecycle::Registered, Status::Merged | Status::Split | Status::Liquidated) => {
                Verdict::OwnerDissolved
            }
            (Lifecycle::Archived, _) => Verdict::Archived,
            (Lifecycle::Compromised, _) => Verdict::Compromised,
            // What its owner's status hides is no official page, whoever may see it.
            (Lifecycle::Registered, Status::Draft | Status::Withdrawn)
            | (Lifecycle::Proposed | Lifecycle::UnderReview | Lifecycle::Rejected, _) => {
                Verdict::NotRegistered
            }
        },
    }
}

fn refused(refusal: Refusal, lookalikes: Vec<PageView<'_>>) -> Verification<'_> {
    let verdict = match refusal {
        Refusal::UnknownPlatform => Verdict::UnsupportedPlatform,
        other => Verdict::NotAPage(other),
    };
    Verification {
        verdict,
        page: None,
        matched_by: None,
        canonical_url: None,
        lookalikes,
        embedded: None,
        backdated: None,
        records_since: None,
    }
}

fn lookalikes<'a>(view: &'a View, platform_id: i64, handle: &str) -> Vec<PageView<'a>> {
    view.lookalikes(platform_id, handle, MAX_LOOKALIKES)
}

/// Page that an address leads to today.
pub fn page_at<'a>(view: &'a View, url: &str) -> Option<PageView<'a>> {
    find_today(view, &view.address_book().resolve(url).ok()?)
}

fn find_today<'a>(view: &'a View, address: &Address) -> Option<PageView<'a>> {
    let (page, matched_by) = find(view, address)?;
    (matched_by != MatchedBy::FormerHandle).then_some(page)
}

fn find<'a>(view: &'a View, address: &Address) -> Option<(PageView<'a>, MatchedBy)> {
    let direct = view.page_by_key(address.platform_id, &address.key);
    match (&address.key, direct) {
        (Key::NativeId(_), found) => found.map(|page| (page, MatchedBy::NativeId)),
        (Key::Handle(_), Some(page)) => Some((page, MatchedBy::Handle)),
        (Key::Handle(handle), None) => {
            let found = view.page_by_alias(address.platform_id, handle)?;
            let matched_by = match found.alias.kind {
                page_alias::Kind::Parallel => MatchedBy::Alias,
                page_alias::Kind::Former => MatchedBy::FormerHandle,
            };
            Some((found.page, matched_by))
        }
    }
}

fn canonical(view: &View, address: &Address) -> Option<String> {
    let platform = view.address_book().platform(address.platform_id)?;
    match &address.key {
        Key::NativeId(id) => platform.canonical_url(Some(id), None),
        Key::Handle(handle) => platform.canonical_url(None, Some(handle)),
    }
}
