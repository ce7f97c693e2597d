//! States of the past, read from the log.

use std::collections::HashMap;

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::change::{self, Audience, SubjectType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Registry;
use crate::snapshot::{Past, Record, Subject};

/// Ids in one statement.
const IDS: usize = 500;

impl Registry {
    /// The moment with nothing read of it but its place in the log; never beyond `seq`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn moment(&self, at: DateTime<Utc>, seq: i64) -> Result<Past> {
        let last = change::Entity::find().select_only().column(change::Column::Seq);
        let last = last.filter(change::Column::At.lte(at)).filter(change::Column::Seq.lte(seq));
        let last = last.order_by_desc(change::Column::At).order_by_desc(change::Column::Seq);
        let last: Option<i64> = last.into_tuple().one(&self.database().read).await?;
        match last {
            Some(seq) => Ok(Past::new(at, seq)),
            None => {
                let first = change::Entity::find().select_only().column(change::Column::At);
                let first = first.order_by_asc(change::Column::Seq).into_tuple().one(&self.database().read);
                Ok(Past::before_records(at, first.await?))
            }
        }
    }

    /// The moment with the states that were missing.
    ///
    /// # Errors
    /// When the database does not answer, or the log does not hold what it should.
    pub async fn complete(&self, past: &Past) -> Result<Past> {
        let mut by_type: HashMap<SubjectType, Vec<i64>> = HashMap::new();
        for (subject_type, id) in past.missing() {
            by_type.entry(subject_type).or_default().push(id);
        }
        let mut found = HashMap::new();
        for (subject_type, ids) in by_type {
            last_states(&self.database().read, subject_type, &ids, past.seq(), &mut found).await?;
        }
        let found = found.into_iter().map(|(subject, (record, _))| (subject, record)).collect();
        Ok(past.with(found))
    }
}

/// States with who might learn of them.
pub(super) type States = HashMap<Subject, (Record, Option<Audience>)>;

/// Reads the last state of each subject at or before a place in the log.
pub(super) async fn last_states(
    db: &impl ConnectionTrait,
    subject_type: SubjectType,
    ids: &[i64],
    seq: i64,
    found: &mut States,
) -> Result<()> {
    use change::Column::{After, Audience, Seq, SubjectId, SubjectType as Type};
    for ids in ids.chunks(IDS) {
        let last = change::Entity::find().select_only().column_as(Seq.max(), "last");
        let last = last.filter(Type.eq(subject_type)).filter(SubjectId.is_in(ids.iter().copied()));
        let last: Vec<i64> = last.filter(Seq.lte(seq)).group_by(SubjectId).into_tuple().all(db).await?;
        let rows = change::Entity::find().select_only().columns([SubjectId, After, Audience]);
        let rows: Vec<(i64, String, Option<change::Audience>)> =
            rows.filter(Seq.is_in(last)).into_tuple().all(db).await?;
        for (id, after, audience) in rows {
            found.insert((subject_type, id), (Record::parse(subject_type, &after)?, audience));
        }
    }
    Ok(())
}
