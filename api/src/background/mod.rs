//! Background tasks of a server. `/readyz` reports the last run and error of each.

mod idempotency_keys;
mod key_use;
mod lag;
mod marks;
mod partitions;
mod shared_head;

use std::time::Duration;

use registry::{
    change_log::{Registry, Signer},
    worker_pool,
};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::app::App;

/// Timeout at start for comparing the database with the log head in Redis.
const COMPARING: Duration = Duration::from_secs(2);
/// Timeout at stop for writing the log head to Redis.
const KEEPING_LAST: Duration = Duration::from_secs(2);
/// Timeout at stop for the last receipt: longer than the timeout of a witness.
const SIGNING_LAST: Duration = Duration::from_secs(12);

/// Timeout at stop for writing on which day keys were last used.
const WRITING_LAST: Duration = Duration::from_secs(2);

/// The background tasks of a server.
pub struct Background {
    app: App,
    registry: Registry,
    signer: Option<Signer>,
    tasks: Vec<JoinHandle<()>>,
    shared_head: Option<AbortOnDropHandle<()>>,
    stopping: CancellationToken,
}

impl Background {
    /// Starts all tasks. With Redis configured, first waits until the database has been compared with the log head in
    /// Redis, or a timeout.
    pub async fn start(app: &App, signer: Option<Signer>) -> Self {
        let (registry, stopping) = (app.registry().clone(), CancellationToken::new());
        let tasks = vec![
            registry.follow(),
            registry.sign_receipts(signer.clone()),
            tokio::spawn(partitions::make(registry.clone())),
            tokio::spawn(idempotency_keys::clean(registry.clone())),
            tokio::spawn(lag::watch(app.clone())),
            tokio::spawn(key_use::write(app.clone())),
            worker_pool::spawn(marks::expire(registry.clone())),
        ];
        app.service().search().start(&registry);
        let (compared, is_compared) = oneshot::channel();
        let shared_head = app.settings().shared.as_ref().map(|shared| {
            let keep = shared_head::keep(registry.clone(), shared.clone(), compared, stopping.clone());
            AbortOnDropHandle::new(tokio::spawn(keep))
        });
        if shared_head.is_some() {
            // Redis may be unavailable.
            let _ = timeout(COMPARING, is_compared).await;
        }
        Self { app: app.clone(), registry, signer, tasks, shared_head, stopping }
    }

    /// Stops all tasks, after writing on which day keys were last used, signing the last changes, and writing the log head to
    /// Redis.
    pub async fn stop(self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        // The database may be unavailable.
        let _ = timeout(WRITING_LAST, self.app.key_use().write(self.registry.database())).await;
        if let Some(signer) = &self.signer {
            sign_last(&self.registry, signer).await;
        }
        self.stopping.cancel();
        if let Some(shared_head) = self.shared_head {
            // Redis may be unavailable.
            let _ = timeout(KEEPING_LAST, shared_head).await;
        }
    }
}

/// Signs the changes since the last receipt.
async fn sign_last(registry: &Registry, signer: &Signer) {
    let signed = timeout(SIGNING_LAST, registry.sign_and_send(signer, &mut None)).await;
    if let Err(error) = signed.map_err(anyhow::Error::from).and_then(|signed| signed) {
        tracing::warn!(%error, "the last changes were not signed, or the witness did not accept the receipt");
    }
}
