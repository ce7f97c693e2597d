//! Earlier imports with their row errors and warnings.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Result, bail};
use entities::{
    change::{self, SubjectType},
    import_job::{self, Model as Job},
    import_row_error, import_row_warning,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::counts::Counts;
use crate::{
    change_log::{Actor, Registry},
    database::Database,
    view::Subject,
};

/// An error or warning of a row of an earlier import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedRow {
    /// Whether the row was refused; otherwise this is a warning.
    pub is_error: bool,
    /// Number of the row in the file, the first data row being 1.
    pub number: i64,
    /// Error or warning code.
    pub code: String,
    /// Message.
    pub text: String,
}

/// The latest `most` imports, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(database: &Database, most: u64) -> Result<Vec<Job>> {
    let jobs = import_job::Entity::find().order_by_desc(import_job::Column::Id).limit(most);
    Ok(jobs.all(&database.read).await?)
}

/// An import by its id.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn find(database: &Database, id: i64) -> Result<Job> {
    match import_job::Entity::find_by_id(id).one(&database.read).await? {
        Some(job) => Ok(job),
        None => bail!("there is no import {id}; `registry import list` lists them."),
    }
}

/// Subjects that an import wrote.
pub(super) async fn written(registry: &Registry, job: &Job) -> Result<Vec<Subject>> {
    use change::Column::{Actor as By, Seq, SubjectId, SubjectType as Type};
    let changes = change::Entity::find().select_only().columns([Type, SubjectId]).distinct();
    let changes = changes.filter(By.eq(Actor::import(&job.source, job.id).to_string()));
    let changes = changes.filter(Seq.gte(job.first_seq.unwrap_or(1)));
    let changes = match job.last_seq {
        Some(last) => changes.filter(Seq.lte(last)),
        None => changes,
    };
    let subjects: Vec<Subject> = changes.into_tuple().all(&registry.database().read).await?;
    // Proposals are counted, and taken back, on their own.
    let is_written = |(subject, _): &Subject| {
        !matches!(subject, SubjectType::Statistics | SubjectType::ImportJob | SubjectType::Proposal)
    };
    Ok(subjects.into_iter().filter(is_written).collect())
}

/// Those of the written subjects that existed before the import's first change.
pub(super) async fn known_before(
    registry: &Registry,
    job: &Job,
    written: &HashSet<Subject>,
) -> Result<HashSet<Subject>> {
    use change::Column::{Seq, SubjectId, SubjectType as Type};
    let mut of_kind: BTreeMap<SubjectType, Vec<i64>> = BTreeMap::new();
    written.iter().for_each(|(kind, id)| of_kind.entry(*kind).or_default().push(*id));
    let mut known = HashSet::new();
    for (kind, ids) in of_kind {
        for ids in ids.chunks(BATCH) {
            let earlier = change::Entity::find().select_only().column(SubjectId).distinct();
            let earlier = earlier.filter(Type.eq(kind)).filter(SubjectId.is_in(ids.iter().copied()));
            let earlier = earlier.filter(Seq.lt(job.first_seq.unwrap_or(1)));
            let earlier: Vec<i64> = earlier.into_tuple().all(&registry.database().read).await?;
            known.extend(earlier.into_iter().map(|id| (kind, id)));
        }
    }
    Ok(known)
}

/// Most subjects per SQL statement.
const BATCH: usize = 500;

/// Counts of an import as stored in its job.
pub fn counts(job: &Job) -> Counts {
    serde_json::from_str(&job.counts).unwrap_or_default()
}

/// Errors and warnings of an import, ordered by row: at most `most` of each.
///
/// # Errors
/// When the database fails.
pub async fn reported_rows(registry: &Registry, id: i64, most: u64) -> Result<Vec<ReportedRow>> {
    let db = &registry.database().read;
    let errors = import_row_error::Entity::find().filter(import_row_error::Column::JobId.eq(id));
    let errors = errors.order_by_asc(import_row_error::Column::RowNumber).limit(most).all(db).await?;
    let warnings = import_row_warning::Entity::find().filter(import_row_warning::Column::JobId.eq(id));
    let warnings = warnings.order_by_asc(import_row_warning::Column::RowNumber).limit(most).all(db).await?;
    let errors = errors.into_iter().map(|it| ReportedRow {
        is_error: true,
        number: it.row_number,
        code: it.code,
        text: it.text,
    });
    let warnings = warnings.into_iter().map(|it| ReportedRow {
        is_error: false,
        number: it.row_number,
        code: it.code,
        text: it.text,
    });
    let mut reported: Vec<ReportedRow> = errors.chain(warnings).collect();
    reported.sort_by_key(|row| (row.number, !row.is_error));
    Ok(reported)
}
