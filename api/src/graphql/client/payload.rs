//! Payloads of mutations of clients.

use async_graphql::{Context, Enum, Object, SimpleObject};
use registry::{
    api_client::{self, ClientIds},
    change_log::Registry,
    idempotency::Written,
    model::Reach,
    view::View,
};

use super::{
    key_use::KeyUses,
    object::{Client, ClientKey},
};
use crate::graphql::kit::{
    context::{Caller, Pinned},
    scalar::SafeInt,
    sequential::SequentialObject,
    write::BasisFault,
};

/// Code of an error in the input of a mutation of clients or keys.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "registry::api_client::ClientErrorCode")]
pub enum ClientErrorCode {
    /// There is no such client or key that your key may manage.
    NotFound,
    /// The client has a scope that your key lacks.
    NotAllowed,
    /// The client is revoked.
    Revoked,
    /// The client was changed later than `ifSeq`; the payload has its newer state.
    Conflict,
    /// The reason is empty, too long, or has control characters.
    InvalidReason,
    /// The name is empty, too long, or has control characters.
    InvalidName,
    /// Another client has or had the name.
    NameTaken,
    /// There are no scopes.
    NoScopes,
    /// Your key lacks a scope that it would give.
    ScopeNotHeld,
    /// Your key is limited, and the client would not be limited to the same or less.
    LimitNotHeld,
    /// The client has a limit, but no scope that it restricts.
    UselessLimit,
    /// The client has a limit, and a scope that cannot be limited.
    LimitNotPossible,
    /// There is no such platform.
    UnknownPlatform,
    /// There is no such organization, or several have the identifier.
    UnknownOrganization,
    /// There is no such territory.
    UnknownTerritory,
    /// The label is empty, too long, or has control characters.
    InvalidLabel,
    /// The expiry is not in the future, or more than ten years away.
    InvalidExpiry,
    /// The client has ten valid keys.
    TooManyKeys,
    /// The request repeats an earlier one with the same idempotency key. The key was shown in the response to that one, and is
    /// not stored: if it was lost, revoke it and create another.
    KeyShownOnce,
}

/// Error in the input of a mutation of clients or keys.
#[derive(SimpleObject)]
pub struct ClientError {
    /// Stable code of the error.
    pub code: ClientErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input.
    pub field: Vec<String>,
}

impl From<api_client::ClientError> for ClientError {
    fn from(error: api_client::ClientError) -> Self {
        let field = vec!["input".to_owned(), error.field.to_owned()];
        Self { code: error.code.into(), message: error.message, field }
    }
}

/// Result of a mutation of clients: what all payloads have.
#[derive(Default)]
pub(super) struct Outcome {
    client: Option<Client>,
    key_id: Option<i64>,
    seq: Option<SafeInt>,
    user_errors: Vec<ClientError>,
}

impl Outcome {
    /// The result of a write of a client, which is shown as it is now.
    pub(super) fn of(
        ctx: &Context<'_>,
        written: Result<Written<ClientIds>, api_client::ClientError>,
        conflicting: impl FnOnce(&View, Reach) -> Option<i64>,
    ) -> Self {
        let registry = ctx.data_unchecked::<Registry>();
        let view = View::new(registry.snapshot(), ctx.view().viewer());
        let reach = ctx.data_opt::<Caller>().map(|Caller(client)| Reach::from(&**client)).unwrap_or_default();
        let client = |id: i64| {
            let record = view.client(id, reach)?.clone();
            Some(Client::new(&view, record, KeyUses::new(registry)))
        };
        match written {
            Ok(Written { result, seq, .. }) => Self {
                client: client(result.client_id),
                key_id: result.key_id,
                seq: Some(SafeInt(seq)),
                user_errors: Vec::new(),
            },
            Err(error) => {
                let is_conflict = error.code == api_client::ClientErrorCode::Conflict;
                let newer = is_conflict.then(|| conflicting(&view, reach)).flatten().and_then(client);
                Self { client: newer, user_errors: vec![error.into()], ..Self::default() }
            }
        }
    }

    /// The result of a write whose reason or evidence is wrong.
    pub(super) fn refused(fault: BasisFault) -> Self {
        let code = api_client::ClientErrorCode::InvalidReason;
        let error = api_client::ClientError::new(code, fault.field, fault.message);
        Self { user_errors: vec![error.into()], ..Self::default() }
    }

    /// Adds that the key cannot be shown again.
    pub(super) fn without_key(mut self) -> Self {
        let text = "The key was shown in the response to the first request, and is not stored; if it was lost, revoke it with \
                    `clientKeyRevoke`, and create another with a new idempotency key.";
        self.user_errors.push(ClientError {
            code: ClientErrorCode::KeyShownOnce,
            message: text.to_owned(),
            field: vec!["input".to_owned()],
        });
        self
    }

    fn client_key(&self) -> Option<ClientKey<'_>> {
        self.client.as_ref()?.key_with(self.key_id?)
    }
}

/// Result of creating a client.
#[derive(SimpleObject)]
pub struct ClientCreatePayload {
    /// The created client; null if there are `userErrors`.
    pub client: Option<SequentialObject<Client>>,
    /// Sequence number of the change log with the change; null if there are `userErrors`.
    pub seq: Option<SafeInt>,
    /// Why the client was not created; at most one.
    pub user_errors: Vec<ClientError>,
}

/// Result of changing a client.
#[derive(SimpleObject)]
pub struct ClientEditPayload {
    /// The client; null if there are `userErrors`, except after a conflict.
    pub client: Option<SequentialObject<Client>>,
    /// Sequence number of the change log with the change; null if there are `userErrors`.
    pub seq: Option<SafeInt>,
    /// Why the client was not changed; at most one.
    pub user_errors: Vec<ClientError>,
}

/// Result of revoking a client.
#[derive(SimpleObject)]
pub struct ClientRevokePayload {
    /// The revoked client; null if there are `userErrors`, except after a conflict.
    pub client: Option<SequentialObject<Client>>,
    /// Sequence number of the change log with the change; null if there are `userErrors`.
    pub seq: Option<SafeInt>,
    /// Why the client was not revoked; at most one.
    pub user_errors: Vec<ClientError>,
}

/// Result of creating a key.
pub struct ClientKeyCreatePayload {
    pub(super) outcome: Outcome,
    pub(super) key: Option<String>,
}

/// Result of creating a key.
#[Object]
impl ClientKeyCreatePayload {
    /// The key itself, to send as `Authorization: Bearer …`. It is shown only here, and not stored; null if there are
    /// `userErrors`.
    async fn key(&self, ctx: &Context<'_>) -> Option<&str> {
        self.key.as_deref().inspect(|_| ctx.depends().secret())
    }

    /// The created key, without the key itself; null if there are `userErrors` other than `KEY_SHOWN_ONCE`.
    async fn client_key(&self) -> Option<SequentialObject<ClientKey<'_>>> {
        self.outcome.client_key().map(SequentialObject)
    }

    /// The client; null if there are `userErrors`, except after a conflict and with `KEY_SHOWN_ONCE`.
    async fn client(&self) -> Option<SequentialObject<&Client>> {
        self.outcome.client.as_ref().map(SequentialObject)
    }

    /// Sequence number of the change log with the change; of a repeated request, that of the first one; null if nothing was
    /// written.
    async fn seq(&self) -> Option<SafeInt> {
        self.outcome.seq
    }

    /// Why the key was not created, or is not shown; at most one.
    async fn user_errors(&self) -> &[ClientError] {
        &self.outcome.user_errors
    }
}

/// Result of revoking a key.
pub struct ClientKeyRevokePayload(pub(super) Outcome);

/// Result of revoking a key.
#[Object]
impl ClientKeyRevokePayload {
    /// The revoked key; null if there are `userErrors`.
    async fn client_key(&self) -> Option<SequentialObject<ClientKey<'_>>> {
        self.0.client_key().map(SequentialObject)
    }

    /// The client; null if there are `userErrors`, except after a conflict.
    async fn client(&self) -> Option<SequentialObject<&Client>> {
        self.0.client.as_ref().map(SequentialObject)
    }

    /// Sequence number of the change log with the change; null if there are `userErrors`.
    async fn seq(&self) -> Option<SafeInt> {
        self.0.seq
    }

    /// Why the key was not revoked; at most one.
    async fn user_errors(&self) -> &[ClientError] {
        &self.0.user_errors
    }
}

macro_rules! from_outcome {
    ($($payload:ident)+) => {$(
        impl From<Outcome> for $payload {
            fn from(Outcome { client, seq, user_errors, .. }: Outcome) -> Self {
                Self { client: client.map(SequentialObject), seq, user_errors }
            }
        }
    )+};
}
from_outcome!(ClientCreatePayload ClientEditPayload ClientRevokePayload);
