//! Messages of `graphql-transport-ws`, and why a socket is closed.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a client may say.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    /// Wants to begin, with a key where the request had none.
    ConnectionInit {
        /// Anything; `authorization` of it is read.
        payload: Option<Value>,
    },
    /// Wants to know whether we are there.
    Ping {},
    /// Is there.
    Pong {},
    /// Wants an operation's answers.
    Subscribe {
        /// Name of the operation on this socket.
        id: String,
        /// The request, as it would be sent by POST.
        payload: Value,
    },
    /// Wants no more of them.
    Complete {
        /// Name of the operation.
        id: String,
    },
}

impl ClientMessage {
    /// Reads a message.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn read(text: &str) -> Result<Self, CloseReason> {
        serde_json::from_str(text).map_err(|_| CloseReason::BAD_MESSAGE)
    }
}

/// What we say.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    /// The client may subscribe.
    ConnectionAck,
    /// We are there.
    Pong,
    /// An operation is refused, or has failed: there is no more of it.
    Error {
        /// Name of the operation.
        id: &'a str,
        /// Its errors.
        payload: &'a Value,
    },
    /// An operation has ended.
    Complete {
        /// Name of the operation.
        id: &'a str,
    },
}

impl ServerMessage<'_> {
    /// The message as it is sent.
    pub(super) fn to_message(&self) -> Message {
        // They are plain trees of texts.
        Message::Text(serde_json::to_string(self).unwrap_or_default().into())
    }
}

/// One answer of an operation, which is JSON already.
pub(super) fn next(id: &str, answer: &[u8]) -> Message {
    let id = Value::from(id);
    let text = format!("{{\"type\":\"next\",\"id\":{id},\"payload\":{}}}", String::from_utf8_lossy(answer));
    Message::Text(text.into())
}

/// Why a socket is closed: code and text of its last message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CloseReason(pub(super) u16, pub(super) &'static str);

impl CloseReason {
    pub(super) const GOING_AWAY: Self = Self(1001, "The server stops; connect again.");
    pub(super) const TOO_LARGE: Self = Self(1009, "The message is too large.");
    pub(super) const TOO_MANY: Self = Self(1013, "The key has too many sockets; follow more on each.");
    pub(super) const THROTTLED: Self =
        Self(1013, "The key has no points left for long messages; connect again later.");
    pub(super) const BAD_MESSAGE: Self = Self(4400, "That is no message of graphql-transport-ws.");
    pub(super) const UNAUTHORIZED: Self = Self(4401, "Send `connection_init` first.");
    pub(super) const FORBIDDEN: Self =
        Self(4403, "Send a valid key, as `authorization` of `connection_init`.");
    pub(super) const INIT_TIMEOUT: Self = Self(4408, "`connection_init` did not come in time.");
    pub(super) const SILENT: Self = Self(4408, "No answer to a ping came in time.");
    pub(super) const SAME_ID: Self = Self(4409, "There is an operation with this id.");
    pub(super) const TOO_MANY_INITS: Self = Self(4429, "`connection_init` is sent once.");

    pub(super) fn to_message(self) -> Message {
        Message::Close(Some(CloseFrame { code: self.0, reason: Utf8Bytes::from_static(self.1) }))
    }
}
