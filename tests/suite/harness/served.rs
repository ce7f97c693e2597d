//! A service on a port of its own, and raw requests to it.

use std::{net::SocketAddr, time::Duration};

use api::server::{self, Connections, dispatcher::Dispatcher};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

use super::TestApp;

/// Longer than anything may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A service on a port of its own.
pub struct Served {
    pub address: SocketAddr,
    pub stop: oneshot::Sender<()>,
    pub serving: JoinHandle<()>,
}

/// Serves on any free port.
pub async fn serve(app: &TestApp, connections: Connections) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let dispatcher = Dispatcher::new(app.app.clone());
    let serving = tokio::spawn(async move {
        server::serve(listener, dispatcher, connections, async { _ = stopped.await }).await;
    });
    Served { address, stop, serving }
}

/// Opens a connection.
pub async fn connect(served: &Served) -> TcpStream {
    TcpStream::connect(served.address).await.expect("a connection")
}

/// Sends text and reads what comes until the server closes the connection.
pub async fn converse(stream: &mut TcpStream, text: &str) -> String {
    // The server may be gone before all of it is sent.
    let _ = stream.write_all(text.as_bytes()).await;
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection ends");
    // A connection that is reset has sent all of its response.
    let _ = read;
    String::from_utf8_lossy(&answer).into_owned()
}
