//! Acts of persons on marks, each as one write.

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::{
    change::SubjectType,
    organization::Status,
    page::{Lifecycle, Mark},
};

use super::{
    act::{Confirmation, MarkAct},
    error::{MarkError, MarkErrorCode as Code},
    workflow::{Act, Requirement},
};
use crate::{
    author::Author,
    change_log::{ChangeSet, Registry},
    idempotency::{WriteRequest, Written, write_once},
    model::{CLOCK_DIFFERENCE, Evidence, MarkState, Page, Scope, SourceRank, rank_of},
    provenance::{Origin, PageFieldName, Precedence, RecordField, set_field_source},
    record_reference::PageReference,
    snapshot::Snapshot,
};

/// Performs an act on the mark of a page; returns the id of the page.
///
/// # Errors
/// When the database does not answer, or the author's key was revoked. The inner error is the reason why the act is
/// refused.
pub async fn perform(
    registry: &Registry,
    request: WriteRequest,
    page: PageReference,
    act: MarkAct,
) -> Result<Result<Written<i64>, MarkError>> {
    if matches!(act, MarkAct::Confirm(_)) && request.evidence.as_ref().is_none_or(Evidence::is_empty) {
        return Ok(Err(MarkError::no_evidence()));
    }
    let author = request.author.clone();
    let (subject, target) = (page.clone(), page.clone());
    let written = write_once(
        registry,
        request,
        move |snapshot, author| {
            let found = subject.resolve(snapshot, author).ok()?;
            Some((SubjectType::Page, found.id))
        },
        move |change_set, author| apply(change_set, author, &target, &act),
    );
    match written.await? {
        Ok(written) => Ok(Ok(written)),
        Err(error) => {
            // The refusal is about the state at the log's head.
            registry.catch_up().await?;
            let found = page.resolve(&registry.snapshot(), &author).ok().map(|page| page.id);
            Ok(Err(MarkError { page_id: error.page_id.or(found), ..error }))
        }
    }
}

/// Performs an act on the mark of a page in a write that has begun; returns the id of the page.
///
/// # Errors
/// When the snapshot cannot apply the new state. The inner error is the reason why the act is refused.
pub fn apply(
    change_set: &mut ChangeSet,
    author: &Author,
    page: &PageReference,
    act: &MarkAct,
) -> Result<Result<i64, MarkError>> {
    let after = match state_after(change_set, author, page, act) {
        Ok(after) => after,
        Err(error) => return Ok(Err(error)),
    };
    let id = after.id;
    change_set.upsert(after, None)?;
    Ok(Ok(id))
}

/// State of the page after an act, if the rules allow it.
fn state_after(
    change_set: &ChangeSet,
    author: &Author,
    page: &PageReference,
    act: &MarkAct,
) -> Result<Page, MarkError> {
    let (snapshot, now, kind) = (change_set.snapshot(), change_set.now(), act.kind());
    let page = page.resolve(snapshot, author).map_err(MarkError::of_page)?;
    if !kind.scopes().iter().any(|scope| author.has(*scope)) {
        return Err(MarkError::lacks(kind.scopes()).about(page.id));
    }
    let source = rank_of(&page.field_sources, PageFieldName::Mark.name());
    // A request asks the operator again, and decides nothing.
    if kind != Act::Request && source == SourceRank::Operator && rank(author) < SourceRank::Operator {
        return Err(MarkError::outranked().about(page.id));
    }
    let next = kind.next(page.mark.state).ok_or_else(|| MarkError::illegal(kind, &page).about(page.id))?;
    check_requirement(snapshot, &page, kind.requires()).map_err(|error| error.about(page.id))?;
    let mark = match act {
        MarkAct::Confirm(confirmation) => {
            confirmed(snapshot, &page, confirmation, now).map_err(|error| error.about(page.id))?
        }
        // A new request is not yet confirmed by any method.
        MarkAct::Request => MarkState { state: next, method: None, at: Some(now), expires_on: None },
        MarkAct::Pend | MarkAct::Reject | MarkAct::Revoke | MarkAct::Lose => page.mark.in_state(next, now),
    };
    let mut after = Page { mark, ..Page::clone(&page) };
    let origin = Origin { rank: rank(author), ..Origin::of(author, now) };
    if origin.rank > SourceRank::Import {
        claim(snapshot, &mut after, PageFieldName::Mark, origin);
    }
    Ok(after)
}

/// Checks what an act requires of a page.
///
/// # Errors
/// When the page does not meet it.
pub(crate) fn check_requirement(
    snapshot: &Snapshot,
    page: &Page,
    requires: Requirement,
) -> Result<(), MarkError> {
    if requires == Requirement::Nothing {
        return Ok(());
    }
    if snapshot.platform(page.platform_id).is_none_or(|platform| platform.mark_methods.is_empty()) {
        return Err(MarkError::no_mark());
    }
    if requires == Requirement::InUse {
        let is_in_use =
            matches!(page.lifecycle, Lifecycle::Proposed | Lifecycle::UnderReview | Lifecycle::Registered);
        return if is_in_use { Ok(()) } else { Err(MarkError::not_in_use(page)) };
    }
    if page.lifecycle != Lifecycle::Registered {
        return Err(MarkError::not_registered(page));
    }
    let owner = snapshot.organization(page.owner_id).map(|owner| &**owner);
    match owner.map(|owner| owner.status) {
        Some(Status::Active) => Ok(()),
        _ => Err(MarkError::not_active(owner)),
    }
}

/// The confirmed mark of a page.
pub(crate) fn confirmed(
    snapshot: &Snapshot,
    page: &Page,
    confirmation: &Confirmation,
    now: DateTime<Utc>,
) -> Result<MarkState, MarkError> {
    let platform = snapshot.platform(page.platform_id).ok_or_else(MarkError::no_mark)?;
    let known = platform.mark_methods.iter().find(|method| ***method == *confirmation.method);
    let method = known.ok_or_else(|| MarkError::unknown_method(platform))?;
    let at = confirmation.at.unwrap_or(now);
    if at > now + CLOCK_DIFFERENCE {
        return Err(MarkError::new(
            Code::DateInFuture,
            "The date of the confirmation is in the future.",
            "at",
        ));
    }
    if confirmation.expires_on.is_some_and(|day| day < snapshot.time_zone().day_of(now)) {
        let text = "The last day of the mark is over; leave it out, or give a day that is not in the past.";
        return Err(MarkError::new(Code::ExpiryInPast, text, "expiresOn"));
    }
    let (method, expires_on) = (Some(method.clone()), confirmation.expires_on);
    Ok(MarkState { state: Mark::Confirmed, method, at: Some(at.min(now)), expires_on })
}

/// Rank of what an author says about a mark: authors who only submit speak for their platform, or else for no source.
fn rank(author: &Author) -> SourceRank {
    let decides = [Scope::Write, Scope::Review].into_iter().any(|scope| author.has(scope));
    match author.platform_id() {
        _ if decides => author.rank(),
        Some(_) => SourceRank::Platform,
        None => SourceRank::Import,
    }
}

/// Makes an author the source of a field, unless a source that outranks him is.
pub(crate) fn claim(snapshot: &Snapshot, page: &mut Page, field: PageFieldName, origin: Origin<'_>) {
    if !Precedence::of(snapshot).pins(field, page, origin.rank) {
        set_field_source(page, field, origin);
    }
}
