//! Earlier imports: what was imported when, and what was told of their rows.

use anyhow::{Result, bail};
use entities::{
    import_job::{self, Model as Job},
    import_row_error, import_row_warning,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::row::Counts;
use crate::{change::Registry, database::Database};

/// What is told of a row of an earlier import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldRow {
    /// Whether the row was refused; otherwise this is a warning.
    pub is_refusal: bool,
    /// Number of the row in the file, the first data row being 1.
    pub number: i64,
    /// Code of what is wrong.
    pub code: String,
    /// What is wrong, in words.
    pub text: String,
}

/// The latest imports, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(database: &Database, most: u64) -> Result<Vec<Job>> {
    let jobs = import_job::Entity::find().order_by_desc(import_job::Column::Id).limit(most);
    Ok(jobs.all(&database.read).await?)
}

/// An import by its number.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn find(database: &Database, id: i64) -> Result<Job> {
    match import_job::Entity::find_by_id(id).one(&database.read).await? {
        Some(job) => Ok(job),
        None => bail!("there is no import {id}; `registry import list` names them."),
    }
}

/// Counts of an import, as its job holds them.
pub fn counts(job: &Job) -> Counts {
    serde_json::from_str(&job.counts).unwrap_or_default()
}

/// Refusals and warnings of an import, by row: at most so many of each.
///
/// # Errors
/// When the database does not answer.
pub async fn told(registry: &Registry, id: i64, most: u64) -> Result<Vec<ToldRow>> {
    let db = &registry.database().read;
    let errors = import_row_error::Entity::find().filter(import_row_error::Column::JobId.eq(id));
    let errors = errors.order_by_asc(import_row_error::Column::RowNumber).limit(most).all(db).await?;
    let warnings = import_row_warning::Entity::find().filter(import_row_warning::Column::JobId.eq(id));
    let warnings = warnings.order_by_asc(import_row_warning::Column::RowNumber).limit(most).all(db).await?;
    let refusals = errors.into_iter().map(|it| ToldRow {
        is_refusal: true,
        number: it.row_number,
        code: it.code,
        text: it.text,
    });
    let warnings = warnings.into_iter().map(|it| ToldRow {
        is_refusal: false,
        number: it.row_number,
        code: it.code,
        text: it.text,
    });
    let mut told: Vec<ToldRow> = refusals.chain(warnings).collect();
    told.sort_by_key(|row| (row.number, !row.is_refusal));
    Ok(told)
}
