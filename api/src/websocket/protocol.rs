//! What a socket's client may say when.

use std::collections::HashSet;

use serde_json::Value;

use super::message::{Closed, Said};

/// Operations that may be followed at once on one socket.
pub(super) const MOST_OPERATIONS: usize = 20;

/// Longest id of an operation, in bytes: every message about it repeats it.
const LONGEST_ID: usize = 250;

/// How far a client and we have come.
#[derive(Debug, Default)]
pub(super) struct Talk {
    has_begun: bool,
    operations: HashSet<String>,
}

/// What is to be done about something that was said.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
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

impl Talk {
    /// Whether the client may subscribe.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Takes in what a client said.
    ///
    /// # Errors
    /// Why the socket is to be closed.
    pub(super) fn take(&mut self, said: Said) -> Result<Step, Closed> {
        match said {
            Said::ConnectionInit { .. } if self.has_begun => Err(Closed::TOO_MANY_INITS),
            Said::ConnectionInit { payload } => {
                self.has_begun = true;
                Ok(Step::Begin(payload))
            }
            Said::Ping {} => Ok(Step::Pong),
            Said::Pong {} => Ok(Step::Wait),
            Said::Subscribe { .. } if !self.has_begun => Err(Closed::UNAUTHORIZED),
            Said::Subscribe { id, .. } | Said::Complete { id } if id.len() > LONGEST_ID => {
                Err(Closed::BAD_MESSAGE)
            }
            Said::Subscribe { id, .. } if self.operations.contains(&id) => Err(Closed::SAME_ID),
            Said::Subscribe { id, .. } if self.operations.len() >= MOST_OPERATIONS => Ok(Step::Refuse(id)),
            Said::Subscribe { id, payload } => {
                self.operations.insert(id.clone());
                Ok(Step::Follow(id, payload))
            }
            Said::Complete { id } => {
                self.operations.remove(&id);
                Ok(Step::End(id))
            }
        }
    }

    /// An operation has ended by itself.
    pub(super) fn ended(&mut self, id: &str) {
        self.operations.remove(id);
    }
}
