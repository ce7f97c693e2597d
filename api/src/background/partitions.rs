//! Creates the partitions of the statistics table in advance.

use std::time::Duration;

use registry::{change_log::Registry, statistics};

/// Time between two runs.
const INTERVAL: Duration = Duration::from_secs(12 * 3_600);

/// Creates the partitions of coming months. Never ends.
pub(super) async fn make(registry: Registry) {
    let status = registry.tasks().register("partitionMaker");
    loop {
        let created = statistics::make_ahead(registry.database()).await;
        status.report(created.as_ref());
        if let Err(error) = created {
            tracing::warn!(%error, "cannot create the partitions of coming months");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
