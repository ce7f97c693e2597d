//! Values of proposals as text, as in histories.

use entities::{change::SubjectType, proposal::State};
use serde_json::Value;

use super::field::{OrganizationFieldName, PageFieldName, RecordField};
use crate::{
    model::{Proposal, Record},
    view::{View, field_text},
};

/// The registry's value and the proposed one as text, as in histories: the present value while the proposal is open,
/// otherwise that of the time when it was made. `None` for no value.
pub fn proposal_texts(view: &View, proposal: &Proposal) -> (Option<String>, Option<String>) {
    match proposal.subject_type {
        SubjectType::Page => texts::<PageFieldName>(view, proposal),
        _ => texts::<OrganizationFieldName>(view, proposal),
    }
}

fn texts<F: RecordField>(view: &View, proposal: &Proposal) -> (Option<String>, Option<String>) {
    let record = F::find(view.snapshot(), proposal.subject_id);
    let (Some(field), Some(record)) = (F::parse(&proposal.field), record) else { return (None, None) };
    let with = |value: &Value| {
        let mut record = F::Of::clone(record);
        field.put(&mut record, value).ok()?;
        let record: Record = record.into();
        field_text(view, &record, field.name())
    };
    let current = match proposal.state {
        State::Open => field_text(view, &F::Of::clone(record).into(), field.name()),
        _ => with(&proposal.current),
    };
    (current, with(&proposal.proposed))
}

/// The subject of a proposal in one line: the address of a page, or the code of an organization.
pub fn record_text(view: &View, (subject_type, id): (SubjectType, i64)) -> String {
    let found = match subject_type {
        SubjectType::Page => view.page(id).and_then(|page| page.url()),
        _ => view.organization(id).map(|organization| organization.code.to_string()),
    };
    found.unwrap_or_else(|| format!("{} {id}", subject_type.name().to_lowercase()))
}
