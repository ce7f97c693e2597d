//! Reports of availability: a platform says whether the pages on it can be reached.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use entities::{page::Availability, page_alias::Kind};

use super::{
    mark::reported_by,
    outcome::{Rejection, RowCode as Code},
};
use crate::{
    address::Key,
    author::Author,
    change_log::ChangeSet,
    mark::claim,
    model::{Alias, CLOCK_DIFFERENCE, Page, SourceRank},
    provenance::{PageFieldName, Precedence},
    record_reference::PageReference,
    snapshot::{Snapshot, member_text},
};

/// Time after which a check that finds nothing new is recorded again, so that daily reports do not fill the change log.
const RECORDED_AGAIN: TimeDelta = TimeDelta::days(7);

/// Availability of a page, as its platform reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvailabilityReportRow {
    /// The page.
    pub page: PageReference,
    /// What the platform found.
    pub availability: Availability,
    /// Timestamp of the check.
    pub checked_at: Option<DateTime<Utc>>,
    /// Handle that a renamed page has now.
    pub new_handle: Option<String>,
}

/// State of the page after a row; `None` if the registry has it already.
pub(super) fn state_after(
    change_set: &ChangeSet,
    author: &Author,
    row: &AvailabilityReportRow,
) -> Result<Option<Page>, Rejection> {
    let (snapshot, now) = (change_set.snapshot(), change_set.now());
    let page = row.page.resolve(snapshot, author).map_err(Rejection::of_page)?;
    let at = row.checked_at.map_or(now, |at| at.trunc_subsecs(6));
    if at > now + CLOCK_DIFFERENCE {
        return Err(Rejection::in_future("checkedAt"));
    }
    check_row(row, &page)?;
    let text = row.new_handle.as_deref();
    let handle = text.map(|text| normal_handle(snapshot, page.platform_id, text)).transpose()?;
    // The registry has the new address, where the page is live.
    let found = if handle.is_some() { Availability::Live } else { row.availability };
    let renamed = handle.filter(|handle| Some(handle) != page.handle.as_ref());
    let is_pinned = |field| Precedence::of(snapshot).pins(field, &*page, SourceRank::Platform);
    let last = page.availability_checked_at;
    if page.availability == found && renamed.is_none() {
        let is_recent = last.is_some_and(|last| at < last + RECORDED_AGAIN);
        if is_recent || is_pinned(PageFieldName::Availability) {
            return Ok(None);
        }
    }
    if is_pinned(PageFieldName::Availability) || (renamed.is_some() && is_pinned(PageFieldName::Handle)) {
        return Err(Rejection::pinned("the availability or the handle"));
    }
    if let Some(last) = last.filter(|last| at < *last) {
        let text = format!("The registry has a later check, of {}.", last.to_rfc3339());
        return Err(Rejection::new(Code::OlderThanKnown, text));
    }
    let mut after = Page::clone(&page);
    if let Some(handle) = renamed {
        check_free(snapshot, &page, &handle)?;
        after.rename(Some(handle), now);
        claim(snapshot, &mut after, PageFieldName::Handle, reported_by(author, now));
    }
    after.availability = found;
    after.availability_checked_at = Some(at.min(now));
    claim(snapshot, &mut after, PageFieldName::Availability, reported_by(author, now));
    Ok(Some(after))
}

/// Checks that a row says something about a page that can be checked.
fn check_row(row: &AvailabilityReportRow, page: &Page) -> Result<(), Rejection> {
    if row.availability == Availability::Unknown {
        let text = "`UNKNOWN` is no result of a check; leave the row out.";
        return Err(Rejection::new(Code::StateNotReportable, text));
    }
    if row.new_handle.is_some() && row.availability != Availability::Renamed {
        let text = "Only a page that is `RENAMED` has `newHandle`.";
        return Err(Rejection::new(Code::NewHandleNotAllowed, text));
    }
    if !page.is_live() {
        let text = format!("The page is {}; only pages in use are checked.", member_text(&page.lifecycle));
        return Err(Rejection::new(Code::PageNotInUse, text));
    }
    Ok(())
}

/// A handle in its normal form: its address must be that of a page.
fn normal_handle(snapshot: &Snapshot, platform_id: i64, text: &str) -> Result<Box<str>, Rejection> {
    let book = snapshot.address_book();
    let normal = || {
        let platform = book.platform(platform_id)?;
        let folded = platform.handle(text.trim()).ok()?;
        let Some(url) = platform.canonical_url(None, Some(&folded)) else { return Some(folded) };
        let address = book.resolve(&url).ok().filter(|address| address.platform_id == platform_id)?;
        match address.key {
            Key::Handle(handle) => Some(handle),
            Key::NativeId(_) => None,
        }
    };
    normal().ok_or_else(|| {
        Rejection::new(
            Code::InvalidHandle,
            "`newHandle` is not a handle that a page can have on this platform.",
        )
    })
}

/// Checks that no other live page has a handle.
fn check_free(snapshot: &Snapshot, page: &Page, handle: &str) -> Result<(), Rejection> {
    let is_other = |other: &Page| other.is_live() && other.id != page.id;
    let is_parallel = |alias: &Alias| *alias.handle == *handle && alias.kind == Kind::Parallel;
    let is_taken = snapshot.page_by_handle(page.platform_id, handle).is_some_and(|it| is_other(it));
    let mut by_alias = snapshot.pages_by_alias(page.platform_id, handle);
    if is_taken || by_alias.any(|other| is_other(other) && other.aliases.iter().any(is_parallel)) {
        let text = "Another page of the registry has the handle; if it was renamed, too, report that first.";
        return Err(Rejection::new(Code::HandleTaken, text));
    }
    Ok(())
}
