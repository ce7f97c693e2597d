//! Inputs of mutations of clients.

use async_graphql::{ID, InputObject, MaybeUndefined};
use registry::{
    api_client::{ClientChanges, ClientReference, KeyTerms, NewClient, NewLimits},
    global_id,
    record_reference::OrganizationReference,
};

use super::object::KeyScope;
use crate::graphql::kit::{
    reference::OrganizationRef,
    scalar::{DateTime, SafeInt},
};

/// Client to create.
#[derive(InputObject)]
pub struct ClientCreateInput {
    /// Name of the client, from 1 to 100 characters in one line. It is never reused.
    pub name: String,
    /// What the client's keys allow; only what your key allows.
    pub scopes: Vec<KeyScope>,
    /// Code of the platform to whose pages the client is limited; null for all platforms.
    pub platform_code: Option<String>,
    /// Organization to which the client is limited, with all organizations below it; null for all organizations.
    pub organization: Option<OrganizationRef>,
    /// Code of the territory to which the client is limited, with all territories in it; null for all territories.
    pub territory_code: Option<String>,
    /// Reason for the change, from 1 to 500 characters.
    pub reason: String,
}

/// Changes of a client. What is left out stays as it is; null removes a limit.
#[derive(InputObject)]
pub struct ClientEditInput {
    /// Global id of the client.
    pub id: ID,
    /// What the client's keys allow; only what your key allows. Null leaves it as it is.
    pub scopes: Option<Vec<KeyScope>>,
    /// Code of the platform to whose pages the client is limited; null for all platforms.
    pub platform_code: MaybeUndefined<String>,
    /// Organization to which the client is limited, with all organizations below it; null for all organizations.
    pub organization: MaybeUndefined<OrganizationRef>,
    /// Code of the territory to which the client is limited, with all territories in it; null for all territories.
    pub territory_code: MaybeUndefined<String>,
    /// Reason for the change, from 1 to 500 characters.
    pub reason: String,
    /// Sequence number at which the client was read: if it was changed later, nothing is written (`CONFLICT`).
    pub if_seq: Option<SafeInt>,
}

/// Client to revoke.
#[derive(InputObject)]
pub struct ClientRevokeInput {
    /// Global id of the client.
    pub id: ID,
    /// Reason for the change, from 1 to 500 characters.
    pub reason: String,
    /// Sequence number at which the client was read: if it was changed later, nothing is written (`CONFLICT`).
    pub if_seq: Option<SafeInt>,
}

/// Key to create.
#[derive(InputObject)]
pub struct ClientKeyCreateInput {
    /// Global id of the client.
    pub id: ID,
    /// What the key is for, from 1 to 100 characters; null for nothing.
    pub label: Option<String>,
    /// Timestamp from which on the key is rejected, at most ten years from now; null if it does not expire.
    pub expires_at: Option<DateTime>,
    /// Reason for the change, from 1 to 500 characters.
    pub reason: String,
    /// Sequence number at which the client was read: if it was changed later, nothing is written (`CONFLICT`).
    pub if_seq: Option<SafeInt>,
}

/// Key to revoke.
#[derive(InputObject)]
pub struct ClientKeyRevokeInput {
    /// Global id of the key.
    pub id: ID,
    /// Reason for the change, from 1 to 500 characters.
    pub reason: String,
    /// Sequence number at which the client was read: if it was changed later, nothing is written (`CONFLICT`).
    pub if_seq: Option<SafeInt>,
}

impl From<ClientCreateInput> for NewClient {
    fn from(input: ClientCreateInput) -> Self {
        Self {
            name: input.name,
            scopes: input.scopes.into_iter().map(Into::into).collect(),
            limits: NewLimits {
                platform_code: input.platform_code,
                organization: input.organization.map(Into::into),
                territory_code: input.territory_code,
            },
        }
    }
}

impl From<ClientEditInput> for ClientChanges {
    fn from(input: ClientEditInput) -> Self {
        let organization = given(input.organization);
        Self {
            scopes: input.scopes.map(|scopes| scopes.into_iter().map(Into::into).collect()),
            platform_code: given(input.platform_code),
            organization: organization.map(|reference| reference.map(OrganizationReference::from)),
            territory_code: given(input.territory_code),
        }
    }
}

impl From<ClientKeyCreateInput> for KeyTerms {
    fn from(input: ClientKeyCreateInput) -> Self {
        Self { label: input.label, expires_at: input.expires_at.map(|DateTime(at)| at) }
    }
}

/// `None` for a field that is left out, `Some(None)` for null.
fn given<T>(field: MaybeUndefined<T>) -> Option<Option<T>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// Primary key of a client in its global id; 0, which no client has, if it is none.
pub(super) fn client_id(id: &ID) -> i64 {
    global_id::key("Client", id).unwrap_or_default()
}

/// Primary key of a key in its global id; 0, which no key has, if it is none.
pub(super) fn key_id(id: &ID) -> i64 {
    global_id::key("ClientKey", id).unwrap_or_default()
}

/// The client with a global id.
pub(super) fn client(id: &ID) -> ClientReference {
    ClientReference::Id(client_id(id))
}
