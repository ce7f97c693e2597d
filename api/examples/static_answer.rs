//! Baseline for benchmarks: a server on the same libraries that sends one prepared response to every request. Cached
//! responses of the registry are compared with it.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderValue, header},
    routing::any,
};
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Serves the file at the address: `static_answer 127.0.0.1:9000 answer.json`.
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(file)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: static_answer ADDRESS FILE");
    };
    let body = Bytes::from(std::fs::read(file)?);
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    let answer = move |_asked: Bytes| {
        let answer = ([(header::CONTENT_TYPE, json.clone())], body.clone());
        async move { answer }
    };
    let listener = TcpListener::bind(address.parse::<SocketAddr>()?).await?;
    axum::serve(listener, Router::new().route("/{*path}", any(answer))).await?;
    Ok(())
}
