//! Cost and dependencies of each field.

use registry::{model::Scope, snapshot::Kinds};

use crate::graphql::kit::field_policy::{FieldPolicy, Items, TypePolicy};

/// Fields of the payload of a report.
const PAYLOAD: &[&str] = &["results", "userErrors"];

const fn report(name: &'static str) -> FieldPolicy {
    FieldPolicy::new(name, Kinds::ALL)
        .cost(10)
        .items(Items::Argument("input"))
        .personal()
        .needs(&[Scope::Submit])
}

const fn payload(name: &'static str) -> TypePolicy {
    TypePolicy::new(name, Kinds::REGISTRY, PAYLOAD).and(SEQ)
}

const SEQ: &[FieldPolicy] = &[FieldPolicy::new("seq", Kinds::ALL)];

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Mutation", Kinds::REGISTRY, &[])
        .and(&[report("markReport"), report("availabilityReport")]),
    payload("MarkReportPayload"),
    payload("AvailabilityReportPayload"),
    TypePolicy::new("PlatformReportError", Kinds::REGISTRY, &["code", "message", "field"]),
    TypePolicy::new("PlatformReportRowResult", Kinds::REGISTRY, &["index", "status", "code", "message"]),
];
