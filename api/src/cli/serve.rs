//! `registry serve`.

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

#[derive(Args, Debug)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    config: ServeConfig,
}

pub(super) async fn run(database: &DatabaseConfig, args: ServeArgs) -> Result<()> {
    args.config.check()?;
    let listener = listen(&args.config).await?;
    super::on_registry(database, async |registry| {
        serve(registry.clone(), listener, &args.config, std::future::pending()).await
    })
    .await
}

/// Binds the port before anything slow, so that a port in use fails at once.
pub(super) async fn listen(config: &ServeConfig) -> Result<TcpListener> {
    TcpListener::bind(config.listen).await.with_context(|| {
        format!("cannot listen on {}; choose another address with --listen or LISTEN", config.listen)
    })
}

/// Serves until the process receives SIGINT or SIGTERM, or until the work beside it fails.
pub(super) async fn serve(
    registry: Registry,
    listener: TcpListener,
    config: &ServeConfig,
    work: impl Future<Output = Result<()>>,
) -> Result<()> {
    let (organizations, pages) = registry.snapshot().sizes();
    let app = App::new(registry.clone(), config.settings()?);
    app.service().check_documents().await?;
    let background = Background::start(&app, config.signer()?).await;
    tracing::info!(address = %config.listen, organizations, pages, seq = registry.snapshot().seq(), "serving");
    let connections = Connections { most: config.max_connections, ..Connections::default() };
    let mut failure = None;
    let until = async {
        tokio::select! {
            () = stop() => {}
            error = failed(work) => failure = Some(error),
        }
    };
    server::serve(listener, Dispatcher::new(app), connections, until).await;
    background.stop().await;
    tracing::info!("stopped");
    failure.map_or(Ok(()), Err)
}

/// Waits until the work fails; for ever if it succeeds.
async fn failed(work: impl Future<Output = Result<()>>) -> anyhow::Error {
    match work.await {
        Ok(()) => std::future::pending().await,
        Err(error) => error,
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
