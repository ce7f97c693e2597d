//! Logs when the snapshot lags behind the database.

use std::time::Duration;

use crate::app::App;

/// Time between two checks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Logs when the lag exceeds `MAX_LAG`, and when it no longer does. Never ends.
pub(super) async fn watch(app: App) {
    let status = app.registry().tasks().register("lagWatcher");
    let mut was_lagging = false;
    loop {
        tokio::time::sleep(INTERVAL).await;
        let is_lagging = app.service().is_lagging();
        if is_lagging && !was_lagging {
            tracing::warn!("the database does not respond: the served snapshot is older than MAX_LAG");
        } else if was_lagging && !is_lagging {
            tracing::info!("the served snapshot is up to date again");
        }
        was_lagging = is_lagging;
        status.report(Ok(()));
    }
}
