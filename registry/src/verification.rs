//! Verification of addresses and accounts.

use chrono::{DateTime, Utc};
use entities::{organization::Status, page::Lifecycle, page_alias};

use crate::{
    address::{Address, AddressError, Key, Resolution},
    view::{PageView, View},
};

/// Maximum number of look-alikes in a result.
const MAX_LOOKALIKES: usize = 3;

/// Verdict on an address or an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The official page of its owner.
    Official,
    /// Registered, but its owner is suspended.
    OwnerSuspended,
    /// Registered, but its owner was liquidated, merged or split.
    OwnerDissolved,
    /// Formerly official, no longer in use.
    Archived,
    /// Official, but its owner has lost control of it.
    Compromised,
    /// A page that is not official in the registry.
    NotRegistered,
    /// The view is from before the registry's first record, so it is unknown.
    NoRecords,
    /// Not the address of a page.
    NotAPage(AddressError),
    /// No known platform is at the host and port, or has the code.
    UnsupportedPlatform,
}

/// How an address was matched to a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// The platform's permanent id.
    NativeId,
    /// The page's own handle.
    Handle,
    /// An additional handle that leads to the page.
    Alias,
    /// A former handle of the page; may now belong to anyone.
    FormerHandle,
}

/// Result of the verification of an address.
pub struct Verification<'a> {
    /// Verdict on the address.
    pub verdict: Verdict,
    /// Page that the address leads to, or led to before.
    pub page: Option<PageView<'a>>,
    /// How the address was matched to the page.
    pub matched_by: Option<MatchedBy>,
    /// Canonical URL of the page.
    pub canonical_url: Option<String>,
    /// Official pages with a confusable handle, for addresses that are not registered or have an invalid handle.
    pub lookalikes: Vec<PageView<'a>>,
    /// Content of another page that the address shows over the page of its path.
    pub embedded: Option<Embedded<'a>>,
    /// Current official page that was official at the time of the view according to its source, although the log had no
    /// record of it then.
    pub backdated: Option<PageView<'a>>,
    /// Timestamp of the registry's first record, if the view is from before it.
    pub records_since: Option<DateTime<Utc>>,
}

/// Content that an address shows over a page: of another page, or of no known page.
pub struct Embedded<'a> {
    /// Page of the content, if the registry has it.
    pub page: Option<PageView<'a>>,
    /// Canonical URL of that page.
    pub canonical_url: Option<String>,
    /// Why the content cannot be attributed to a page.
    pub refusal: Option<AddressError>,
}

/// Verifies an address in a view of the present or the past; `now` is the view of the present.
pub fn verify<'a>(view: &'a View, now: &'a View, url: &str) -> Verification<'a> {
    let Resolution { outcome, embedded, impossible_handle } = view.address_book().read(url);
    let address = match outcome {
        Ok(address) => address,
        Err(error) => {
            let imitated = impossible_handle.map(|(platform, handle)| lookalikes(view, platform, &handle));
            return unresolved(error, imitated.unwrap_or_default());
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
            Err(error) => Embedded { page: None, canonical_url: None, refusal: Some(error) },
        }),
        backdated: backdated(view, now, &address, verdict),
        records_since: view.records_since().filter(|_| verdict == Verdict::NoRecords),
    }
}

/// Verifies an account by its permanent id on a platform: its verdict, and its page if the registry has one.
pub fn verify_account<'a>(
    view: &'a View,
    platform_code: &str,
    native_id: &str,
) -> (Verdict, Option<PageView<'a>>) {
    let Some(platform) = view.platform_by_code(platform_code) else {
        return (Verdict::UnsupportedPlatform, None);
    };
    let page = view.page_by_native_id(platform.id, native_id);
    (verdict(view, page, page.map(|_| MatchedBy::NativeId)), page)
}

fn backdated<'a>(view: &View, now: &'a View, address: &Address, verdict: Verdict) -> Option<PageView<'a>> {
    let day = view.time_zone().day_of(view.as_of()?.at());
    let is_unknown = matches!(verdict, Verdict::NotRegistered | Verdict::NoRecords);
    let page = find_today(now, address).filter(|_| is_unknown)?;
    (page.is_official() && page.valid_from.is_some_and(|since| since <= day)).then_some(page)
}

fn verdict(view: &View, page: Option<PageView<'_>>, matched_by: Option<MatchedBy>) -> Verdict {
    match (page, matched_by) {
        // A page that took over a handle does not inherit the verdict of its former holder.
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
            // A page that is hidden by the status of its owner is not official, even for viewers that may see it.
            (Lifecycle::Registered, Status::Draft | Status::Withdrawn)
            | (Lifecycle::Proposed | Lifecycle::UnderReview | Lifecycle::Rejected, _) => {
                Verdict::NotRegistered
            }
        },
    }
}

fn unresolved(error: AddressError, lookalikes: Vec<PageView<'_>>) -> Verification<'_> {
    let verdict = match error {
        AddressError::UnknownPlatform => Verdict::UnsupportedPlatform,
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

/// Page that an address leads to, without former handles.
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
