//! Writing a proposed value, by the rules of imports and with what follows from it.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use entities::{
    change::SubjectType,
    organization::{CodeOrigin, Status},
    page::{Lifecycle, Mark},
};

use super::{
    field::{OrganizationFieldName, PageFieldName, RecordField},
    merge::{Origin, set_field_source},
};
use crate::{
    change_log::ChangeSet,
    model::{Organization, OtherName, OtherNameKind, Page, Proposal},
    snapshot::{MAX_DEPTH, Snapshot, member_text},
};

/// Why a value cannot be written, or nothing.
type Outcome = Result<Result<(), String>>;

/// The archived state of a page; a confirmed mark expires.
pub(crate) fn archived(page: &Page, at: DateTime<Utc>) -> Page {
    let mut page = Page { lifecycle: Lifecycle::Archived, ..page.clone() };
    if page.mark.state == Mark::Confirmed {
        page.mark = page.mark.in_state(Mark::Expired, at);
    }
    page
}

/// Writes the value of a proposal into its page or organization, whose source it becomes.
pub(super) fn write(change_set: &mut ChangeSet, proposal: &Proposal) -> Outcome {
    let missing = "the subject of a proposal is missing";
    let snapshot = change_set.snapshot();
    match proposal.subject_type {
        SubjectType::Page => {
            let page = snapshot.page(proposal.subject_id).context(missing)?.clone();
            write_page(change_set, &page, proposal)
        }
        _ => {
            let organization = snapshot.organization(proposal.subject_id).context(missing)?.clone();
            write_organization(change_set, &organization, proposal)
        }
    }
}

fn field_of<F: RecordField>(proposal: &Proposal) -> Result<F> {
    F::parse(&proposal.field)
        .with_context(|| format!("a proposal is of the unknown field {}", proposal.field))
}

fn write_page(change_set: &mut ChangeSet, known: &Page, proposal: &Proposal) -> Outcome {
    let (now, field) = (change_set.now(), field_of::<PageFieldName>(proposal)?);
    let mut page = known.clone();
    field.put(&mut page, &proposal.proposed).context("a proposed value is not readable")?;
    match field {
        PageFieldName::Handle => {
            let handle = std::mem::replace(&mut page.handle, known.handle.clone());
            page.rename(handle, now);
        }
        PageFieldName::Lifecycle => match lifecycle_step(known, page.lifecycle, now) {
            Ok(step) => page = step,
            Err(fault) => return Ok(Err(fault)),
        },
        // The mark was confirmed for the former owner.
        PageFieldName::Owner if page.owner_id != known.owner_id && page.mark.state == Mark::Confirmed => {
            page.mark = page.mark.in_state(Mark::Lost, now);
        }
        // A file does not say when it was checked.
        PageFieldName::Availability => page.availability_checked_at = None,
        PageFieldName::Widget => page.widget_checked_at = None,
        _ => {}
    }
    page.co_owners.retain(|id| *id != page.owner_id);
    set_field_source(&mut page, field, Origin::import(&proposal.source, now));
    if let Some(fault) = taken(change_set.snapshot(), &page) {
        return Ok(Err(fault));
    }
    let before = change_set.snapshot().page_faults(known, now);
    if matches!(known.lifecycle, Lifecycle::Archived | Lifecycle::Rejected) && page.is_official() {
        let under_review = Page { lifecycle: Lifecycle::UnderReview, ..known.clone() };
        change_set.upsert(under_review, None)?;
    }
    change_set.upsert(page, None)?;
    let after = change_set.snapshot();
    let faults = after.page(known.id).map(|page| after.page_faults(page, now));
    Ok(none_new(&before, faults.unwrap_or_default()))
}

/// The page in the lifecycle stage that an import gives: registered, or archived.
fn lifecycle_step(known: &Page, to: Lifecycle, now: DateTime<Utc>) -> Result<Page, String> {
    match (known.lifecycle, to) {
        (from, to) if from == to => Ok(known.clone()),
        (Lifecycle::Archived | Lifecycle::Rejected, Lifecycle::Registered) => {
            Ok(Page { lifecycle: to, ..known.clone() })
        }
        (_, Lifecycle::Archived) if known.is_live() => Ok(archived(known, now)),
        (from, to) => {
            Err(format!("A page that is {} cannot become {}.", member_text(&from), member_text(&to)))
        }
    }
}

/// Whether another live page has the native id or the handle of a live page. The text does not name it: it may
/// be hidden.
fn taken(snapshot: &Snapshot, page: &Page) -> Option<String> {
    if !page.is_live() {
        return None;
    }
    let by_id = page.native_id.as_ref().and_then(|id| snapshot.page_by_native_id(page.platform_id, id));
    let by_handle = page.handle.as_ref().and_then(|handle| snapshot.page_by_handle(page.platform_id, handle));
    let mut known = by_id.into_iter().chain(by_handle);
    let is_taken = known.any(|other| other.is_live() && other.id != page.id);
    is_taken.then(|| "Another page of the registry has this handle or id.".into())
}

fn write_organization(change_set: &mut ChangeSet, known: &Organization, proposal: &Proposal) -> Outcome {
    let (now, field) = (change_set.now(), field_of::<OrganizationFieldName>(proposal)?);
    let mut organization = known.clone();
    field.put(&mut organization, &proposal.proposed).context("a proposed value is not readable")?;
    let snapshot = change_set.snapshot();
    if let Some(fault) = organization_fault(snapshot, known, &organization) {
        return Ok(Err(fault));
    }
    if organization.code != known.code {
        organization.former_codes.retain(|code| *code != organization.code);
        organization.former_codes.push(known.code.clone());
        organization.code_origin = Some(CodeOrigin::Given);
    }
    if organization.name != known.name {
        keep_name(&mut organization, &known.name, snapshot.time_zone().day_of(now));
    }
    set_field_source(&mut organization, field, Origin::import(&proposal.source, now));
    let before = snapshot.organization_faults(known);
    change_set.upsert(organization, None)?;
    let after = change_set.snapshot();
    let faults = after.organization(known.id).map(|it| after.organization_faults(it));
    Ok(none_new(&before, faults.unwrap_or_default()))
}

/// Why an organization cannot get its new code, status or parent.
fn organization_fault(snapshot: &Snapshot, known: &Organization, new: &Organization) -> Option<String> {
    let has_ended = !matches!(known.status, Status::Draft | Status::Active | Status::Suspended);
    if has_ended && new.status != known.status {
        return Some(format!("“{}” has ended; its status is final.", known.name));
    }
    let is_another = |it: &Organization| it.id != known.id;
    if new.code != known.code && snapshot.organizations_with_code(&new.code).any(|it| is_another(it)) {
        return Some(format!("Another organization has or had the code `{}`.", new.code));
    }
    if new.parent_id == known.parent_id {
        return None;
    }
    let up = std::iter::successors(new.parent_id, |id| snapshot.organization(*id)?.parent_id);
    let above: Vec<i64> = up.take(MAX_DEPTH + 1).collect();
    let below = snapshot.height_of_organization(known.id, MAX_DEPTH);
    (above.contains(&known.id) || above.len() + below > MAX_DEPTH)
        .then(|| format!("“{}” would be below itself, or deeper than {MAX_DEPTH} levels.", known.name))
}

/// Keeps a replaced name as a former one.
fn keep_name(organization: &mut Organization, old: &str, until: chrono::NaiveDate) {
    let new = organization.name.clone();
    organization.other_names.retain(|other| other.name != new);
    if organization.names().all(|known| known != old) {
        organization.other_names.push(OtherName {
            name: old.into(),
            kind: OtherNameKind::Former,
            language: None,
            since: None,
            until: Some(until),
        });
    }
}

/// The first fault that there was not before.
fn none_new(before: &[String], after: Vec<String>) -> Result<(), String> {
    match after.into_iter().find(|fault| !before.contains(fault)) {
        Some(fault) => Err(format!("The value cannot be taken: {fault}.")),
        None => Ok(()),
    }
}
