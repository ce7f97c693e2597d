//! Operations of a document, with their costs and dependencies.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{Name, parser::types::ExecutableDocument, registry::Registry};

use super::{
    argument_defaults,
    complexity::{self, Cost},
    dependencies::DocumentDependencies,
    expensive::ExpensiveFields,
    field_policies::FieldPolicies,
    variables::Variable,
};

/// An operation of a document.
pub(super) struct Operation {
    /// Its name; `None` for an anonymous operation.
    pub(super) name: Option<Name>,
    pub(super) variables: Vec<Variable>,
    pub(super) cost: Cost,
    pub(super) expensive: Arc<ExpensiveFields>,
    pub(super) needed: DocumentDependencies,
}

impl Operation {
    /// The operations of a document. Variables in `not_null` must not be null.
    pub(super) fn all(
        parsed: &ExecutableDocument,
        schema: (&Registry, &FieldPolicies),
        not_null: &HashSet<Name>,
    ) -> Vec<Self> {
        let operations = parsed.operations.iter().map(|(name, operation)| {
            let (cost, expensive, needed) = complexity::of_operation(schema, parsed, &operation.node);
            let variables = operation.node.variable_definitions.iter().map(|it| {
                let name = argument_defaults::name_in_request(&it.node.name.node);
                Variable::new(&it.node, not_null.contains(name))
            });
            let variables = variables.collect();
            Self { name: name.cloned(), variables, cost, expensive: expensive.into(), needed }
        });
        operations.collect()
    }
}
