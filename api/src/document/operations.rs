//! Operations of a document, and the types of their root fields.

use async_graphql::{
    Positioned,
    parser::types::{DocumentOperations, OperationDefinition, OperationType},
};

/// Name of the type whose fields an operation selects.
pub(super) const fn root_type(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

/// All operations of a document, to be changed.
pub(super) fn operations_mut(
    operations: &mut DocumentOperations,
) -> Vec<&mut Positioned<OperationDefinition>> {
    match operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
    }
}
