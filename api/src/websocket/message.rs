//! Messages and close codes of the protocol `graphql-transport-ws`.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use registry::json_names;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Messages from the client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    /// Opens the session, with a key unless the upgrade request had one.
    ConnectionInit {
        /// Any JSON; only `authorization` is read.
        payload: Option<Value>,
    },
    /// Requests a pong.
    Ping {},
    /// Response to a ping.
    Pong {},
    /// Starts an operation.
    Subscribe {
        /// Id of the operation, unique on this WebSocket.
        id: String,
        /// The request, as in a POST body.
        payload: Value,
    },
    /// Stops an operation.
    Complete {
        /// Id of the operation.
        id: String,
    },
}

impl ClientMessage {
    /// Parses a message.
    ///
    /// # Errors
    /// When it is not a message of the protocol, or has a name twice.
    pub(super) fn read(text: &str) -> Result<Self, CloseReason> {
        let message = json_names::parse(text.as_bytes()).and_then(serde_json::from_value);
        message.map_err(|_| CloseReason::BAD_MESSAGE)
    }
}

/// Messages to the client.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    /// The client may subscribe.
    ConnectionAck,
    /// Response to a ping.
    Pong,
    /// An operation was rejected, or has failed and ended.
    Error {
        /// Id of the operation.
        id: &'a str,
        /// Its errors.
        payload: &'a Value,
    },
    /// An operation has ended.
    Complete {
        /// Id of the operation.
        id: &'a str,
    },
}

impl ServerMessage<'_> {
    /// The message as a WebSocket frame.
    pub(super) fn to_message(&self) -> Message {
        // Serialization cannot fail: these are plain JSON values.
        Message::Text(serde_json::to_string(self).unwrap_or_default().into())
    }
}

/// A `next` message with a response that is already JSON.
pub(super) fn next(id: &str, answer: &[u8]) -> Message {
    let id = Value::from(id);
    let text = format!("{{\"type\":\"next\",\"id\":{id},\"payload\":{}}}", String::from_utf8_lossy(answer));
    Message::Text(text.into())
}

/// Close code and reason of a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CloseReason(pub(super) u16, pub(super) &'static str);

impl CloseReason {
    pub(super) const GOING_AWAY: Self = Self(1001, "The server is stopping; reconnect.");
    pub(super) const TOO_LARGE: Self = Self(1009, "The message is too large.");
    pub(super) const TOO_MANY: Self =
        Self(1013, "There are too many WebSockets; use more subscriptions on each.");
    pub(super) const THROTTLED: Self =
        Self(1013, "The key has no points left for long messages; reconnect later.");
    pub(super) const UNAVAILABLE: Self = Self(1013, "The key cannot be checked now; reconnect shortly.");
    pub(super) const BAD_MESSAGE: Self = Self(4400, "The message is not a graphql-transport-ws message.");
    pub(super) const UNAUTHORIZED: Self = Self(4401, "Send `connection_init` first.");
    pub(super) const FORBIDDEN: Self =
        Self(4403, "Send a valid key, as `authorization` of `connection_init`.");
    pub(super) const INIT_TIMEOUT: Self = Self(4408, "`connection_init` was not received in time.");
    pub(super) const SILENT: Self = Self(4408, "No response to a ping was received in time.");
    pub(super) const SAME_ID: Self = Self(4409, "An operation with this id is already active.");
    pub(super) const TOO_MANY_INITS: Self = Self(4429, "Send `connection_init` only once.");

    pub(super) fn to_message(self) -> Message {
        Message::Close(Some(CloseFrame { code: self.0, reason: Utf8Bytes::from_static(self.1) }))
    }
}
