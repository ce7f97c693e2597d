//! Order of lists of organizations.

use async_graphql::{Enum, InputObject};
use registry::snapshot;

use crate::graphql::kit::order::OrderDirection;

/// Order of a list of organizations. Organizations without a value are last in both directions; those with equal values are in
/// the order of their entry into the registry, in the same direction.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct OrganizationOrder {
    /// What to order by.
    pub field: OrganizationOrderField,
    /// Direction of the order.
    #[graphql(default)]
    pub direction: OrderDirection,
}

/// What a list of organizations is ordered by.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[graphql(remote = "snapshot::OrganizationField")]
pub enum OrganizationOrderField {
    /// Entry into the registry.
    #[default]
    Entry,
    /// Name, in Russian alphabetical order, with numbers in numeric order.
    Name,
    /// Time of the last change in the registry, to the second.
    UpdatedAt,
    /// Sum of the latest numbers of subscribers of the public official pages that the organization owns or co-owns.
    Audience,
    /// Days for which a required page has been missing, as `obligation.daysOverdue` tells; organizations that lack none are last.
    DaysOverdue,
}

impl From<OrganizationOrder> for snapshot::OrganizationOrder {
    fn from(order: OrganizationOrder) -> Self {
        Self { field: order.field.into(), direction: order.direction.into() }
    }
}
