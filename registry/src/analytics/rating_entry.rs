//! Entries of published ratings: storage, reading and verification.

use anyhow::{Context, Result};
use entities::rating_entry::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::score::{Part, Scored};
use crate::{
    analytics::StatisticsMetric,
    change_log::Registry,
    model::{Methodology, Rating},
    snapshot::Snapshot,
};

/// A stored part: value and share. Its metric is that of the methodology's component at the same index.
type StoredPart = (Option<f64>, f64);

/// Rows of the entries of a rating.
///
/// # Errors
/// When a position or rank exceeds `i32`.
pub fn rows(rating_id: i64, entries: &[Scored]) -> Result<Vec<Model>> {
    let row = |(position, scored): (usize, &Scored)| {
        let parts: Vec<StoredPart> = scored.parts.iter().map(|part| (part.value, part.share)).collect();
        Ok(Model {
            rating_id,
            position: i32::try_from(position)?,
            rank: i32::try_from(scored.rank)?,
            subject_id: scored.id,
            score: scored.score,
            parts: serde_json::to_string(&parts)?,
        })
    };
    entries.iter().enumerate().map(row).collect()
}

/// BLAKE3 hash of the rows, in hexadecimal: recorded in the log, to detect altered entries.
pub fn digest(rows: &[Model]) -> String {
    let mut hasher = blake3::Hasher::new();
    for row in rows {
        let Model { position, rank, subject_id, score, parts, .. } = row;
        hasher.update(format!("{position}\t{rank}\t{subject_id}\t{score}\t{parts}\n").as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Entries of a published rating from a position on, at most `count`.
///
/// # Errors
/// When the database fails, or a row is invalid.
pub async fn read(
    db: &impl ConnectionTrait,
    rating: &Rating,
    methodology: &Methodology,
    from: usize,
    count: u64,
) -> Result<Vec<Scored>> {
    let from = i32::try_from(from)?;
    let rows = Entity::find().filter(Column::RatingId.eq(rating.id)).filter(Column::Position.gte(from));
    let rows = rows.order_by_asc(Column::Position).limit(count).all(db).await?;
    rows.into_iter().map(|row| from_row(row, methodology)).collect()
}

fn from_row(row: Model, methodology: &Methodology) -> Result<Scored> {
    let stored: Vec<StoredPart> = serde_json::from_str(&row.parts)?;
    let part = |((value, share), component): (StoredPart, &crate::model::Component)| {
        let metric = StatisticsMetric::named(&component.metric)
            .with_context(|| format!("{}: no metric {}", methodology.code, component.metric))?;
        Ok(Part { metric, value, share })
    };
    Ok(Scored {
        id: row.subject_id,
        rank: u64::try_from(row.rank)?,
        score: row.score,
        parts: stored.into_iter().zip(&methodology.terms.components).map(part).collect::<Result<_>>()?,
    })
}

/// Verifies the entries of published ratings against the hashes in the log; returns the ids of ratings that differ.
///
/// # Errors
/// When the database fails.
pub async fn altered(registry: &Registry) -> Result<Vec<i64>> {
    altered_within(&registry.database().read, &registry.snapshot()).await
}

/// The same for the ratings of a snapshot, with the entries as a connection reads them.
///
/// # Errors
/// When the database fails.
pub async fn altered_within(db: &impl ConnectionTrait, snapshot: &Snapshot) -> Result<Vec<i64>> {
    let mut altered = Vec::new();
    for rating in snapshot.ratings().values() {
        let rows = Entity::find().filter(Column::RatingId.eq(rating.id)).order_by_asc(Column::Position);
        if digest(&rows.all(db).await?) != *rating.digest {
            altered.push(rating.id);
        }
    }
    Ok(altered)
}
