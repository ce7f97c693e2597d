//! Orders of lists: what they have in common.

use async_graphql::Enum;

/// Direction of an order.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[graphql(remote = "registry::snapshot::Direction")]
pub enum OrderDirection {
    /// Ascending: lowest number, earliest day or beginning of the alphabet first.
    #[default]
    #[graphql(name = "ASC")]
    Ascending,
    /// Descending: highest number, latest day or end of the alphabet first.
    #[graphql(name = "DESC")]
    Descending,
}
