//! `registry serve`.

use anyhow::{Context, Result};
use clap::Args;
use tokio::net::TcpListener;

use crate::{
    app::App,
    change::Registry,
    config::{DatabaseConfig, ServeConfig},
    export::About,
};

#[derive(Args, Debug)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    config: ServeConfig,
}

pub(super) async fn run(database: &DatabaseConfig, args: ServeArgs) -> Result<()> {
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
    tracing::info!(address = %config.listen, organizations, pages, seq = registry.snapshot().seq(), "serving");
    let about = About { source: config.registry_name.clone(), licence: config.data_licence.clone() };
    let app = App::new(registry, config.gateway_secret.as_deref(), about);
    app.search().start(app.registry());
    axum::serve(listener, app.router()).with_graceful_shutdown(stop()).await?;
    following.abort();
    tracing::info!("stopped");
    Ok(())
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
