//! The end of the log as replicas keep it in Redis: a server that starts finds out by it that the database went back while
//! nobody served it.

use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::{
    change::{self, Registry, hex},
    shared::Shared,
    snapshot::Snapshot,
};

const KEY: &str = "head";
/// How often it is looked whether the log has grown.
const EACH: Duration = Duration::from_secs(1);
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
    fn of(registry: &Registry, snapshot: &Snapshot) -> Option<Self> {
        // The last places one by one, those before them ever farther apart.
        let is_kept = |number: &usize| *number < 8 || number.is_power_of_two();
        let places = (0..).zip(snapshot.trail()).filter(|(number, _)| is_kept(number));
        Some(Self {
            registry: hex(&registry.identity()?),
            epoch: snapshot.timeline().epoch.to_string(),
            places: places.map(|(_, (seq, hash))| (seq, hex(hash))).collect(),
        })
    }
}

/// Compares the database with what replicas kept, and keeps the log's end from then on. Never ends.
pub(super) async fn keep(registry: Registry, shared: Shared) {
    while !shared.is_up() {
        tokio::time::sleep(EACH).await;
    }
    if let Err(error) = compare(&registry, &shared).await {
        tracing::warn!(%error, "the log could not be compared with what Redis knows of it");
    }
    let mut last = None;
    loop {
        let snapshot = registry.snapshot();
        let now = (snapshot.timeline().clone(), snapshot.seq());
        if last.as_ref() != Some(&now)
            && let Some(json) = Head::of(&registry, &snapshot).and_then(|head| serde_json::to_vec(&head).ok())
        {
            shared.set(KEY, &json, KEPT).await;
            last = Some(now);
        }
        tokio::time::sleep(EACH).await;
    }
}

async fn compare(registry: &Registry, shared: &Shared) -> Result<()> {
    let snapshot = registry.snapshot();
    let known = shared.get(KEY).await.and_then(|json| serde_json::from_slice::<Head>(&json).ok());
    let Some(known) = known.filter(|known| *known.epoch == *snapshot.timeline().epoch) else { return Ok(()) };
    if registry.identity().is_none_or(|identity| hex(&identity) != known.registry) {
        return Ok(());
    }
    let Some((lost_seq, _)) = known.places.first() else { return Ok(()) };
    let mut common_seq = 0;
    for (seq, hash) in &known.places {
        if change::hash_at(registry.database(), *seq).await?.is_some_and(|its| hex(&its) == *hash) {
            common_seq = *seq;
            break;
        }
    }
    if common_seq == *lost_seq {
        return Ok(());
    }
    tracing::error!(
        lost_seq,
        common_seq,
        "the database went back while it was not served: its history is named anew"
    );
    let last_break = snapshot.timeline().last_break;
    let reason = "a server that started found another log than others had served";
    change::note_break(registry.database(), last_break, (common_seq, Some(*lost_seq)), reason).await
}
