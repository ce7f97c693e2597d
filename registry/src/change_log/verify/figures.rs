//! Compares statistics and their batches with the digests in the log.

use std::collections::BTreeMap;

use anyhow::Result;
use entities::{audience_segment, page_latest, statistics_batch, statistics_digest};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::replay::{Replay, Sent};
use crate::{
    change_log::{LtHash, figures},
    model::FigureDigests,
};

/// Rows per query.
const WINDOW: u64 = 5_000;

/// First platform whose latest statistics, or whose stored hashes, differ from the log.
pub(super) async fn latest(db: &DatabaseTransaction, replay: &Replay) -> Result<Option<String>> {
    use page_latest::Column::PageId;
    let mut hashes: BTreeMap<i64, LtHash> = BTreeMap::new();
    let mut after = i64::MIN;
    loop {
        let window = page_latest::Entity::find().filter(PageId.gt(after)).order_by_asc(PageId).limit(WINDOW);
        let window = window.all(db).await?;
        let Some(last) = window.last() else { break };
        after = last.page_id;
        for row in window {
            let Some(page) = replay.snapshot().page(row.page_id) else {
                return Ok(Some(format!("latest figures of page {}, which does not exist", row.page_id)));
            };
            hashes.entry(page.platform_id).or_default().add(&figures::latest_element(&row));
        }
    }
    let stored = statistics_digest::Entity::find().all(db).await?.into_iter();
    let stored: BTreeMap<i64, _> = stored.map(|row| (row.platform_id, row)).collect();
    let platforms: std::collections::BTreeSet<i64> =
        hashes.keys().chain(replay.digests.keys()).chain(stored.keys()).copied().collect();
    for platform_id in platforms {
        let name = replay.snapshot().platform(platform_id).map_or("an unknown platform", |it| &it.code);
        let latest = hashes.remove(&platform_id).unwrap_or_default();
        let difference = match replay.digests.get(&platform_id) {
            // Sealed before digests existed.
            Some(None) => None,
            Some(Some(digests)) => difference(name, &latest, digests, stored.get(&platform_id)),
            None => Some(format!("figures of pages on {name}, which are not in the log")),
        };
        if difference.is_some() {
            return Ok(difference);
        }
    }
    Ok(None)
}

/// What of a platform differs from its digests in the log: its latest statistics, or its stored hashes.
fn difference(
    name: &str,
    latest: &LtHash,
    digests: &FigureDigests,
    stored: Option<&statistics_digest::Model>,
) -> Option<String> {
    if latest.digest() != *digests.latest {
        return Some(format!("the latest figures of the pages on {name}"));
    }
    let digest = |bytes: &[u8]| LtHash::read(bytes).map(|hash| hash.digest());
    let stored = stored.and_then(|row| Some((digest(&row.latest)?, digest(&row.days)?)));
    let differs = stored.is_none_or(|(latest, days)| *latest != *digests.latest || *days != *digests.days);
    differs.then(|| format!("the stored hashes of figures on {name}"))
}

/// Compares the segments with their digest in the log.
pub(super) async fn segments(db: &DatabaseTransaction, replay: &Replay) -> Result<Option<String>> {
    let rows = audience_segment::Entity::find().order_by_asc(audience_segment::Column::Id).all(db).await?;
    let Some((number, digest)) = &replay.segments else { return Ok(None) };
    let mut all = blake3::Hasher::new();
    rows.iter().for_each(|row| _ = all.update(&figures::segment_hash(row)));
    let is_sealed = rows.len() == *number as usize && *all.finalize().to_hex() == **digest;
    Ok((!is_sealed).then(|| "the statistics segments".to_owned()))
}

/// First statistics batch in which the table differs from the log.
pub(super) async fn batches(db: &DatabaseTransaction, replay: &Replay) -> Result<Option<String>> {
    let rows = statistics_batch::Entity::find().all(db).await?.into_iter();
    let mut rows: BTreeMap<i32, Sent> =
        rows.map(|row| (row.id, Sent { actor: row.actor, source: row.source, at: row.at })).collect();
    if replay.has_old_batches {
        // Batches before the first one in the log are from before the log recorded them.
        let Some(first) = replay.batches.keys().next() else { return Ok(None) };
        rows = rows.split_off(first);
    }
    let ids = rows.keys().chain(replay.batches.keys());
    let different = ids.into_iter().find(|id| rows.get(id) != replay.batches.get(id));
    Ok(different.map(|id| format!("the batch of figures {id}")))
}
