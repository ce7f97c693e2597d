//! Unpinning of fields.

use async_graphql::{Context, Enum, InputObject, Object, OneofObject, SimpleObject};
use entities::change::SubjectType;
use registry::{
    author::Author,
    change_log::Registry,
    model::Scope,
    provenance::{self, FieldError, FieldReference, SubjectReference},
    view::View,
};

use crate::graphql::{
    error::{Error, Result},
    kit::{
        reference::{OrganizationRef, PageRef, page_reference},
        scalar::SafeInt,
        sequential::SequentialObject,
        write::{BasisFault, EvidenceInput, write_request},
    },
    node::{self, Node},
};

/// Reference to a record whose fields have sources, by exactly one of these fields.
#[derive(OneofObject)]
pub enum FieldSubjectRef {
    /// A page.
    Page(PageRef),
    /// An authority or institution.
    Organization(OrganizationRef),
}

impl From<FieldSubjectRef> for SubjectReference {
    fn from(reference: FieldSubjectRef) -> Self {
        match reference {
            FieldSubjectRef::Page(page) => Self::Page(page_reference(page)),
            FieldSubjectRef::Organization(organization) => Self::Organization(organization.into()),
        }
    }
}

/// Field that imports may overwrite again.
#[derive(InputObject)]
pub struct FieldUnpinInput {
    /// Page or organization.
    pub subject: FieldSubjectRef,
    /// Name of the field in the API, as in `FieldSource.field`.
    pub field: String,
    /// Why, 1 to 500 characters; kept with the change.
    pub reason: String,
    /// What it is based on; kept with the change.
    pub evidence: Option<EvidenceInput>,
    /// Sequence number at which the record was read: if it was changed later, the error is `CONFLICT`.
    pub if_seq: Option<SafeInt>,
}

/// Code of an error in the input of `fieldUnpin`.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldUnpinErrorCode {
    /// There is no such page or organization.
    NotFound,
    /// Several organizations have the identifier.
    Ambiguous,
    /// The record is of another platform, organization or territory, or the source of the field outranks the key.
    NotAllowed,
    /// The record has no such field.
    UnknownField,
    /// Imports may overwrite the field already.
    NotPinned,
    /// The record was changed after `ifSeq`; the payload has its present state.
    Conflict,
    /// The reason is blank, too long, or has control characters.
    InvalidReason,
    /// The evidence has an invalid address, number or date.
    InvalidEvidence,
}

/// Error in the input of `fieldUnpin`.
#[derive(Clone, SimpleObject)]
pub struct FieldUnpinError {
    /// Stable code of the error.
    pub code: FieldUnpinErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input.
    pub field: Vec<String>,
}

impl FieldUnpinError {
    fn new(code: FieldUnpinErrorCode, message: String, field: &str) -> Self {
        Self { code, message, field: vec!["input".into(), field.into()] }
    }
}

impl From<FieldError> for FieldUnpinError {
    fn from(error: FieldError) -> Self {
        let code = match error {
            FieldError::NotFound => FieldUnpinErrorCode::NotFound,
            FieldError::Ambiguous => FieldUnpinErrorCode::Ambiguous,
            FieldError::NotAllowed => FieldUnpinErrorCode::NotAllowed,
            FieldError::UnknownField(_) => FieldUnpinErrorCode::UnknownField,
            FieldError::NotPinned => FieldUnpinErrorCode::NotPinned,
            FieldError::Conflict(_) => FieldUnpinErrorCode::Conflict,
        };
        Self::new(code, error.message(), error.input_field())
    }
}

impl From<BasisFault> for FieldUnpinError {
    fn from(BasisFault { field, message }: BasisFault) -> Self {
        let code = match field {
            "reason" => FieldUnpinErrorCode::InvalidReason,
            _ => FieldUnpinErrorCode::InvalidEvidence,
        };
        Self::new(code, message, field)
    }
}

/// Result of unpinning a field.
pub struct FieldUnpinPayload {
    view: View,
    subject: Option<(SubjectType, i64)>,
    seq: Option<i64>,
    error: Option<FieldUnpinError>,
}

/// Result of unpinning a field.
#[Object]
impl FieldUnpinPayload {
    /// The page or organization in its present state; null if there are `userErrors` other than `CONFLICT`.
    async fn subject(&self) -> Option<SequentialObject<Node<'_>>> {
        let (subject_type, id) = self.subject?;
        node::of(&self.view, subject_type, id).map(SequentialObject)
    }

    /// Sequence number of the change log with the change; null if there are `userErrors`.
    async fn seq(&self) -> Option<SafeInt> {
        self.seq.map(SafeInt)
    }

    /// Why the field was not unpinned; at most one.
    async fn user_errors(&self) -> Vec<FieldUnpinError> {
        self.error.iter().cloned().collect()
    }
}

/// Mutations of the sources of fields.
#[derive(Default)]
pub struct FieldSourceMutation;

#[Object]
impl FieldSourceMutation {
    /// Lets imports overwrite a field again: the next import writes its value, and open proposals for the field are
    /// closed. Requires a key with the scope `registry:write`, else `FORBIDDEN`.
    async fn field_unpin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Field that imports may overwrite again.")] input: FieldUnpinInput,
    ) -> Result<FieldUnpinPayload> {
        let FieldUnpinInput { subject, field, reason, evidence, if_seq } = input;
        let registry = ctx.data_unchecked::<Registry>();
        let request = match write_request(ctx, Scope::Write, &reason, evidence, if_seq)? {
            Ok(request) => request,
            Err(fault) => {
                let view = View::new(registry.snapshot(), Default::default());
                return Ok(FieldUnpinPayload { view, subject: None, seq: None, error: Some(fault.into()) });
            }
        };
        let (author, subject) = (request.author.clone(), SubjectReference::from(subject));
        let named = FieldReference { subject: subject.clone(), field: field.into() };
        let outcome = provenance::unpin(registry, request, named).await.map_err(Error::from)?;
        let view = View::new(registry.snapshot(), author.viewer());
        Ok(match outcome {
            Ok(written) => {
                let subject = Some((written.result.subject_type, written.result.id));
                FieldUnpinPayload { view, subject, seq: Some(written.seq), error: None }
            }
            Err(error) => refused(view, &author, &subject, error),
        })
    }
}

/// The error; after a conflict, with the present state.
fn refused(view: View, author: &Author, subject: &SubjectReference, error: FieldError) -> FieldUnpinPayload {
    let newer = matches!(error, FieldError::Conflict(_)).then(|| subject.resolve_in(&view, author).ok());
    FieldUnpinPayload { subject: newer.flatten(), view, seq: None, error: Some(error.into()) }
}
