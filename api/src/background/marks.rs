//! Lets marks expire after their last day.

use std::time::Duration;

use chrono::Utc;
use registry::{change_log::Registry, mark};

/// Time between two runs.
const INTERVAL: Duration = Duration::from_secs(300);

/// Lets marks expire. Never ends.
pub(super) async fn expire(registry: Registry) {
    let status = registry.tasks().register("markExpiry");
    loop {
        let expired = mark::expire(&registry, Utc::now()).await;
        status.report(expired.as_ref());
        match expired {
            Ok(0) => {}
            Ok(number) => tracing::info!(number, "marks have expired"),
            Err(error) => tracing::warn!(%error, "cannot let marks expire"),
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
