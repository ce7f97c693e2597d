//! Following the change log: by notifications of the database where available, and by polling in any case.

use std::time::Duration;

use sea_orm::{DbBackend, sqlx::postgres::PgListener};

use super::Registry;

/// Channel for notifications.
pub(super) const CHANNEL: &str = "registry_change";
/// About one in a thousand notifications is lost; polling keeps the delay below a second.
const POLL: Duration = Duration::from_millis(400);

/// Never returns: database errors are logged and retried.
pub(super) async fn follow(registry: Registry) {
    let mut listener = None;
    let status = registry.tasks().register("changeLogFollower");
    let mut is_failing = false;
    loop {
        if listener.is_none() && registry.database().backend() == DbBackend::Postgres {
            listener = listen(&registry.database().url).await;
        }
        wait(&mut listener).await;
        let caught_up = registry.catch_up().await;
        status.report(caught_up.as_ref());
        match caught_up {
            Ok(()) => is_failing = false,
            Err(error) if is_failing => tracing::debug!(%error, "still cannot follow the change log"),
            Err(error) => {
                is_failing = true;
                tracing::warn!(%error, seq = registry.snapshot().seq(), "cannot follow the change log; retrying");
            }
        }
    }
}

async fn listen(url: &str) -> Option<PgListener> {
    let mut listener = PgListener::connect(url).await.ok()?;
    listener.listen(CHANNEL).await.ok()?;
    Some(listener)
}

/// Waits for a notification or the next poll, whichever is first.
async fn wait(listener: &mut Option<PgListener>) {
    match listener {
        None => tokio::time::sleep(POLL).await,
        Some(active) => {
            if let Ok(Err(_)) = tokio::time::timeout(POLL, active.recv()).await {
                *listener = None;
                tokio::time::sleep(POLL).await;
            }
        }
    }
}
