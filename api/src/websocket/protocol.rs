//! What a socket's client may say when.

use std::collections::HashSet;

use serde_json::Value;

use super::message::{ClientMessage, CloseReason};

/// Operations that may be followed at once on one socket.
pub(super) const MOST_OPERATIONS: usize = 20;

/// Longest id of an operation, in bytes: every message about it repeats it.
const LONGEST_ID: usize = 250;

/// How far a client and we have come.
#[derive(Debug, Default)]
pub(super) struct Protocol {
    has_begun: bool,
    operations: HashSet<String>,
}

/// What is to be done about something that was said.
#[derive(Debug, PartialEq)]
pub(super) enum Action {
    /// Nothing.
    Wait,
    /// Let the client begin, if what it sent allows that.
    Begin(Option<Value>),
    /// Tell that we are there.
    Pong,
    /// Begin an operation with this request.
    Follow(String, Value),
    /// Refuse an operation: there are too many.
    Refuse(String),
    /// End an operation.
    End(String),
}

impl Protocol {
    /// Whether the client may subscribe.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Takes in what a client said.
    ///
    /// # Errors
    /// Why the socket is to be closed.
    pub(super) fn take(&mut self, said: ClientMessage) -> Result<Action, CloseReason> {
        match said {
            ClientMessage::ConnectionInit { .. } if self.has_begun => Err(CloseReason::TOO_MANY_INITS),
            ClientMessage::ConnectionInit { payload } => {
                self.has_begun = true;
                Ok(Action::Begin(payload))
            }
            ClientMessage::Ping {} => Ok(Action::Pong),
            ClientMessage::Pong {} => Ok(Action::Wait),
            ClientMessage::Subscribe { .. } if !self.has_begun => Err(CloseReason::UNAUTHORIZED),
            ClientMessage::Subscribe { id, .. } | ClientMessage::Complete { id } if id.len() > LONGEST_ID => {
                Err(CloseReason::BAD_MESSAGE)
            }
            ClientMessage::Subscribe { id, .. } if self.operations.contains(&id) => Err(CloseReason::SAME_ID),
            ClientMessage::Subscribe { id, .. } if self.operations.len() >= MOST_OPERATIONS => {
                Ok(Action::Refuse(id))
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

    /// An operation has ended by itself.
    pub(super) fn ended(&mut self, id: &str) {
        self.operations.remove(id);
    }
}
