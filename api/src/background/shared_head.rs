//! Head of the change log in Redis, written by all replicas. At start a server compares it with the database, to detect
//! that the database was set back to an earlier state while no server ran.

use std::time::Duration;

use anyhow::Result;
use registry::{
    change_log::{self, Registry, hex},
    snapshot::Snapshot,
};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::redis::Shared;

const KEY: &str = "head";
/// Minimum time between two writes of the head.
const MIN_INTERVAL: Duration = Duration::from_millis(20);
/// Interval at which the timeline is checked when the log does not grow.
const INTERVAL: Duration = Duration::from_secs(1);
/// Maximum number of positions stored.
const MAX_POSITIONS: usize = 64;
/// TTL of the head in Redis.
const TIME_TO_LIVE: Duration = Duration::from_secs(30 * 86_400);

/// Positions of the log (sequence number and hash in hexadecimal), newest first.
#[derive(Serialize, Deserialize)]
struct Head {
    registry: String,
    epoch: String,
    places: Vec<(i64, String)>,
}

impl Head {
    /// The head of a snapshot, followed by positions from before this server started. `None` if the registry has no
    /// identity yet.
    fn of(registry: &Registry, snapshot: &Snapshot, earlier: &[(i64, String)]) -> Option<Self> {
        let own: Vec<_> = snapshot.trail().map(|(seq, hash)| (seq, hex(hash))).collect();
        let oldest = own.last().map_or(0, |(seq, _)| *seq);
        let earlier = earlier.iter().filter(|(seq, _)| *seq < oldest).cloned();
        // The last eight positions, then those at powers of two.
        let is_retained = |number: &usize| *number < 8 || number.is_power_of_two();
        let retained = own
            .into_iter()
            .enumerate()
            .filter(|(number, _)| is_retained(number))
            .map(|(_, position)| position);
        Some(Self {
            registry: hex(&registry.identity()?),
            epoch: snapshot.timeline().epoch.to_string(),
            places: retained.chain(earlier).take(MAX_POSITIONS).collect(),
        })
    }
}

/// Compares the database with the head in Redis, signals `compared`, then writes the head whenever it changes, until `stop`.
/// The head at the time of `stop` is still written.
pub(super) async fn keep(
    registry: Registry,
    shared: Shared,
    compared: oneshot::Sender<()>,
    stop: CancellationToken,
) {
    let status = registry.tasks().register("sharedHead");
    while !shared.is_up() {
        tokio::time::sleep(INTERVAL).await;
    }
    let earlier = compare_or_warn(&registry, &shared).await;
    // The receiver may have timed out.
    let _ = compared.send(());
    let (mut last, mut positions) = (None, registry.positions());
    loop {
        let is_last = stop.is_cancelled();
        let snapshot = registry.snapshot();
        let now = (snapshot.timeline().clone(), snapshot.seq());
        if last.as_ref() != Some(&now)
            && let Some(json) =
                Head::of(&registry, &snapshot, &earlier).and_then(|head| serde_json::to_vec(&head).ok())
        {
            shared.set(KEY, &json, TIME_TO_LIVE).await;
            last = Some(now);
            status.report(Ok(()));
        }
        if is_last {
            return;
        }
        // Batches many small writes.
        tokio::time::sleep(MIN_INTERVAL).await;
        tokio::select! {
            _ = positions.changed() => {}
            () = tokio::time::sleep(INTERVAL) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// The same positions as those of [`compare`]; none if the comparison fails.
async fn compare_or_warn(registry: &Registry, shared: &Shared) -> Vec<(i64, String)> {
    compare(registry, shared).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the change log could not be compared with its head in Redis");
        Vec::new()
    })
}

/// Compares the database with the head in Redis and returns the positions that both have. Records a timeline break if
/// the database lacks the newest of them.
async fn compare(registry: &Registry, shared: &Shared) -> Result<Vec<(i64, String)>> {
    let snapshot = registry.snapshot();
    let known = shared.get(KEY).await.and_then(|json| serde_json::from_slice::<Head>(&json).ok());
    let Some(known) = known else { return Ok(Vec::new()) };
    if registry.identity().is_none_or(|identity| hex(&identity) != known.registry) {
        return Ok(Vec::new());
    }
    let Some((lost_seq, lost_hash)) = known.places.first() else { return Ok(Vec::new()) };
    let common_seq = newest_common(registry, &known.places).await?;
    let common = known.places.iter().filter(|(seq, _)| *seq <= common_seq).cloned().collect();
    // An epoch that the database never had belongs to a lost timeline, even if both have the same positions: cache keys
    // of that timeline may contain the current epoch.
    let breaks = change_log::breaks(&registry.database().read).await?;
    let is_named = known.epoch.is_empty() || breaks.iter().any(|it| it.epoch == known.epoch);
    if common_seq == *lost_seq && is_named {
        return Ok(common);
    }
    tracing::error!(
        lost_seq,
        common_seq,
        "the database was set back while no server ran: a new timeline epoch begins"
    );
    let last_break = snapshot.timeline().last_break;
    let reason = "at start, a server found another change log than the one served before";
    let lost = is_named.then(|| change_log::unhex(lost_hash)).transpose()?.map(|hash| (*lost_seq, hash));
    if change_log::record_break(registry.database(), last_break, common_seq, lost, reason).await? {
        // The task that follows the log applies the new epoch.
        let taken_over = async {
            while registry.snapshot().timeline().last_break <= last_break {
                tokio::time::sleep(MIN_INTERVAL).await;
            }
        };
        let _ = tokio::time::timeout(INTERVAL, taken_over).await;
    }
    Ok(common)
}

/// Sequence number of the newest of the positions that the database has; 0 if it has none.
async fn newest_common(registry: &Registry, positions: &[(i64, String)]) -> Result<i64> {
    for (seq, hash) in positions {
        if change_log::hash_at(registry.database(), *seq).await?.is_some_and(|its| hex(&its) == *hash) {
            return Ok(*seq);
        }
    }
    Ok(0)
}
