//! An example of a partner: a video host whose graph a federation router joins with the registry's.

mod graph;
mod host;
mod objects;

use std::{fs, net::SocketAddr, path::PathBuf};

use anyhow::{Context, Result};
use async_graphql::{Request, Response};
use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use clap::Parser;
use tokio::net::TcpListener;

use crate::{graph::Graph, host::Host};

/// A video host whose graph a federation router joins with the registry's
#[derive(Debug, Parser)]
struct Arguments {
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,

    /// File with the ids of the channels in lists, one per line; if not given, channels of pages of `make demo`
    #[arg(long)]
    channels: Option<PathBuf>,

    /// Print the schema instead of serving it
    #[arg(long)]
    schema: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let host = match &arguments.channels {
        Some(path) => Host::with_channels(&fs::read_to_string(path).context("the file of channels")?),
        None => Host::default(),
    };
    let graph = graph::of(host);
    if arguments.schema {
        print!("{}", graph::sdl(&graph));
        return Ok(());
    }
    let router = Router::new()
        .route("/graphql", post(answer))
        .route("/livez", get(|| async { "live" }))
        .with_state(graph);
    let listener = TcpListener::bind(arguments.listen).await.context(arguments.listen)?;
    println!("Partner: http://{}/graphql", arguments.listen);
    Ok(axum::serve(listener, router).await?)
}

async fn answer(State(graph): State<Graph>, Json(request): Json<Request>) -> Json<Response> {
    Json(graph.execute(request).await)
}
