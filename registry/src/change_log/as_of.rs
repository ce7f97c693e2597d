//! Past states, read from the change log.

use std::collections::HashMap;

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::change::{self, Audience, SubjectType};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};

use super::Registry;
use crate::{
    model::Record,
    view::{AsOf, Subject},
};

/// Ids per statement.
const IDS: usize = 500;

impl Registry {
    /// The past state at a timestamp, with no subjects loaded; its sequence number is at most `seq`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn as_of(&self, at: DateTime<Utc>, seq: i64) -> Result<AsOf> {
        let last = change::Entity::find().select_only().column(change::Column::Seq);
        let last = last.filter(change::Column::At.lte(at)).filter(change::Column::Seq.lte(seq));
        let last = last.order_by_desc(change::Column::At).order_by_desc(change::Column::Seq);
        let last: Option<i64> = last.into_tuple().one(&self.database().read).await?;
        match last {
            Some(seq) => Ok(AsOf::new(at, seq)),
            None => {
                let first = change::Entity::find().select_only().column(change::Column::At);
                let first = first.order_by_asc(change::Column::Seq).into_tuple().one(&self.database().read);
                Ok(AsOf::before_records(at, first.await?))
            }
        }
    }

    /// The past state with its missing subjects loaded.
    ///
    /// # Errors
    /// When the database does not answer, or a change cannot be parsed.
    pub async fn complete(&self, as_of: &AsOf) -> Result<AsOf> {
        let mut by_type: HashMap<SubjectType, Vec<i64>> = HashMap::new();
        for (subject_type, id) in as_of.missing() {
            by_type.entry(subject_type).or_default().push(id);
        }
        let mut found = HashMap::new();
        for (subject_type, ids) in by_type {
            last_states(&self.database().read, subject_type, &ids, as_of.seq(), &mut found).await?;
        }
        let found = found.into_iter().map(|(subject, state)| (subject, state.record)).collect();
        Ok(as_of.with(found))
    }
}

/// State of a subject, with what the change that produced it recorded beside it.
pub(super) struct State {
    pub(super) record: Record,
    pub(super) audience: Option<Audience>,
    pub(super) territory_id: Option<i64>,
}

/// States of subjects.
pub(super) type States = HashMap<Subject, State>;

/// Reads the last state of each subject at or before a sequence number.
pub(super) async fn last_states(
    db: &impl ConnectionTrait,
    subject_type: SubjectType,
    ids: &[i64],
    seq: i64,
    found: &mut States,
) -> Result<()> {
    use change::Column::{After, Audience, Seq, SubjectId, TerritoryId};
    for ids in ids.chunks(IDS) {
        let last = last_seqs(db, subject_type, ids, seq).await?;
        let rows = change::Entity::find().select_only().columns([SubjectId, After, Audience, TerritoryId]);
        let rows: Vec<(i64, String, Option<change::Audience>, Option<i64>)> =
            rows.filter(Seq.is_in(last)).into_tuple().all(db).await?;
        for (id, after, audience, territory_id) in rows {
            let record = Record::parse(subject_type, &after)?;
            found.insert((subject_type, id), State { record, audience, territory_id });
        }
    }
    Ok(())
}

/// Sequence numbers of the last change of each subject at or before `seq`. Each subject has its own index
/// lookup: for a grouped statement, a planner without statistics may scan the whole log.
async fn last_seqs(
    db: &impl ConnectionTrait,
    subject_type: SubjectType,
    ids: &[i64],
    seq: i64,
) -> Result<Vec<i64>> {
    let ids: Vec<String> = ids.iter().map(|id| format!("({id})")).collect();
    let sql = format!(
        "WITH subject(id) AS (VALUES {}) SELECT (SELECT c.seq FROM change c WHERE c.subject_type = '{}' \
         AND c.subject_id = subject.id AND c.seq <= {seq} ORDER BY c.seq DESC LIMIT 1) AS last FROM subject",
        ids.join(", "),
        subject_type.to_value()
    );
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let last = rows.into_iter().map(|row| row.try_get::<Option<i64>>("", "last"));
    Ok(last.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}
