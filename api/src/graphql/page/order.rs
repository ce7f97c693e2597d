//! Order of lists of pages.

use async_graphql::{Enum, InputObject};
use registry::snapshot;

use crate::graphql::kit::order::OrderDirection;

/// Order of a list of pages. Pages without a value are last in both directions; those with equal values are in the order of
/// their entry into the registry, in the same direction.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct PageOrder {
    /// What to order by.
    pub field: PageOrderField,
    /// Direction of the order.
    #[graphql(default)]
    pub direction: OrderDirection,
}

/// What a list of pages is ordered by.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[graphql(remote = "snapshot::PageField")]
pub enum PageOrderField {
    /// Entry into the registry.
    #[default]
    Entry,
    /// Title, in Russian alphabetical order, with numbers in numeric order.
    Title,
    /// Time of registration.
    RegisteredAt,
    /// Latest number of subscribers.
    Subscribers,
    /// Time of the last change in the registry, to the second.
    UpdatedAt,
    /// Day of the last post, in the registry's time zone.
    LastPostOn,
}

impl From<PageOrder> for snapshot::PageOrder {
    fn from(order: PageOrder) -> Self {
        Self { field: order.field.into(), direction: order.direction.into() }
    }
}
