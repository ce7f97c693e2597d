//! The end of the log as replicas keep it in Redis: a server that starts finds out by it that the database went back while
//! nobody served it.

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
/// Shortest time between two ends that are kept.
const AT_MOST_EACH: Duration = Duration::from_millis(20);
/// How often it is looked whether the history has another name.
const EACH: Duration = Duration::from_secs(1);
/// Places that are kept.
const MOST_PLACES: usize = 64;
/// How long it is kept.
const KEPT: Duration = Duration::from_secs(30 * 86_400);

/// Places of the log with their hashes in hexadecimal, the newest first.
#[derive(Serialize, Deserialize)]
struct Head {
    registry: String,
    epoch: String,
    places: Vec<(i64, String)>,
}

impl Head {
    /// The log's end as a snapshot knows it, with places from before this server began.
    fn of(registry: &Registry, snapshot: &Snapshot, earlier: &[(i64, String)]) -> Option<Self> {
        let own: Vec<_> = snapshot.trail().map(|(seq, hash)| (seq, hex(hash))).collect();
        let oldest = own.last().map_or(0, |(seq, _)| *seq);
        let earlier = earlier.iter().filter(|(seq, _)| *seq < oldest).cloned();
        // The last places one by one, those before them ever farther apart.
        let is_kept = |number: &usize| *number < 8 || number.is_power_of_two();
        let places =
            own.into_iter().enumerate().filter(|(number, _)| is_kept(number)).map(|(_, place)| place);
        Some(Self {
            registry: hex(&registry.identity()?),
            epoch: snapshot.timeline().epoch.to_string(),
            places: places.chain(earlier).take(MOST_PLACES).collect(),
        })
    }
}

/// Compares the database with what replicas kept, tells `compared`, and keeps the log's end from then on, until it is told to
/// stop: what was written last is kept even then.
pub(super) async fn keep(
    registry: Registry,
    shared: Shared,
    compared: oneshot::Sender<()>,
    stop: CancellationToken,
) {
    let status = registry.tasks().register("sharedHead");
    while !shared.is_up() {
        tokio::time::sleep(EACH).await;
    }
    let earlier = compare(&registry, &shared).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the log could not be compared with what Redis knows of it");
        Vec::new()
    });
    // Nobody may wait any more.
    let _ = compared.send(());
    let (mut last, mut places) = (None, registry.places());
    loop {
        let is_last = stop.is_cancelled();
        let snapshot = registry.snapshot();
        let now = (snapshot.timeline().clone(), snapshot.seq());
        if last.as_ref() != Some(&now)
            && let Some(json) =
                Head::of(&registry, &snapshot, &earlier).and_then(|head| serde_json::to_vec(&head).ok())
        {
            shared.set(KEY, &json, KEPT).await;
            last = Some(now);
            status.report(Ok(()));
        }
        if is_last {
            return;
        }
        // Many small writes are kept together.
        tokio::time::sleep(AT_MOST_EACH).await;
        tokio::select! {
            _ = places.changed() => {}
            () = tokio::time::sleep(EACH) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Compares the database with what replicas kept; answers the places that both have.
async fn compare(registry: &Registry, shared: &Shared) -> Result<Vec<(i64, String)>> {
    let snapshot = registry.snapshot();
    let known = shared.get(KEY).await.and_then(|json| serde_json::from_slice::<Head>(&json).ok());
    let Some(known) = known else { return Ok(Vec::new()) };
    if registry.identity().is_none_or(|identity| hex(&identity) != known.registry) {
        return Ok(Vec::new());
    }
    let Some((lost_seq, lost_hash)) = known.places.first() else { return Ok(Vec::new()) };
    let mut common_seq = 0;
    for (seq, hash) in &known.places {
        if change_log::hash_at(registry.database(), *seq).await?.is_some_and(|its| hex(&its) == *hash) {
            common_seq = *seq;
            break;
        }
    }
    let common = known.places.iter().filter(|(seq, _)| *seq <= common_seq).cloned().collect();
    // A name that the database has never had is that of a history which it has lost, whatever places both have in common:
    // the name that it has now may be in keys of answers from before.
    let breaks = change_log::breaks(&registry.database().read).await?;
    let is_named = known.epoch.is_empty() || breaks.iter().any(|it| it.epoch == known.epoch);
    if common_seq == *lost_seq && is_named {
        return Ok(common);
    }
    tracing::error!(
        lost_seq,
        common_seq,
        "the database went back while it was not served: its history is named anew"
    );
    let last_break = snapshot.timeline().last_break;
    let reason = "a server that started found another log than others had served";
    let lost = is_named.then(|| change_log::unhex(lost_hash)).transpose()?.map(|hash| (*lost_seq, hash));
    if change_log::note_break(registry.database(), last_break, common_seq, lost, reason).await? {
        // Whoever follows the log takes the new name over.
        let taken_over = async {
            while registry.snapshot().timeline().last_break <= last_break {
                tokio::time::sleep(AT_MOST_EACH).await;
            }
        };
        let _ = tokio::time::timeout(EACH, taken_over).await;
    }
    Ok(common)
}
