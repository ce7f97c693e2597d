//! State machine of the protocol: which message is allowed when.

use std::collections::HashSet;

use serde_json::Value;

use super::message::{ClientMessage, CloseReason};

/// Maximum concurrent operations on one WebSocket.
pub(super) const MAX_OPERATIONS: usize = 20;

/// Longest id of an operation, in bytes: every message about it repeats it.
const MAX_ID_BYTES: usize = 250;

/// Protocol state of a WebSocket.
#[derive(Debug, Default)]
pub(super) struct Protocol {
    has_begun: bool,
    operations: HashSet<String>,
}

/// Action that a message requires.
#[derive(Debug, PartialEq)]
pub(super) enum Action {
    /// Nothing.
    Wait,
    /// Authenticate the client with this payload, and acknowledge.
    Begin(Option<Value>),
    /// Send a pong.
    Pong,
    /// Start an operation with this request.
    Follow(String, Value),
    /// Reject an operation: there are too many.
    Reject(String),
    /// Stop an operation.
    End(String),
}

impl Protocol {
    /// Whether `connection_init` was received.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Handles a message.
    ///
    /// # Errors
    /// The reason to close the WebSocket.
    pub(super) fn take(&mut self, message: ClientMessage) -> Result<Action, CloseReason> {
        match message {
            ClientMessage::ConnectionInit { .. } if self.has_begun => Err(CloseReason::TOO_MANY_INITS),
            ClientMessage::ConnectionInit { payload } => {
                self.has_begun = true;
                Ok(Action::Begin(payload))
            }
            ClientMessage::Ping {} => Ok(Action::Pong),
            ClientMessage::Pong {} => Ok(Action::Wait),
            ClientMessage::Subscribe { .. } if !self.has_begun => Err(CloseReason::UNAUTHORIZED),
            ClientMessage::Subscribe { id, .. } | ClientMessage::Complete { id }
                if id.len() > MAX_ID_BYTES =>
            {
                Err(CloseReason::BAD_MESSAGE)
            }
            ClientMessage::Subscribe { id, .. } if self.operations.contains(&id) => Err(CloseReason::SAME_ID),
            ClientMessage::Subscribe { id, .. } if self.operations.len() >= MAX_OPERATIONS => {
                Ok(Action::Reject(id))
            }
            ClientMessage::Subscribe { id, payload } => {
                self.operations.insert(id.clone());
                Ok(Action::Follow(id, payload))
            }
            ClientMessage::Complete { id } => {
                self.operations.remove(&id);
                Ok(Action::End(id))
            }
        }
    }

    /// Removes an operation that has ended on the server.
    pub(super) fn ended(&mut self, id: &str) {
        self.operations.remove(id);
    }
}
