//! Global ids as the GraphQL type `ID`.

use async_graphql::ID;

/// Global id of an object.
pub fn global(kind: &str, id: i64) -> ID {
    ID(registry::global_id::encode(kind, id))
}
