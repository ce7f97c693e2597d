//! Filter of proposals.

use async_graphql::InputObject;
use registry::{author::Author, provenance, view::View};

use super::object::ProposalState;
use crate::graphql::{
    error::{Error, Result},
    field_source::FieldSubjectRef,
    kit::filter::checked,
};

/// Filter for proposals: fields are combined with AND.
#[derive(Default, InputObject)]
pub struct ProposalFilter {
    /// States of the proposals, from 1 to 100 values; default: `OPEN`.
    pub states: Option<Vec<ProposalState>>,
    /// Name of the source that gives the value.
    pub source: Option<String>,
    /// Page or organization.
    pub subject: Option<FieldSubjectRef>,
}

impl ProposalFilter {
    /// Resolves the filter in the registry.
    ///
    /// # Errors
    /// If a list is empty or too long, or there is no such subject within the reach of the key.
    pub(super) fn compile(self, view: &View, author: &Author) -> Result<provenance::ProposalFilter> {
        let states = checked("states", &self.states)?.unwrap_or(&[ProposalState::Open]);
        let subject = self.subject.map(|subject| {
            let found = provenance::SubjectReference::from(subject).resolve_in(view, author);
            found.map_err(|_| {
                Error::BadInput("`subject`: there is no such record within the reach of the key.".into())
            })
        });
        Ok(provenance::ProposalFilter {
            states: states.iter().map(|state| (*state).into()).collect(),
            source: self.source.map(Into::into),
            subject: subject.transpose()?,
        })
    }
}
