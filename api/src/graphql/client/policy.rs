//! Cost and dependencies of each field.

use entities::change::SubjectType;
use registry::{model::Scope, snapshot::Kinds};

use crate::graphql::kit::field_policy::{FieldPolicy, Items, TypePolicy};

/// Clients, and what they are limited to.
const CLIENTS: Kinds = Kinds::REGISTRY.and(Kinds::of(&[SubjectType::Client]));
/// Points of a mutation.
const WRITE_POINTS: u64 = 20;

const fn write(name: &'static str) -> FieldPolicy {
    FieldPolicy::new(name, Kinds::ALL).cost(WRITE_POINTS).personal().needs(&[Scope::Clients])
}

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Mutation", Kinds::ALL, &[]).and(&[
        write("clientCreate"),
        write("clientEdit"),
        write("clientRevoke"),
        write("clientKeyCreate"),
        write("clientKeyRevoke"),
    ]),
    TypePolicy::new("Query", CLIENTS, &[]).and(&[
        FieldPolicy::new("client", CLIENTS).personal().needs(&[Scope::Clients]),
        FieldPolicy::new("clients", CLIENTS).personal().needs(&[Scope::Clients]),
    ]),
    TypePolicy::new(
        "Client",
        CLIENTS,
        &["id", "name", "scopes", "platform", "organization", "territory", "createdAt", "revokedAt"],
    )
    .and(&[
        FieldPolicy::new("keys", CLIENTS).items(Items::Times(3)),
        FieldPolicy::new("lastUsedOn", Kinds::NONE).waits(),
    ]),
    TypePolicy::new("ClientConnection", CLIENTS, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("ClientCreatePayload", CLIENTS, &["client", "seq", "userErrors"]),
    TypePolicy::new("ClientEdge", CLIENTS, &["node", "cursor"]),
    TypePolicy::new("ClientEditPayload", CLIENTS, &["client", "seq", "userErrors"]),
    TypePolicy::new("ClientError", CLIENTS, &["code", "message", "field"]),
    TypePolicy::new("ClientKey", CLIENTS, &["id", "prefix", "label", "createdAt", "expiresAt", "revokedAt"])
        .and(&[FieldPolicy::new("lastUsedOn", Kinds::NONE).waits()]),
    TypePolicy::new("ClientKeyCreatePayload", CLIENTS, &["key", "clientKey", "client", "seq", "userErrors"]),
    TypePolicy::new("ClientKeyRevokePayload", CLIENTS, &["clientKey", "client", "seq", "userErrors"]),
    TypePolicy::new("ClientRevokePayload", CLIENTS, &["client", "seq", "userErrors"]),
];
