//! Cost and dependencies of each field.

use registry::{model::Scope, snapshot::Kinds};

use crate::graphql::kit::field_policy::{FieldPolicy, TypePolicy};

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Mutation", Kinds::REGISTRY, &[]).and(&[
        FieldPolicy::new("proposalAccept", Kinds::ALL).cost(10).personal().needs(&[Scope::Write]),
        FieldPolicy::new("proposalReject", Kinds::ALL).cost(10).personal().needs(&[Scope::Write]),
    ]),
    TypePolicy::new("Query", Kinds::REGISTRY, &[])
        .and(&[FieldPolicy::new("proposals", Kinds::ALL).cost(10).personal().needs(&[Scope::Review])]),
    TypePolicy::new(
        "Proposal",
        Kinds::ALL,
        &[
            "id",
            "number",
            "subject",
            "field",
            "currentValue",
            "proposedValue",
            "source",
            "importNumber",
            "state",
            "decidedBy",
            "createdAt",
            "updatedAt",
        ],
    )
    .and(&[FieldPolicy::new("ageDays", Kinds::ALL).depends_on_time()]),
    TypePolicy::new("ProposalConnection", Kinds::ALL, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("ProposalDecisionError", Kinds::REGISTRY, &["code", "message", "field"]),
    TypePolicy::new("ProposalEdge", Kinds::ALL, &["node", "cursor"]),
    TypePolicy::new("ProposalPayload", Kinds::ALL, &["proposal", "seq", "userErrors"]),
];
