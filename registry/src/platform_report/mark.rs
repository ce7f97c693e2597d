//! Reports of marks: a platform says which state its mark on a page has.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use entities::page::Mark;

use super::outcome::{Rejection, RowCode as Code};
use crate::{
    author::Author,
    change_log::ChangeSet,
    mark::{Act, Confirmation, Requirement, can_become, check_requirement, claim, confirmed},
    model::{CLOCK_DIFFERENCE, MarkState, Page, SourceRank, rank_of},
    provenance::{Origin, PageFieldName, Precedence, RecordField},
    record_reference::PageReference,
    snapshot::{Snapshot, member_text},
};

/// State of the mark on a page, as a platform reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkReportRow {
    /// The page.
    pub page: PageReference,
    /// State of the mark.
    pub state: Mark,
    /// Method by which it was confirmed.
    pub method: Option<String>,
    /// Timestamp of the state.
    pub at: Option<DateTime<Utc>>,
    /// Last day of a confirmed mark.
    pub expires_on: Option<NaiveDate>,
}

/// State of the page after a row; `None` if the registry has it already.
pub(super) fn state_after(
    change_set: &ChangeSet,
    author: &Author,
    row: &MarkReportRow,
) -> Result<Option<Page>, Rejection> {
    let (snapshot, now) = (change_set.snapshot(), change_set.now());
    let page = row.page.resolve(snapshot, author).map_err(Rejection::of_page)?;
    let at = row.at.map(|at| at.trunc_subsecs(6));
    if at.is_some_and(|at| at > now + CLOCK_DIFFERENCE) {
        return Err(Rejection::in_future("at"));
    }
    let is_pinned = Precedence::of(snapshot).pins(PageFieldName::Mark, &*page, SourceRank::Platform);
    let is_reported = rank_of(&page.field_sources, PageFieldName::Mark.name()) == SourceRank::Platform;
    let is_same = says_the_same(row, at, &page.mark);
    if is_same && (is_pinned || is_reported || row.state == Mark::None) {
        return Ok(None);
    }
    if is_pinned {
        return Err(Rejection::pinned("the mark"));
    }
    if !can_become(page.mark.state, row.state) {
        let text = "`NONE` is not the end of a mark; report `REJECTED`, `EXPIRED`, `REVOKED` or `LOST`.";
        return Err(Rejection::new(Code::StateNotReportable, text));
    }
    if let Some(known) = page.mark.at.filter(|known| at.is_some_and(|at| at < *known)) {
        let text = format!(
            "The mark is {} since {}; leave out `at` if the reported state is that of now.",
            member_text(&page.mark.state),
            known.to_rfc3339()
        );
        return Err(Rejection::new(Code::OlderThanKnown, text));
    }
    let mark = if is_same { page.mark.clone() } else { reported(snapshot, &page, row, (at, now))? };
    let mut after = Page { mark, ..Page::clone(&page) };
    claim(snapshot, &mut after, PageFieldName::Mark, reported_by(author, now));
    Ok(Some(after))
}

/// What a report says has the rank of platforms, whoever sends it.
pub(super) fn reported_by(author: &Author, at: DateTime<Utc>) -> Origin<'_> {
    Origin { rank: SourceRank::Platform, ..Origin::of(author, at) }
}

/// Whether a row says nothing but what is known; what it leaves out is not compared.
fn says_the_same(row: &MarkReportRow, at: Option<DateTime<Utc>>, known: &MarkState) -> bool {
    row.state == known.state
        && row.method.as_deref().is_none_or(|method| known.method.as_deref() == Some(method))
        && at.is_none_or(|at| known.at == Some(at))
        && row.expires_on.is_none_or(|day| known.expires_on == Some(day))
}

/// The mark that a row reports.
fn reported(
    snapshot: &Snapshot,
    page: &Page,
    row: &MarkReportRow,
    (at, now): (Option<DateTime<Utc>>, DateTime<Utc>),
) -> Result<MarkState, Rejection> {
    let requires = Act::leading_to(row.state).map_or(Requirement::Nothing, Act::requires);
    check_requirement(snapshot, page, requires)?;
    if row.state == Mark::Confirmed {
        let confirmation = confirmation(&page.mark, row, at)?;
        return confirmed(snapshot, page, &confirmation, now).map_err(Rejection::from);
    }
    if row.expires_on.is_some() {
        let text = "Only a mark that is `CONFIRMED` has `expiresOn`.";
        return Err(Rejection::new(Code::ExpiryNotAllowed, text));
    }
    // A new request is not yet confirmed by any method.
    let known = || page.mark.method.clone().filter(|_| row.state != Mark::Requested);
    let mark = MarkState {
        state: row.state,
        method: row.method.as_deref().map(Into::into).or_else(known),
        at: Some(at.unwrap_or(now).min(now)),
        expires_on: None,
    };
    let platform = snapshot.platform(page.platform_id);
    let methods = platform.map(|platform| &*platform.mark_methods).unwrap_or_default();
    match mark.fault(methods, now, true) {
        None => Ok(mark),
        Some(fault) if methods.is_empty() => Err(Rejection::new(Code::NoMarkOnPlatform, fault)),
        Some(fault) => Err(Rejection::new(Code::UnknownMethod, fault)),
    }
}

/// The confirmation that a row reports; one that is reported again has what the row leaves out.
fn confirmation(
    known: &MarkState,
    row: &MarkReportRow,
    at: Option<DateTime<Utc>>,
) -> Result<Confirmation, Rejection> {
    let is_again = known.state == Mark::Confirmed;
    let method = row.method.as_deref().or(known.method.as_deref().filter(|_| is_again));
    let method = method.ok_or_else(|| {
        let text = "A mark that is `CONFIRMED` needs a `method` of the platform.";
        Rejection::new(Code::MethodMissing, text)
    })?;
    let at = at.or(known.at.filter(|_| is_again));
    // A later confirmation has a last day of its own.
    let expires_on = row.expires_on.or(known.expires_on.filter(|_| is_again && at == known.at));
    Ok(Confirmation { method: method.to_owned(), at, expires_on })
}
