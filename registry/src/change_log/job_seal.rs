//! Import jobs: progress, and the changes that seal a job's rows: at its first change, and again when it has
//! ended.

use anyhow::{Result, bail};
use chrono::{DateTime, Utc};
use entities::{
    change::{self, SubjectType},
    import_job, import_row_error, import_row_warning,
};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use serde_json::Value;

use super::{
    Actor,
    chain::Fields,
    change_set::ChangeSet,
    progress::{JobProgress, JobTaken},
};
use crate::{
    database::bulk,
    model::{ImportJob, Record},
};

/// Version of the hash input of a job.
const VERSION: u8 = 1;
/// Rows per query.
const WINDOW: u64 = 1_000;

/// Writes the progress of an import, and seals it if it has changed anything. An import without changes is
/// sealed with the next write, so that repeating an import does not add to the log.
pub(super) async fn write(
    db: &DatabaseTransaction,
    change_set: &mut ChangeSet,
    last: DateTime<Utc>,
) -> Result<()> {
    if let Some(progress) = change_set.progress.take() {
        compare(db, progress.job.id).await?;
        write_progress(db, &progress).await?;
        let job = &progress.job;
        let is_over = job.finished_at.is_some()
            && job.first_seq.is_none_or(|first| first <= change_set.snapshot().seq());
        if is_over || !change_set.changes.is_empty() || has_changes(db, job).await? {
            seal(db, change_set, job).await?;
        }
    }
    if !change_set.changes.is_empty() {
        seal_finished(db, change_set, last).await?;
    }
    Ok(())
}

/// Compares the rows of an import with its seal in the log before they are replaced.
async fn compare(db: &DatabaseTransaction, job_id: i64) -> Result<()> {
    let Some(known) = sealed(db, job_id).await? else { return Ok(()) };
    let is_as_sealed = match import_job::Entity::find_by_id(job_id).one(db).await? {
        Some(job) => digest(db, &job).await? == *known,
        None => false,
    };
    if !is_as_sealed {
        bail!(
            "import {job_id} differs from its state in the change log: it was altered outside the log. Nothing was written; \
             run `registry check`, and restore the registry from a backup"
        );
    }
    Ok(())
}

/// Id of the last import in the log; 0 when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn last_import(db: &impl ConnectionTrait) -> Result<i64> {
    use change::Column::{SubjectId, SubjectType as Type};
    let last = change::Entity::find().select_only().column(SubjectId).filter(Type.eq(SubjectType::ImportJob));
    let last: Option<i64> = last.order_by_desc(SubjectId).into_tuple().one(db).await?;
    Ok(last.unwrap_or(0))
}

/// Whether the counts of an import claim changes; those of a blocked one only say what it would have changed.
pub(super) fn claims_changes(job: &import_job::Model) -> bool {
    fn any(numbers: &Value) -> bool {
        let Value::Object(fields) = numbers else { return false };
        let changed = ["created", "updated", "removed"].map(|name| fields.get(name).and_then(Value::as_u64));
        changed.into_iter().flatten().any(|number| number > 0) || fields.values().any(any)
    }
    let is_done = matches!(job.state, import_job::State::Done | import_job::State::Undone);
    is_done && serde_json::from_str(&job.counts).is_ok_and(|counts| any(&counts))
}

/// Seals unsealed imports that have finished since a timestamp. Since the Unix epoch: all of them. Otherwise
/// only imports that began after the log's last change and changed nothing; others are sealed by the writes
/// of imports.
pub(super) async fn seal_finished(
    db: &DatabaseTransaction,
    change_set: &mut ChangeSet,
    since: DateTime<Utc>,
) -> Result<()> {
    use import_job::{Column::FinishedAt, Entity};
    for job in Entity::find().filter(FinishedAt.gte(since)).all(db).await? {
        let has_nothing_since =
            job.first_seq == Some(change_set.snapshot().seq() + 1) && !claims_changes(&job);
        let may_be = has_nothing_since || since == DateTime::UNIX_EPOCH;
        if may_be && !change_set.has_sealed(job.id) && sealed(db, job.id).await?.is_none() {
            change_set.upsert(ImportJob { id: job.id, digest: digest(db, &job).await?.into() }, None)?;
        }
    }
    Ok(())
}

/// Seals an import in its present state, unless the log has the same digest.
async fn seal(db: &DatabaseTransaction, change_set: &mut ChangeSet, job: &import_job::Model) -> Result<()> {
    let digest: Box<str> = digest(db, job).await?.into();
    if sealed(db, job.id).await?.is_some_and(|known| known == digest) {
        return Ok(());
    }
    change_set.upsert(ImportJob { id: job.id, digest }, None).map(|_| ())
}

/// Last digest of an import in the log.
async fn sealed(db: &DatabaseTransaction, job_id: i64) -> Result<Option<Box<str>>> {
    use change::Column::{After, Seq, SubjectId, SubjectType as Type};
    let last = change::Entity::find().select_only().column(After).filter(Type.eq(SubjectType::ImportJob));
    let last = last.filter(SubjectId.eq(job_id)).order_by_desc(Seq).into_tuple::<String>().one(db).await?;
    let Some(last) = last else { return Ok(None) };
    Ok(match Record::parse(SubjectType::ImportJob, &last)? {
        Record::ImportJob(job) => Some(job.digest.clone()),
        _ => None,
    })
}

/// Whether an import has made changes before.
async fn has_changes(db: &DatabaseTransaction, job: &import_job::Model) -> Result<bool> {
    use change::Column::{Actor as By, Seq};
    let own = change::Entity::find().select_only().column(Seq);
    let own = own.filter(Seq.gte(job.first_seq.unwrap_or(i64::MAX)));
    let own = own.filter(By.eq(Actor::import(&job.source, job.id).to_string())).limit(1);
    Ok(own.into_tuple::<i64>().one(db).await?.is_some())
}

impl ChangeSet {
    fn has_sealed(&self, job_id: i64) -> bool {
        self.changes.iter().any(|change| matches!(&change.after, Record::ImportJob(job) if job.id == job_id))
    }
}

async fn write_progress(db: &DatabaseTransaction, progress: &JobProgress) -> Result<()> {
    use import_job::Column::{Counts, FinishedAt, FirstSeq, Id, LastSeq, RowsDone, StartedAt, State};
    let id = progress.job.id;
    if progress.is_new && import_job::Entity::find_by_id(id).one(db).await?.is_some() {
        return Err(JobTaken(id).into());
    }
    let row = progress.job.clone().into_active_model().reset_all();
    let replace = OnConflict::column(Id)
        .update_columns([Counts, FinishedAt, FirstSeq, LastSeq, RowsDone, StartedAt, State])
        .to_owned();
    import_job::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    if progress.job.rows_done == 0 {
        // A job that restarts after an interruption reports its row errors again.
        let earlier = import_row_error::Column::JobId.eq(id);
        import_row_error::Entity::delete_many().filter(earlier).exec(db).await?;
        let earlier = import_row_warning::Column::JobId.eq(id);
        import_row_warning::Entity::delete_many().filter(earlier).exec(db).await?;
    }
    bulk::insert::<import_row_error::Entity>(db, progress.errors.clone()).await?;
    bulk::insert::<import_row_warning::Entity>(db, progress.warnings.clone()).await
}

/// Digest of a job's row and its error and warning rows, in hexadecimal; while the job is running, of the
/// columns that will not change.
pub(super) async fn digest(db: &impl ConnectionTrait, job: &import_job::Model) -> Result<String> {
    let mut all = blake3::Hasher::new();
    if job.state == import_job::State::Running {
        // An interrupted job restarts at another time.
        let (counts, started_at) = (String::new(), DateTime::UNIX_EPOCH);
        let begun = import_job::Model { counts, started_at, rows_done: 0, last_seq: None, ..job.clone() };
        all.update(&job_hash(&begun));
        return Ok(all.finalize().to_hex().to_string());
    }
    all.update(&job_hash(job));
    let mut after = i64::MIN;
    loop {
        use import_row_error::{Column, Entity};
        let window = Entity::find().filter(Column::JobId.eq(job.id)).filter(Column::RowNumber.gt(after));
        let window = window.order_by_asc(Column::RowNumber).limit(WINDOW).all(db).await?;
        let Some(last) = window.last() else { break };
        after = last.row_number;
        for row in &window {
            let texts = [&row.code, &row.text, &row.suggestion, &row.cells];
            all.update(&row_hash(2, &[row.job_id, row.row_number], texts));
        }
    }
    let mut after = i64::MIN;
    loop {
        use import_row_warning::{Column, Entity};
        let window = Entity::find().filter(Column::JobId.eq(job.id)).filter(Column::Position.gt(after));
        let window = window.order_by_asc(Column::Position).limit(WINDOW).all(db).await?;
        let Some(last) = window.last() else { break };
        after = last.position;
        for row in &window {
            let texts = [&row.code, &row.text, &row.suggestion, &row.cells];
            all.update(&row_hash(3, &[row.job_id, row.position, row.row_number], texts));
        }
    }
    Ok(all.finalize().to_hex().to_string())
}

fn job_hash(job: &import_job::Model) -> Vec<u8> {
    let mut fields = Fields::begin(VERSION);
    fields.add(1, &job.id.to_le_bytes());
    let state = job.state.to_value();
    let texts = [&job.fingerprint, &job.source, &job.file_name, &job.kind, &state, &job.counts];
    for (tag, text) in (2..).zip(texts) {
        fields.add(tag, text.as_bytes());
    }
    fields.add(8, &job.rows_done.to_le_bytes());
    fields.add(9, &job.started_at.timestamp_micros().to_le_bytes());
    fields.add_number(10, job.finished_at.map(|at| at.timestamp_micros()));
    fields.add_number(11, job.first_seq);
    fields.add_number(12, job.last_seq);
    fields.hash()
}

fn row_hash(table: u8, numbers: &[i64], texts: [&String; 4]) -> Vec<u8> {
    let mut fields = Fields::begin(VERSION);
    fields.add(0, &[table]);
    numbers.iter().for_each(|number| fields.add(1, &number.to_le_bytes()));
    texts.iter().for_each(|text| fields.add(2, text.as_bytes()));
    fields.hash()
}
