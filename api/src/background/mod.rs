//! Everything that a server does beside answering requests. What each task did last stands in `/readyz`.

mod lag;
mod partitions;
mod shared_head;

use std::time::Duration;

use registry::change_log::{Registry, Signer};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::app::App;

/// Time for Redis to tell a server that starts what others served.
const COMPARING: Duration = Duration::from_secs(2);
/// Time for a server that stops to tell the others where the log ends.
const KEEPING_LAST: Duration = Duration::from_secs(2);
/// Time for the last receipt of a server that stops: longer than a witness has to take it.
const SIGNING_LAST: Duration = Duration::from_secs(12);

/// The tasks of a server, from its start to its end.
pub struct Background {
    registry: Registry,
    signer: Option<Signer>,
    tasks: Vec<JoinHandle<()>>,
    shared_head: Option<AbortOnDropHandle<()>>,
    stopping: CancellationToken,
}

impl Background {
    /// Starts all tasks. Where Redis is there to tell what others served, the database is compared with that first.
    pub async fn start(app: &App, signer: Option<Signer>) -> Self {
        let (registry, stopping) = (app.registry().clone(), CancellationToken::new());
        let tasks = vec![
            registry.follow(),
            registry.sign_receipts(signer.clone()),
            tokio::spawn(partitions::make(registry.clone())),
            tokio::spawn(lag::watch(app.clone())),
        ];
        app.service().search().start(&registry);
        let (compared, is_compared) = oneshot::channel();
        let shared_head = app.settings().shared.as_ref().map(|shared| {
            let keep = shared_head::keep(registry.clone(), shared.clone(), compared, stopping.clone());
            AbortOnDropHandle::new(tokio::spawn(keep))
        });
        if shared_head.is_some() {
            // Redis may be away.
            let _ = timeout(COMPARING, is_compared).await;
        }
        Self { registry, signer, tasks, shared_head, stopping }
    }

    /// Ends all tasks, once what was written last is signed and told.
    pub async fn stop(self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        if let Some(signer) = &self.signer {
            sign_last(&self.registry, signer).await;
        }
        self.stopping.cancel();
        if let Some(shared_head) = self.shared_head {
            // Redis may be away.
            let _ = timeout(KEEPING_LAST, shared_head).await;
        }
    }
}

/// Signs what was written since the last receipt: the next one may come late.
async fn sign_last(registry: &Registry, signer: &Signer) {
    let signed = timeout(SIGNING_LAST, registry.sign_and_tell(signer, &mut None)).await;
    if let Err(error) = signed.map_err(anyhow::Error::from).and_then(|signed| signed) {
        tracing::warn!(%error, "the last changes are not signed, or the witness has not taken the receipt");
    }
}
