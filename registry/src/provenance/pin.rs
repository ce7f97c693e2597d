//! Pinning the present value of a field, so that imports do not overwrite it, and unpinning it.

use anyhow::{Context, Result};
use entities::{change::SubjectType, proposal::State};
use serde::{Deserialize, Serialize};

use super::{
    dependent::{Dependent, may_be_kept},
    field::{OrganizationFieldName, PageFieldName, RecordField},
    merge::{Origin, set_field_source},
    precedence::Precedence,
    propose::close,
};
use crate::{
    author::Author,
    change_log::{ChangeSet, Registry},
    idempotency::{Conflict, WriteRequest, Written, write_once},
    model::{FieldSource, SourceRank, rank_of, remove_source},
    record_reference::{OrganizationReference, PageReference, ReferenceError},
    snapshot::Snapshot,
    view::View,
};

/// A record whose fields have sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectReference {
    /// A page.
    Page(PageReference),
    /// An organization.
    Organization(OrganizationReference),
}

impl SubjectReference {
    /// Type and id of the record, which the author may write.
    ///
    /// # Errors
    /// When there is none, or the author may not write it.
    pub fn resolve(
        &self,
        snapshot: &Snapshot,
        author: &Author,
    ) -> Result<(SubjectType, i64), ReferenceError> {
        Ok(match self {
            Self::Page(page) => (SubjectType::Page, page.resolve(snapshot, author)?.id),
            Self::Organization(organization) => {
                (SubjectType::Organization, organization.resolve(snapshot, author)?.id)
            }
        })
    }

    /// The same in the snapshot of a view.
    ///
    /// # Errors
    /// Those of [`Self::resolve`].
    pub fn resolve_in(&self, view: &View, author: &Author) -> Result<(SubjectType, i64), ReferenceError> {
        self.resolve(view.snapshot(), author)
    }
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldReference {
    /// The record.
    pub subject: SubjectReference,
    /// Name of the field in the API.
    pub field: Box<str>,
}

/// The record whose field was pinned or unpinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct FieldSubject {
    pub subject_type: SubjectType,
    pub id: i64,
}

/// Why a field was not pinned or unpinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// There is no such record that the author may see.
    NotFound,
    /// Several organizations have the identifier.
    Ambiguous,
    /// The author does not reach the record, or the field's source outranks the author.
    NotAllowed,
    /// The record has no such field with a source.
    UnknownField(SubjectType),
    /// Imports may overwrite the field already.
    NotPinned,
    /// The record has a later change than the author has read: its sequence number.
    Conflict(i64),
}

impl FieldError {
    /// What is wrong, and what to do.
    pub fn message(&self) -> String {
        match self {
            Self::NotFound => "There is no such page or organization.".into(),
            Self::Ambiguous => "Several organizations have this identifier; give the code of one.".into(),
            Self::NotAllowed => {
                "The key may not change this field: the record is of another platform, organization or \
                territory, or the source of the field outranks the key."
                    .into()
            }
            Self::UnknownField(subject_type) => {
                format!("There is no such field; the fields are {}.", field_names(*subject_type))
            }
            Self::NotPinned => "The field is not pinned: imports may overwrite it already.".into(),
            Self::Conflict(seq) => format!("The record has a later change, {seq}; read it again."),
        }
    }

    /// Field of the input that the error is about.
    pub fn input_field(&self) -> &'static str {
        match self {
            Self::NotFound | Self::Ambiguous | Self::NotAllowed => "subject",
            Self::UnknownField(_) | Self::NotPinned => "field",
            Self::Conflict(_) => "ifSeq",
        }
    }
}

fn field_names(subject_type: SubjectType) -> String {
    fn of<F: RecordField>() -> String {
        F::EACH.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ")
    }
    match subject_type {
        SubjectType::Page => of::<PageFieldName>(),
        _ => of::<OrganizationFieldName>(),
    }
}

impl From<Conflict> for FieldError {
    fn from(Conflict { seq }: Conflict) -> Self {
        Self::Conflict(seq)
    }
}

impl From<ReferenceError> for FieldError {
    fn from(error: ReferenceError) -> Self {
        match error {
            ReferenceError::NotFound => Self::NotFound,
            ReferenceError::Ambiguous => Self::Ambiguous,
            ReferenceError::NotAllowed => Self::NotAllowed,
        }
    }
}

#[derive(Clone, Copy)]
enum Act {
    Pin,
    Unpin,
}

/// Makes the author the source of a field with its present value.
///
/// # Errors
/// As [`write_once`].
pub async fn pin(
    registry: &Registry,
    request: WriteRequest,
    field: FieldReference,
) -> Result<Result<Written<FieldSubject>, FieldError>> {
    write(registry, request, field, Act::Pin).await
}

/// Makes the source of the record that of a field, so that imports may overwrite it; its open proposals are closed,
/// because the next import gives its value, unless it depends on a pinned field.
///
/// # Errors
/// As [`write_once`].
pub async fn unpin(
    registry: &Registry,
    request: WriteRequest,
    field: FieldReference,
) -> Result<Result<Written<FieldSubject>, FieldError>> {
    write(registry, request, field, Act::Unpin).await
}

async fn write(
    registry: &Registry,
    request: WriteRequest,
    of: FieldReference,
    act: Act,
) -> Result<Result<Written<FieldSubject>, FieldError>> {
    let subject = of.subject.clone();
    write_once(
        registry,
        request,
        move |snapshot, author| subject.resolve(snapshot, author).ok(),
        move |change_set, author| {
            let (subject_type, id) = match of.subject.resolve(change_set.snapshot(), author) {
                Ok(subject) => subject,
                Err(error) => return Ok(Err(error.into())),
            };
            let outcome = match subject_type {
                SubjectType::Page => change::<PageFieldName>(change_set, author, id, &of.field, act)?,
                _ => change::<OrganizationFieldName>(change_set, author, id, &of.field, act)?,
            };
            Ok(outcome.map(|()| FieldSubject { subject_type, id }))
        },
    )
    .await
}

fn change<F: Dependent>(
    change_set: &mut ChangeSet,
    author: &Author,
    id: i64,
    field: &str,
    act: Act,
) -> Result<Result<(), FieldError>> {
    let Some(field) = F::parse(field) else { return Ok(Err(FieldError::UnknownField(F::SUBJECT))) };
    let snapshot = change_set.snapshot();
    let mut record = F::Of::clone(F::find(snapshot, id).context("a record that was found is missing")?);
    let rank = rank_of(F::sources(&record), field.name());
    if Precedence::of(snapshot).outranks(field, rank, author.rank()) {
        return Ok(Err(FieldError::NotAllowed));
    }
    match act {
        Act::Pin => {
            let is_own = |it: &FieldSource| {
                *it.field == *field.name() && it.rank == author.rank() && *it.source == *author.name()
            };
            if !F::sources(&record).iter().any(is_own) {
                set_field_source(&mut record, field, Origin::of(author, change_set.now()));
            }
        }
        Act::Unpin if !Precedence::of(snapshot).outranks(field, rank, SourceRank::Import) => {
            return Ok(Err(FieldError::NotPinned));
        }
        Act::Unpin => _ = remove_source(F::sources_mut(&mut record), field.name()),
    }
    change_set.upsert(record, None)?;
    close_unpinned::<F>(change_set, id).map(Ok)
}

/// Closes the open proposals of fields that are not pinned and depend on none that is: the next import writes its
/// values itself.
pub(super) fn close_unpinned<F: Dependent>(change_set: &mut ChangeSet, id: i64) -> Result<()> {
    let snapshot = change_set.snapshot();
    let Some(record) = F::find(snapshot, id) else { return Ok(()) };
    let is_unpinned = |name: &str| F::parse(name).is_none_or(|field| !may_be_kept(snapshot, field, record));
    let open = snapshot.proposals_of((F::SUBJECT, id)).filter(|it| it.state == State::Open);
    let unpinned: Vec<_> = open.filter(|it| is_unpinned(&it.field)).cloned().collect();
    unpinned.iter().try_for_each(|open| close(change_set, open, None))
}
