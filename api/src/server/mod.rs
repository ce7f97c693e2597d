//! Connections: taken up to a limit, and closed when their clients are too slow.

pub mod dispatcher;

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

/// Headers of a request.
const MAX_HEADERS: usize = 64;
/// Bytes of a connection that are waited for at once; the head of a request must be shorter.
const BUFFER: usize = 64 << 10;
/// Connections of one address: whoever has more leaves none to others. Proxies that are trusted have as many as there are.
const MOST_OF_ONE: usize = 512;
/// Wait after a connection that could not be taken: the next one is unlikely to fare better at once.
const PAUSE: Duration = Duration::from_millis(100);

/// How many connections are held, and how slow their clients may be.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// Connections that are held at once.
    pub most: usize,
    /// Time for the head of a request, and between two requests of a connection.
    pub head: Duration,
    /// Time for a client to take any of what is sent to it.
    pub write: Duration,
    /// Time for what was begun to end, once the process is told to stop.
    pub stop: Duration,
}

impl Default for Connections {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { most: 4_096, head: seconds(5), write: seconds(30), stop: seconds(20) }
    }
}

/// Serves until `stop` ends, and then until what was begun has ended.
pub async fn serve(
    listener: TcpListener,
    dispatcher: Dispatcher,
    connections: Connections,
    stop: impl Future<Output = ()>,
) {
    let permits = Arc::new(Semaphore::new(connections.most));
    let of_addresses = KeyedSemaphore::new(MOST_OF_ONE);
    let (stopping, open) = (CancellationToken::new(), TaskTracker::new());
    tokio::pin!(stop);
    loop {
        let (stream, address, permit) = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = &mut stop => break,
        };
        let place = match dispatcher.is_proxy(address.ip()) {
            true => None,
            // Closed at once, before anything is read of it.
            false => match of_addresses.enter(ClientKey::at(address.ip())) {
                None => continue,
                place => place,
            },
        };
        let (dispatcher, stopping) = (dispatcher.clone(), stopping.clone());
        open.spawn(async move {
            if let Err(error) = hold(stream, address, dispatcher, connections, stopping).await {
                // Clients that go away or are too slow: theirs to know.
                tracing::debug!(%error, "a connection broke off");
            }
            drop((permit, place));
        });
    }
    drop(listener);
    stopping.cancel();
    open.close();
    let ended = async { tokio::join!(open.wait(), dispatcher.close_sockets()) };
    if tokio::time::timeout(connections.stop, ended).await.is_err() {
        tracing::warn!("some requests had not ended when the process was to stop");
    }
}

/// The next connection, once there is room for it: until then others wait with the operating system.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        // Never closed, so there is always a permit to wait for.
        let Ok(permit) = permits.clone().acquire_owned().await else { continue };
        match listener.accept().await {
            Ok((stream, address)) => return (stream, address, permit),
            Err(error) => {
                tracing::warn!(%error, "cannot take a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Waits for the requests of a connection, until its client ends it, or the server is to stop and has answered.
async fn hold(
    stream: TcpStream,
    address: SocketAddr,
    dispatcher: Dispatcher,
    Connections { head, write, .. }: Connections,
    stopping: CancellationToken,
) -> hyper::Result<()> {
    // Answers are written whole: there is nothing to wait for.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps Nagle's algorithm");
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write));
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
