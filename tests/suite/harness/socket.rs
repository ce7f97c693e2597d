//! A client of a socket, which speaks `graphql-transport-ws`.

use axum::http::{HeaderValue, StatusCode, header};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::served::{PATIENCE, Served, connect};

/// A socket as its client sees it.
pub struct Socket(WebSocketStream<TcpStream>);

/// What a client receives.
#[derive(Debug, PartialEq)]
pub enum Received {
    Message(Value),
    /// The socket is closed, with this code.
    Closed(u16),
}

impl Socket {
    /// Opens a socket by a protocol, with a key or without; or returns the status of the rejection.
    pub async fn open(
        served: &Served,
        protocol: &'static str,
        key: Option<&str>,
    ) -> Result<Self, StatusCode> {
        Self::open_with(served, protocol, key, &[]).await
    }

    /// The same, with more headers.
    pub async fn open_with(
        served: &Served,
        protocol: &'static str,
        key: Option<&str>,
        more: &[(&'static str, &str)],
    ) -> Result<Self, StatusCode> {
        let address = format!("ws://{}/graphql", served.address);
        let mut request = address.into_client_request().expect("a request");
        let headers = request.headers_mut();
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        if let Some(key) = key {
            let key = HeaderValue::from_str(&format!("Bearer {key}")).expect("a header");
            headers.insert(header::AUTHORIZATION, key);
        }
        for (name, value) in more {
            headers.insert(*name, HeaderValue::from_str(value).expect("a header"));
        }
        match client_async(request, connect(served).await).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a socket with a key, and begins.
    pub async fn begin(served: &Served, key: &str) -> Self {
        let mut socket = Self::open(served, "graphql-transport-ws", Some(key)).await.expect("a socket");
        socket.send_json(&json!({ "type": "connection_init" })).await;
        assert_eq!(socket.receive().await, Received::Message(json!({ "type": "connection_ack" })));
        socket
    }

    pub async fn send_json(&mut self, message: &Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub async fn send(&mut self, message: Message) {
        // The server may have closed the socket meanwhile.
        let _ = self.0.send(message).await;
    }

    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send_json(&json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// The next message, or the code that the socket is closed with.
    pub async fn receive(&mut self) -> Received {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a message") {
                Some(Ok(Message::Text(text))) => {
                    return Received::Message(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Received::Closed(frame.map_or(0, |it| it.code.into()));
                }
                Some(Ok(_)) => {}
                broken => panic!("{broken:?}"),
            }
        }
    }

    /// The data of the next answer to an operation.
    pub async fn next(&mut self, id: &str) -> Value {
        match self.receive().await {
            Received::Message(mut message) if message["type"] == "next" && message["id"] == id => {
                assert_eq!(message["payload"]["errors"], Value::Null);
                message["payload"]["data"].take()
            }
            other => panic!("{other:?}"),
        }
    }

    /// The code of the error that an operation ends with.
    pub async fn error(&mut self, id: &str) -> String {
        match self.receive().await {
            Received::Message(message) if message["type"] == "error" && message["id"] == id => {
                message["payload"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
            }
            other => panic!("{other:?}"),
        }
    }
}
