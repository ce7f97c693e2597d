//! Finding the next change of a kind by index, even if it is rare.

use anyhow::Result;
use sea_orm::{ActiveEnum, ConnectionTrait, Statement};

use crate::view::{FeedScope, Viewer};

/// Lower bound for the sequence number of the next change of these kinds and subject types; without a filter,
/// the next sequence number. `None` when there is none.
pub(super) async fn next_seq(
    db: &impl ConnectionTrait,
    scope: &FeedScope,
    viewer: Viewer,
    after: i64,
) -> Result<Option<i64>> {
    let kinds = scope.kinds.iter().map(|kind| ("kind", kind.to_value()));
    let types = scope.subject_types();
    let subjects = types.iter().map(|subject| ("subject_type", subject.to_value()));
    let (of_kinds, of_subjects) =
        (next_of(db, kinds, viewer, after).await?, next_of(db, subjects, viewer, after).await?);
    Ok(match (scope.kinds.is_empty(), types.is_empty()) {
        (true, true) => Some(after + 1),
        (false, true) => of_kinds,
        (true, false) => of_subjects,
        // The next match is not before either of them.
        (false, false) => of_kinds.zip(of_subjects).map(|(one, other)| one.max(other)),
    })
}

/// The first sequence number after `after` with any of these values in its column. The values are names of
/// enum members.
async fn next_of(
    db: &impl ConnectionTrait,
    values: impl Iterator<Item = (&str, String)>,
    viewer: Viewer,
    after: i64,
) -> Result<Option<i64>> {
    // Hidden changes must not influence the result: it would disclose them.
    let shown = match viewer.is_reviewer() {
        true => "",
        false => {
            " AND (audience IS NULL OR audience NOT IN ('INTERNAL', 'UNCHANGED')) AND subject_type <> 'CLIENT'"
        }
    };
    let first = |(column, value): (&str, String)| {
        format!("SELECT min(seq) AS seq FROM change WHERE {column} = '{value}' AND seq > {after}{shown}")
    };
    let firsts: Vec<String> = values.map(first).collect();
    if firsts.is_empty() {
        return Ok(None);
    }
    let sql = format!("SELECT min(seq) AS seq FROM ({}) AS firsts", firsts.join(" UNION ALL "));
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    Ok(row.map(|row| row.try_get("", "seq")).transpose()?.flatten())
}
