//! Digests of statistics last sealed in the log.

use anyhow::{Context, Result, bail};
use entities::{
    change::{self, SubjectType},
    statistics_digest,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    as_of::{States, last_states},
    lt_hash::LtHash,
};
use crate::model::{FigureDigests, Record};

/// What the log contains about a platform's statistics.
pub enum Sealed {
    /// No statistics.
    Nothing,
    /// Only changes from before digests existed.
    BeforeDigests,
    /// Digests of all statistics.
    Digests(FigureDigests),
}

/// The last seal of a platform's statistics.
///
/// # Errors
/// When the database does not answer.
pub async fn sealed_figures(db: &impl ConnectionTrait, platform_id: i64) -> Result<Sealed> {
    use change::Column::{After, Seq, SubjectId, SubjectType as Type};
    let last = change::Entity::find().select_only().column(After);
    let last = last.filter(Type.eq(SubjectType::Statistics)).filter(SubjectId.eq(platform_id));
    let Some(after) = last.order_by_desc(Seq).into_tuple::<String>().one(db).await? else {
        return Ok(Sealed::Nothing);
    };
    Ok(match Record::parse(SubjectType::Statistics, &after)? {
        Record::Statistics(batch) => batch.digests.clone().map_or(Sealed::BeforeDigests, Sealed::Digests),
        _ => Sealed::BeforeDigests,
    })
}

/// Stored hashes of a platform's latest and daily statistics; `None` when they are older than digests. They
/// must match the log, because the next write is sealed on top of them: otherwise an alteration outside the
/// log would be sealed by the next legitimate write.
///
/// # Errors
/// When they differ from the log, or the database does not answer.
pub(super) async fn hashes_of_figures(
    db: &impl ConnectionTrait,
    platform_id: i64,
    known: Option<&statistics_digest::Model>,
) -> Result<Option<(LtHash, LtHash)>> {
    let sealed = sealed_figures(db, platform_id).await?;
    let (sealed, row) = match (sealed, known) {
        (Sealed::Nothing, None) => return Ok(Some(Default::default())),
        (Sealed::BeforeDigests, None) => return Ok(None),
        (Sealed::Digests(sealed), Some(row)) => (sealed, row),
        _ => bail!(ALTERED),
    };
    let read = |bytes| LtHash::read(bytes).context("a stored hash of statistics is damaged");
    let (latest, days) = (read(&row.latest)?, read(&row.days)?);
    if latest.digest() != *sealed.latest || days.digest() != *sealed.days {
        bail!(ALTERED);
    }
    Ok(Some((latest, days)))
}

/// Compares number and digest of the segments known to this process with the last seal in the log.
///
/// # Errors
/// When they differ from the log, or the database does not answer.
pub(super) async fn check_segments(db: &impl ConnectionTrait, known: &(i32, Box<str>)) -> Result<()> {
    use change::Column::{After, Seq, SubjectType as Type};
    let last = change::Entity::find().select_only().column(After).filter(Type.eq(SubjectType::Statistics));
    let Some(after) = last.order_by_desc(Seq).into_tuple::<String>().one(db).await? else { return Ok(()) };
    let Record::Statistics(batch) = Record::parse(SubjectType::Statistics, &after)? else { return Ok(()) };
    if batch.digests.as_ref().is_some_and(|digests| digests.segments != *known) {
        bail!(SEGMENTS_ALTERED);
    }
    Ok(())
}

/// Id of the last statistics batch of these platforms in the log; 0 when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn last_batch(db: &impl ConnectionTrait, platforms: &[i64]) -> Result<i32> {
    let mut last = States::new();
    last_states(db, SubjectType::Statistics, platforms, i64::MAX, &mut last).await?;
    let of_platform = last.values().filter_map(|state| match &state.record {
        Record::Statistics(statistics) => statistics.batch.as_ref().map(|batch| batch.id),
        _ => None,
    });
    Ok(of_platform.max().unwrap_or(0))
}

const SEGMENTS_ALTERED: &str = "the statistics segments differ from those sealed in the change log: they were altered outside the log. \
     Nothing was written; run `registry check`, and restore the registry from a backup";
const ALTERED: &str = "the digests of the statistics differ from those sealed in the change log: they were altered outside the log. \
     Nothing was written; run `registry check --statistics`, and restore the registry from a backup";
