//! Cost and dependencies of each field.

use registry::{
    mark::{REQUESTERS, REVIEWERS, WRITERS},
    model::Scope,
    snapshot::Kinds,
};

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, TypePolicy};

/// Points of a write, and of a list that is sorted for the request.
const POINTS: u64 = 10;
/// Fields of the payload of a write.
const PAYLOAD: &[&str] = &["page", "seq", "userErrors"];
/// Arguments of a list.
const FILTER: &[ArgumentCost] = &[ArgumentCost::of_each("filter", 40)];

const fn write(name: &'static str, scopes: &'static [Scope]) -> FieldPolicy {
    FieldPolicy::new(name, Kinds::ALL).cost(POINTS).personal().needs(scopes)
}

const fn queue(name: &'static str) -> FieldPolicy {
    FieldPolicy::new(name, Kinds::REGISTRY)
        .cost(POINTS)
        .arguments(FILTER)
        .depends_on_time()
        .personal()
        .needs(&[Scope::Review])
}

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Mutation", Kinds::REGISTRY, &[]).and(&[
        write("markRequest", REQUESTERS),
        write("markPend", REVIEWERS),
        write("markConfirm", REVIEWERS),
        write("markReject", REVIEWERS),
        write("markRevoke", WRITERS),
        write("markLost", REVIEWERS),
    ]),
    TypePolicy::new("Query", Kinds::REGISTRY, &[]).and(&[queue("marksPending"), queue("marksExpiring")]),
    TypePolicy::new("MarkWriteError", Kinds::REGISTRY, &["code", "message", "field"]),
    TypePolicy::new("MarkRequestPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("MarkPendPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("MarkConfirmPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("MarkRejectPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("MarkRevokePayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("MarkLostPayload", Kinds::REGISTRY, PAYLOAD),
];
