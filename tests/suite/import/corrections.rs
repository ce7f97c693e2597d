//! Corrections by operators, and the course that the tests of each field take.

use std::sync::Arc;

use entities::proposal::State;
use registry::{
    author::Author,
    change_log::Actor,
    global_id,
    idempotency::WriteRequest,
    import::{Counts, Kind},
    model::{Proposal, SourceRank},
    provenance::{
        self, Decision, FieldReference, Origin, RecordField, SubjectReference, is_pinned, set_field_source,
    },
    record_reference::{OrganizationReference, PageReference},
};
use serde_json::Value;

use super::Case;
use crate::suite::harness::TestApp;

/// Sets a field as an operator's act does.
pub async fn correct<F: RecordField>(app: &TestApp, id: i64, field: F, value: Value) {
    let written = app.registry.write(&Actor::Operator, move |change_set| {
        let mut record = F::Of::clone(F::find(change_set.snapshot(), id).expect("the record"));
        field.put(&mut record, &value)?;
        let origin = Origin { rank: SourceRank::Operator, source: "operator", at: change_set.now() };
        set_field_source(&mut record, field, origin);
        change_set.upsert(record, None)
    });
    written.await.expect("the correction is written");
}

pub fn value_of<F: RecordField>(app: &TestApp, id: i64, field: F) -> Value {
    field.value(F::find(&app.registry.snapshot(), id).expect("the record"))
}

/// Open proposals, the oldest first.
pub fn open(app: &TestApp) -> Vec<Arc<Proposal>> {
    let snapshot = app.registry.snapshot();
    snapshot.proposals().values().filter(|it| it.state == State::Open).cloned().collect()
}

pub fn request() -> WriteRequest {
    WriteRequest { reason: Some("a test".into()), ..WriteRequest::new(Author::operator()) }
}

pub async fn decide(app: &TestApp, id: i64, decision: Decision) {
    let decided = provenance::decide(&app.registry, request(), id, decision).await.expect("it is written");
    decided.expect("it is decided");
}

/// A field by the global id of its record.
pub fn reference<F: RecordField>(id: i64, field: F) -> FieldReference {
    let global = global_id::encode(F::SUBJECT.name(), id);
    let subject = match F::SUBJECT {
        entities::change::SubjectType::Page => SubjectReference::Page(PageReference::Id(global)),
        _ => SubjectReference::Organization(OrganizationReference::Id(global)),
    };
    FieldReference { subject, field: field.name().into() }
}

/// A file of one row, in which one cell has another value.
pub fn file(row: &[(&str, &str)], column: &str, value: &str) -> String {
    let names: Vec<&str> = row.iter().map(|(name, _)| *name).collect();
    let cells: Vec<&str> =
        row.iter().map(|(name, cell)| if *name == column { value } else { cell }).collect();
    format!("{}\n{}\n", names.join(","), cells.join(","))
}

/// A field, its column, and values that an operator and two files give it.
pub struct Trial<F> {
    pub field: F,
    column: &'static str,
    corrected: Value,
    second: &'static str,
    third: Option<&'static str>,
    /// Whether a later file replaces the value once the field is not pinned: others are added to, final, or keys.
    is_replaced: bool,
}

pub fn trial<F>(
    field: F,
    column: &'static str,
    corrected: Value,
    files: (&'static str, Option<&'static str>),
    is_replaced: bool,
) -> Trial<F> {
    Trial { field, column, corrected, second: files.0, third: files.1, is_replaced }
}

/// A record that files of one row describe.
pub struct Described<'a> {
    pub app: &'a TestApp,
    pub case: &'a Case,
    pub kind: Kind,
    pub row: &'static [(&'static str, &'static str)],
    pub id: i64,
}

impl Described<'_> {
    async fn import(&self, column: &str, value: &str) -> Counts {
        self.case.rewrite(file(self.row, column, value));
        let counts = self.case.run(self.app, self.kind).await.counts;
        assert_eq!(counts.refused, 0, "{column} {value}: {:?}", self.case.column("errors.csv", "error_text"));
        counts
    }

    /// An operator corrects a field; files give other values, which are rejected, accepted, and held back again.
    pub async fn endures<F: RecordField>(&self, trial: Trial<F>) {
        let Trial { field, column, corrected, second, third, is_replaced } = trial;
        let (app, id) = (self.app, self.id);
        correct(app, id, field, corrected.clone()).await;
        let counts = self.import(column, second).await;
        let tally = if self.kind == Kind::Pages { counts.pages } else { counts.organizations };
        assert_eq!((tally.pinned, counts.proposals), (1, 1), "{field:?}: {counts:?}");
        assert_eq!(value_of(app, id, field), corrected, "{field:?} is not overwritten");
        let first = open(app).remove(0);
        assert_eq!((&*first.field, &first.current), (field.name(), &corrected));
        let seq = app.registry.snapshot().seq();
        self.import(column, second).await;
        assert_eq!(app.registry.snapshot().seq(), seq, "{field:?}: a second run changes nothing");
        if let Some(third) = third {
            decide(app, first.id, Decision::Reject).await;
            self.import(column, second).await;
            assert!(open(app).is_empty(), "{field:?}: a rejected value is not proposed again");
            self.import(column, third).await;
        }
        let last = open(app).remove(0);
        assert_eq!(value_of(app, id, field), corrected, "{field:?} is not overwritten");
        decide(app, last.id, Decision::Accept).await;
        assert_eq!(value_of(app, id, field), last.proposed, "{field:?}: the accepted value");
        if let Some(third) = third.filter(|_| is_replaced) {
            self.is_unpinned(field, (column, second, third), &first.proposed).await;
        }
        assert!(open(app).is_empty(), "{field:?}");
    }

    /// Imports replace an accepted value; the present value is pinned, and unpinned again.
    async fn is_unpinned<F: RecordField>(
        &self,
        field: F,
        (column, second, third): (&str, &str, &str),
        expected: &Value,
    ) {
        let (app, id) = (self.app, self.id);
        self.import(column, second).await;
        assert_eq!(value_of(app, id, field), *expected, "{field:?}: accepted values are replaced");
        let pinned = provenance::pin(&app.registry, request(), reference(id, field)).await;
        pinned.expect("it is written").expect("it is pinned");
        self.import(column, third).await;
        assert_eq!((value_of(app, id, field), open(app).len()), (expected.clone(), 1), "{field:?} is pinned");
        let unpinned = provenance::unpin(&app.registry, request(), reference(id, field)).await;
        unpinned.expect("it is written").expect("it is unpinned");
        assert!(open(app).is_empty(), "{field:?}: the next import writes it");
        self.import(column, third).await;
        assert_ne!(value_of(app, id, field), *expected, "{field:?} is not pinned");
        assert!(!is_pinned(
            &app.registry.snapshot(),
            field,
            F::find(&app.registry.snapshot(), id).expect("it")
        ));
    }
}
