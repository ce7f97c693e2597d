//! Why a write of clients or keys is refused.

use crate::idempotency::Conflict;

/// Stable code of the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientErrorCode {
    /// There is no such client or key that the author may see.
    NotFound,
    /// The client has scopes or reaches records that the author does not.
    NotAllowed,
    /// The client is revoked.
    Revoked,
    /// The client has a change that is later than the author has read.
    Conflict,
    /// The reason is not valid.
    InvalidReason,
    /// The name is not valid.
    InvalidName,
    /// Another client has the name.
    NameTaken,
    /// There are no scopes.
    NoScopes,
    /// The author lacks a scope that it gives.
    ScopeNotHeld,
    /// The author is limited, and the client would not be limited to the same or less.
    LimitNotHeld,
    /// No scope of the client is limited.
    UselessLimit,
    /// A scope of the client cannot be limited.
    LimitNotPossible,
    /// There is no such platform.
    UnknownPlatform,
    /// There is no such organization, or several have the identifier.
    UnknownOrganization,
    /// There is no such territory.
    UnknownTerritory,
    /// The label is not valid.
    InvalidLabel,
    /// The expiry is in the past, or too late.
    InvalidExpiry,
    /// The client has too many keys.
    TooManyKeys,
    /// The call is repeated, and the key was shown in the response to the first one.
    KeyShownOnce,
}

/// Why a write is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ClientError {
    /// Stable code.
    pub code: ClientErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Name of the field in the input.
    pub field: &'static str,
}

impl ClientError {
    /// An error in a field of the input.
    pub fn new(code: ClientErrorCode, field: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field }
    }
}

impl From<Conflict> for ClientError {
    fn from(Conflict { seq }: Conflict) -> Self {
        let text = format!("The client was changed at {seq}; read it again, and send `ifSeq` of that.");
        Self::new(ClientErrorCode::Conflict, "ifSeq", text)
    }
}
