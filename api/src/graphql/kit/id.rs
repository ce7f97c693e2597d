//! Global ids as GraphQL gives them out.

use async_graphql::ID;

/// Makes the global id of an object.
pub fn global(kind: &str, id: i64) -> ID {
    ID(registry::global_id::encode(kind, id))
}
