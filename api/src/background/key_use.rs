//! Writes on which day keys were last used.

use std::time::Duration;

use crate::app::App;

/// Time between two writes. A key that is used again on the same day is not written again.
const INTERVAL: Duration = Duration::from_secs(60);

/// Writes the days of keys that were used since the last time. Never ends.
pub(super) async fn write(app: App) {
    let status = app.registry().tasks().register("keyUseWriter");
    loop {
        tokio::time::sleep(INTERVAL).await;
        let written = app.key_use().write(app.registry().database()).await;
        status.report(written.as_ref());
        if let Err(error) = written {
            tracing::warn!(%error, "cannot write on which day keys were last used");
        }
    }
}
