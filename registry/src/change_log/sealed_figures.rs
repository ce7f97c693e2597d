//! What the log sealed last of a platform's figures.

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

/// What the log tells of a platform's figures.
pub enum Sealed {
    /// It never tells of any.
    Nothing,
    /// It is older than digests.
    BeforeDigests,
    /// Digests of all of them.
    Digests(FigureDigests),
}

/// What the log sealed last of a platform's figures.
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

/// Hashes of a platform's latest figures and of those of days, as the tables hold them; none where they are older than that.
/// What is written next is sealed with them, so that they must be what the log sealed: or else whoever altered figures behind
/// the log would have the next honest write seal them.
///
/// # Errors
/// When they are others than the log sealed, or the database does not answer.
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
    let read = |bytes| LtHash::read(bytes).context("a hash of figures is damaged");
    let (latest, days) = (read(&row.latest)?, read(&row.days)?);
    if latest.digest() != *sealed.latest || days.digest() != *sealed.days {
        bail!(ALTERED);
    }
    Ok(Some((latest, days)))
}

/// Compares the number and the digest of the segments that this process knows with those that the log sealed last.
///
/// # Errors
/// When they are others than the log sealed, or the database does not answer.
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

/// Number of the last batch of figures that the log tells of; 0 where it tells of none.
///
/// # Errors
/// When the database does not answer.
pub async fn last_batch(db: &impl ConnectionTrait, platforms: &[i64]) -> Result<i32> {
    let mut last = States::new();
    last_states(db, SubjectType::Statistics, platforms, i64::MAX, &mut last).await?;
    let of_platform = last.values().filter_map(|(record, _)| match record {
        Record::Statistics(statistics) => statistics.batch.as_ref().map(|batch| batch.id),
        _ => None,
    });
    Ok(of_platform.max().unwrap_or(0))
}

const SEGMENTS_ALTERED: &str = "the segments that figures are counted among are not those that the log sealed: they were altered behind it. \
     Nothing is written; run `registry check`, and restore the registry from a backup";
const ALTERED: &str = "the sums of the figures are not those that the log sealed: they were altered behind it. Nothing is written; \
     run `registry check --statistics`, and restore the registry from a backup";
