//! `registry serve`.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use registry::change_log::Registry;
use tokio::net::TcpListener;

use crate::{
    app::App,
    background::Background,
    config::{DatabaseConfig, ServeConfig},
    server::{self, Connections, dispatcher::Dispatcher},
};

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
    let app = App::new(registry.clone(), config.settings()?);
    let background = Background::start(&app, config.signer()?).await;
    tracing::info!(address = %config.listen, organizations, pages, seq = registry.snapshot().seq(), "serving");
    let connections = Connections { most: config.max_connections, ..Connections::default() };
    server::serve(listener, Dispatcher::new(app), connections, stop()).await;
    background.stop().await;
    close(&registry).await;
    tracing::info!("stopped");
    Ok(())
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
