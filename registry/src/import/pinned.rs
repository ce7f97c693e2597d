//! Pinned fields, which an import may not overwrite. What the file gives for them is collected while its rows are
//! written, and proposed after all rows: several rows may describe one record, and only together they say what the file
//! gives.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::{change::SubjectType, organization::Status};

use super::{
    file::Row,
    options::Kind,
    row::Import,
    row_error::{RowResult, Stop},
};
use crate::{
    change_log::ChangeSet,
    model::Organization,
    provenance::{
        Dependent, Difference, Given, OrganizationFieldName, Origin, PageFieldName, Precedence, RecordField,
        archived, may_be_kept, merge, propose,
    },
    snapshot::Snapshot,
    view::Subject,
};

/// Number of the import in a dry run, which is none.
pub(super) const NO_JOB: i64 = 0;

/// Values of a row that its record did not get, and pinned fields for which the row has the value of the registry.
pub(super) struct HeldBack<F> {
    id: i64,
    differences: Vec<Difference<F>>,
    agreed: Vec<F>,
}

impl<F> HeldBack<F> {
    /// Every value was taken.
    pub(super) fn nothing() -> Self {
        Self { id: 0, differences: Vec::new(), agreed: Vec::new() }
    }
}

/// What the file gives for pinned fields, by record and field.
#[derive(Default)]
pub(super) struct PinnedFields(BTreeMap<(SubjectType, i64, &'static str), Given>);

impl PinnedFields {
    /// Adds what a row gives. A value that differs counts, even if another row has that of the registry.
    pub(super) fn note<F: RecordField>(&mut self, held: HeldBack<F>) {
        for field in held.agreed {
            let given = given::<F>(held.id, (field, field), None);
            self.0.entry((F::SUBJECT, held.id, field.name())).or_insert(given);
        }
        for Difference { field, pinned_by, proposed } in held.differences {
            let given = given::<F>(held.id, (field, pinned_by), Some(proposed));
            self.0.insert((F::SUBJECT, held.id, field.name()), given);
        }
    }

    /// The record with the values that earlier rows give for its pinned fields: later rows add to these.
    pub(super) fn as_given<F: RecordField>(&self, known: &F::Of) -> F::Of {
        let mut record = known.clone();
        let (subject, id) = (F::SUBJECT, F::id(known));
        let of_record =
            self.0.range((subject, id, "")..).take_while(|(key, _)| (key.0, key.1) == (subject, id));
        for given in of_record.map(|(_, given)| given) {
            if let (Some(field), Some(value)) = (F::parse(given.field), &given.value) {
                field.put(&mut record, value).expect("a value of a record of the same kind");
            }
        }
        record
    }

    /// Records with a value that they did not get.
    pub(super) fn subjects(&self) -> HashSet<Subject> {
        self.0.values().filter(|given| given.value.is_some()).map(|given| given.subject).collect()
    }

    /// All that was collected, in a fixed order.
    pub(super) fn all(&self) -> Vec<Given> {
        self.0.values().cloned().collect()
    }
}

fn given<F: RecordField>(id: i64, (field, pinned_by): (F, F), value: Option<serde_json::Value>) -> Given {
    Given { subject: (F::SUBJECT, id), field: field.name(), pinned_by: pinned_by.name(), value }
}

impl Import {
    /// The known state of a record with the values of an incoming one, except those of pinned fields. `given` are the
    /// fields for which the row has a value.
    pub(super) fn merged<F: Dependent>(
        &self,
        (snapshot, now): (&Snapshot, DateTime<Utc>),
        known: &F::Of,
        incoming: &F::Of,
        given: &[F],
    ) -> (F::Of, HeldBack<F>) {
        let origin = Origin::import(&self.source, now);
        let (merged, differences) = merge::<F>(Precedence::of(snapshot), known, incoming, origin);
        let is_agreed = |field: &F| {
            may_be_kept(snapshot, *field, known) && differences.iter().all(|it| it.field != *field)
        };
        let agreed = given.iter().copied().filter(is_agreed).collect();
        (merged, HeldBack { id: F::id(known), differences, agreed })
    }

    /// The same for a row, which proposes nothing if it is older than the record.
    pub(super) fn hold<F: Dependent>(
        &self,
        change_set: &ChangeSet,
        row: &Row,
        (known, incoming): (&F::Of, &F::Of),
        given: &[F],
    ) -> RowResult<(F::Of, HeldBack<F>)> {
        let at = (change_set.snapshot(), change_set.now());
        let (merged, held) = self.merged(at, known, incoming, given);
        if self.mapping.as_of.is_some() && !held.differences.is_empty() {
            match self.not_older(row, (F::SUBJECT, held.id)) {
                Err(Stop::RowError(_)) => return Ok((merged, HeldBack::nothing())),
                other => other?,
            }
        }
        Ok((merged, held))
    }

    /// Notes that records which the file no longer has would be removed, if their lifecycle or status were not pinned.
    pub(super) fn note_kept(&mut self, snapshot: &Snapshot, kind: Kind, ids: &[i64]) {
        for id in ids {
            match kind {
                Kind::Pages => {
                    let Some(page) = snapshot.page(*id) else { continue };
                    let field = PageFieldName::Lifecycle;
                    let value = field.value(&archived(page, page.updated_at));
                    let differences = vec![Difference { field, pinned_by: field, proposed: value }];
                    self.pinned.note(HeldBack { id: *id, differences, agreed: Vec::new() });
                }
                Kind::Organizations => {
                    let Some(known) = snapshot.organization(*id) else { continue };
                    let field = OrganizationFieldName::Status;
                    let suspended = Organization { status: Status::Suspended, ..Organization::clone(known) };
                    let value = field.value(&suspended);
                    let differences = vec![Difference { field, pinned_by: field, proposed: value }];
                    self.pinned.note(HeldBack { id: *id, differences, agreed: Vec::new() });
                }
                Kind::Territories | Kind::Exemptions => {}
            }
        }
    }

    /// Proposes what the file gives for pinned fields, on a copy of the registry.
    pub(super) fn propose_all(&self, change_set: &mut ChangeSet) -> Result<()> {
        self.pinned.all().iter().try_for_each(|given| propose(change_set, &self.source, NO_JOB, given))
    }
}
