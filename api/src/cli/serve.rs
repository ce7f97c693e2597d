//! `registry serve`.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use registry::{
    change_log::{Registry, Signer},
    statistics,
};
use tokio::{net::TcpListener, sync::oneshot};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::shared_head;
use crate::{
    app::App,
    config::{DatabaseConfig, ServeConfig},
    server::{self, Connections, dispatcher::Dispatcher},
};

/// How often it is looked whether the registry lags behind its database.
const WATCHING_LAG: Duration = Duration::from_secs(1);
/// How often tables for the months to come are made.
const MAKING_MONTHS: Duration = Duration::from_secs(12 * 3_600);

/// Time for Redis to tell a server that starts what others served.
const COMPARING: Duration = Duration::from_secs(2);
/// Time for a server that stops to tell the others where the log ends.
const KEEPING_LAST: Duration = Duration::from_secs(2);
/// Time for the last receipt of a server that stops: longer than a witness has to take it.
const SIGNING_LAST: Duration = Duration::from_secs(12);

/// Time for the database to be closed: longer than a statement may take.
const CLOSING: Duration = Duration::from_secs(10);

#[derive(Args, Debug)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    config: ServeConfig,
}

pub(super) async fn run(database: &DatabaseConfig, args: ServeArgs) -> Result<()> {
    // A key that cannot be used is told before the registry is loaded.
    args.config.signer()?;
    let listener = listen(&args.config).await?;
    let registry = super::open(database).await?;
    serve(registry, listener, &args.config).await
}

/// Takes the port before anything slow is done, so that a port in use is told at once.
pub(super) async fn listen(config: &ServeConfig) -> Result<TcpListener> {
    TcpListener::bind(config.listen).await.with_context(|| {
        format!("cannot listen on {}; choose another address with --listen or LISTEN", config.listen)
    })
}

/// Serves until the process is told to stop.
pub(super) async fn serve(registry: Registry, listener: TcpListener, config: &ServeConfig) -> Result<()> {
    let (organizations, pages) = registry.snapshot().sizes();
    let following = registry.follow();
    let making_months = tokio::spawn(make_months(registry.clone()));
    let signer = config.signer()?;
    let signing = registry.sign_receipts(signer.clone());
    let signed = registry.clone();
    let app = App::new(registry, config.settings()?);
    app.service().search().start(app.registry());
    let watching = tokio::spawn(watch_lag(app.clone()));
    let stopping = CancellationToken::new();
    let (compared, is_compared) = oneshot::channel();
    let keeping = app.settings().shared.as_ref().map(|shared| {
        let keep = shared_head::keep(app.registry().clone(), shared.clone(), compared, stopping.clone());
        tokio::spawn(keep)
    });
    if keeping.is_some() {
        // What others served is asked first, where Redis is there to tell.
        let _ = tokio::time::timeout(COMPARING, is_compared).await;
    }
    tracing::info!(address = %config.listen, organizations, pages, seq = app.registry().snapshot().seq(), "serving");
    let connections = Connections { most: config.max_connections, ..Connections::default() };
    server::serve(listener, Dispatcher::new(app), connections, stop()).await;
    following.abort();
    making_months.abort();
    signing.abort();
    watching.abort();
    if let Some(signer) = signer {
        sign_last(&signed, &signer).await;
    }
    stopping.cancel();
    if let Some(keeping) = keeping {
        // Redis may be away.
        let _ = tokio::time::timeout(KEEPING_LAST, AbortOnDropHandle::new(keeping)).await;
    }
    close(&signed).await;
    tracing::info!("stopped");
    Ok(())
}

/// Signs what was written since the last receipt: the next one may come late.
async fn sign_last(registry: &Registry, signer: &Signer) {
    let signed = tokio::time::timeout(SIGNING_LAST, registry.sign_and_tell(signer, &mut None)).await;
    if let Err(error) = signed.map_err(anyhow::Error::from).and_then(|signed| signed) {
        tracing::warn!(%error, "the last changes are not signed, or the witness has not taken the receipt");
    }
}

/// Closes the database, so that nothing of it is left in SQLite's write-ahead log: whatever file takes the name next would be
/// taken for the one that the log is of. Where another one has the name already, nothing is done to it.
async fn close(registry: &Registry) {
    let database = registry.database().clone();
    if database.check_in_place().is_err() {
        return;
    }
    match tokio::time::timeout(CLOSING, database.close()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the database is not closed"),
        Err(_) => tracing::warn!("the database is not closed: it is still read"),
    }
}

/// Says in the log when the registry falls behind its database by more than it may, and when it has caught up.
async fn watch_lag(app: App) {
    let mut was_lagging = false;
    loop {
        tokio::time::sleep(WATCHING_LAG).await;
        let is_lagging = app.service().is_lagging();
        if is_lagging && !was_lagging {
            tracing::warn!("the database does not answer: what is served is older than MAX_LAG allows");
        } else if was_lagging && !is_lagging {
            tracing::info!("what is served is up to date again");
        }
        was_lagging = is_lagging;
    }
}

/// Makes tables for the months to come, long before they are needed.
async fn make_months(registry: Registry) {
    loop {
        if let Err(error) = statistics::make_ahead(registry.database()).await {
            tracing::warn!(%error, "cannot make the tables of coming months");
        }
        tokio::time::sleep(MAKING_MONTHS).await;
    }
}

async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::warn!(%error, "cannot wait for SIGTERM; stop with SIGINT");
            let _ = interrupt.await;
            return;
        }
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}
