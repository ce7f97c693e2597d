//! Deletes expired idempotency keys, with the responses to their requests.

use std::time::Duration;

use registry::{change_log::Registry, idempotency::requests};

/// Time between two runs.
const INTERVAL: Duration = Duration::from_secs(600);

/// Deletes the keys that have expired. Never ends.
pub(super) async fn clean(registry: Registry) {
    let status = registry.tasks().register("idempotencyKeyCleaner");
    loop {
        let deleted = requests::delete_expired(registry.database()).await;
        status.report(deleted.as_ref());
        if let Err(error) = deleted {
            tracing::warn!(%error, "cannot delete expired idempotency keys");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
