//! What the registry says of an address.

use entities::{page::Lifecycle, page_alias};

use crate::{
    address::{Address, Key, Refusal},
    snapshot::{PageView, View},
};

/// Most look-alikes that an answer names.
const MAX_LOOKALIKES: usize = 3;

/// Verdict on an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The official page of its owner.
    Official,
    /// Official once, no longer kept.
    Archived,
    /// Official, but its owner has lost control of it.
    Compromised,
    /// The address of a page that the registry does not have as official.
    NotRegistered,
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
}

/// Judges an address.
pub fn verify<'a>(view: &'a View, url: &str) -> Verification<'a> {
    let address = match view.address_book().resolve(url) {
        Ok(address) => address,
        Err(refusal) => {
            let verdict = match refusal {
                Refusal::UnknownPlatform => Verdict::UnsupportedPlatform,
                other => Verdict::NotAPage(other),
            };
            return Verification {
                verdict,
                page: None,
                matched_by: None,
                canonical_url: None,
                lookalikes: vec![],
            };
        }
    };
    let (page, matched_by) = find(view, &address).unzip();
    let verdict = match (page, matched_by) {
        // Whoever took a handle over inherits nothing of the page that had it.
        (_, Some(MatchedBy::FormerHandle)) | (None, _) => Verdict::NotRegistered,
        (Some(page), _) => match page.lifecycle {
            Lifecycle::Registered => Verdict::Official,
            Lifecycle::Archived => Verdict::Archived,
            Lifecycle::Compromised => Verdict::Compromised,
            Lifecycle::Proposed | Lifecycle::UnderReview | Lifecycle::Rejected => Verdict::NotRegistered,
        },
    };
    let lookalikes = match (&address.key, verdict) {
        (Key::Handle(handle), Verdict::NotRegistered) => {
            view.lookalikes(address.platform_id, handle, MAX_LOOKALIKES)
        }
        _ => Vec::new(),
    };
    let own = page.filter(|_| matched_by != Some(MatchedBy::FormerHandle)).and_then(|page| page.url());
    let canonical_url = own.or_else(|| canonical(view, &address));
    Verification { verdict, page, matched_by, canonical_url, lookalikes }
}

/// Page that an address leads to today.
pub fn page_at<'a>(view: &'a View, url: &str) -> Option<PageView<'a>> {
    let address = view.address_book().resolve(url).ok()?;
    find(view, &address)
        .filter(|(_, matched_by)| *matched_by != MatchedBy::FormerHandle)
        .map(|(page, _)| page)
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
