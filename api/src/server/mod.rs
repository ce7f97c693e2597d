//! Accepts connections up to a limit, and closes those whose clients are too slow.

pub mod dispatcher;
mod unread_body;

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use dispatcher::Dispatcher;

use crate::{pipeline::permits::KeyedSemaphore, rate_limit::ClientKey};

/// Maximum number of headers of a request.
const MAX_HEADERS: usize = 64;
/// Read buffer of a connection in bytes; the head of a request must fit in it.
const BUFFER: usize = 64 << 10;
/// Maximum connections per address. Trusted proxies have no such limit.
const MAX_CONNECTIONS_PER_ADDRESS: usize = 512;
/// Pause after a failed `accept`, since an immediate retry would probably fail, too.
const PAUSE: Duration = Duration::from_millis(100);

/// Limits of connections.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// Maximum number of open connections.
    pub most: usize,
    /// Timeout for the head of a request, and between two requests of a connection.
    pub head: Duration,
    /// The same for trusted proxies: longer than they keep idle connections, which is a minute for nginx and for the
    /// coprocessor of Hive Router. A request that meets the end of its connection fails.
    pub head_of_proxies: Duration,
    /// Timeout of a write that makes no progress.
    pub write: Duration,
    /// Time for open requests to finish once the process is stopping.
    pub stop: Duration,
}

impl Default for Connections {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            most: 4_096,
            head: seconds(5),
            head_of_proxies: seconds(75),
            write: seconds(30),
            stop: seconds(20),
        }
    }
}

/// Serves until `stop` completes, then lets open requests finish within `connections.stop`.
pub async fn serve(
    listener: TcpListener,
    dispatcher: Dispatcher,
    connections: Connections,
    stop: impl Future<Output = ()>,
) {
    let permits = Arc::new(Semaphore::new(connections.most));
    let of_addresses = KeyedSemaphore::new(MAX_CONNECTIONS_PER_ADDRESS);
    let (stopping, open) = (CancellationToken::new(), TaskTracker::new());
    tokio::pin!(stop);
    loop {
        let (stream, address, permit) = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = &mut stop => break,
        };
        let address_permit = match dispatcher.is_proxy(address.ip()) {
            true => None,
            // Over the limit: closed before anything is read.
            false => match of_addresses.enter(ClientKey::at(address.ip())) {
                None => continue,
                granted => granted,
            },
        };
        let (dispatcher, stopping) = (dispatcher.clone(), stopping.clone());
        open.spawn(async move {
            if let Err(error) = serve_connection(stream, address, dispatcher, connections, stopping).await {
                // Disconnected or slow clients are no fault of the server.
                tracing::debug!(%error, "a connection ended with an error");
            }
            drop((permit, address_permit));
        });
    }
    drop(listener);
    stopping.cancel();
    open.close();
    let ended = async { tokio::join!(open.wait(), dispatcher.close_sockets()) };
    if tokio::time::timeout(connections.stop, ended).await.is_err() {
        tracing::warn!("some requests had not finished within the time to stop");
    }
}

/// Accepts the next connection once a permit is free; until then new connections wait in the backlog of the listener.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        // The semaphore is never closed.
        let Ok(permit) = permits.clone().acquire_owned().await else { continue };
        match listener.accept().await {
            Ok((stream, address)) => return (stream, address, permit),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Serves the requests of a connection until the client closes it, or the server stops and the open request is finished.
async fn serve_connection(
    stream: TcpStream,
    address: SocketAddr,
    dispatcher: Dispatcher,
    Connections { head, head_of_proxies, write, .. }: Connections,
    stopping: CancellationToken,
) -> hyper::Result<()> {
    // Responses are written in one piece: Nagle's algorithm would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY on a connection");
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write));
    let head = if dispatcher.is_proxy(address.ip()) { head_of_proxies } else { head };
    let service = service_fn(move |request| {
        let dispatcher = dispatcher.clone();
        async move { Ok::<_, Infallible>(dispatcher.answer(address, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_headers(MAX_HEADERS)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        biased;
        ended = &mut connection => return ended,
        () = stopping.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}
