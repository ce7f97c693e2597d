//! Partitions of the table of figures, long before they are needed.

use std::time::Duration;

use registry::{change_log::Registry, statistics};

/// Time between two looks.
const EACH: Duration = Duration::from_secs(12 * 3_600);

/// Makes the partitions of the months to come. Never ends.
pub(super) async fn make(registry: Registry) {
    let status = registry.tasks().register("partitionMaker");
    loop {
        let made = statistics::make_ahead(registry.database()).await;
        status.report(made.as_ref());
        if let Err(error) = made {
            tracing::warn!(%error, "cannot make the tables of coming months");
        }
        tokio::time::sleep(EACH).await;
    }
}
