//! Telling that the registry falls behind its database.

use std::time::Duration;

use crate::app::App;

/// Time between two looks.
const EACH: Duration = Duration::from_secs(1);

/// Says in the log when the registry falls behind its database by more than it may, and when it has caught up. Never ends.
pub(super) async fn watch(app: App) {
    let status = app.registry().tasks().register("lagWatcher");
    let mut was_lagging = false;
    loop {
        tokio::time::sleep(EACH).await;
        let is_lagging = app.service().is_lagging();
        if is_lagging && !was_lagging {
            tracing::warn!("the database does not answer: what is served is older than MAX_LAG allows");
        } else if was_lagging && !is_lagging {
            tracing::info!("what is served is up to date again");
        }
        was_lagging = is_lagging;
        status.report(Ok(()));
    }
}
