//! Changes of types that the library cannot be told of: of the printed subgraph, and of introspection.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry,
};

use super::{PrivateQuery, SubgraphQuery, policies};
use crate::graphql::{federation, visible_fields};

/// A type that, when it is registered, changes those that were before it.
macro_rules! change_types {
    ($(#[$doc:meta])* $name:ident of $root:ident by $change:expr) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl OutputType for $name {
            fn type_name() -> Cow<'static, str> {
                $root::type_name()
            }

            fn create_type_info(registry: &mut Registry) -> String {
                $change(registry, policies());
                Self::qualified_type_name()
            }

            async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
                Ok(Value::Null)
            }
        }
    };
}

change_types! {
    /// Directives of the printed subgraph.
    Directives of SubgraphQuery by federation::add_directives
}
change_types! {
    /// Fields that introspection shows to clients with a scope.
    ScopedFields of PrivateQuery by visible_fields::set
}
