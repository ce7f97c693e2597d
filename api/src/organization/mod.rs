//! Organizations: what authorities and institutions have in common.

mod fields;
mod interface;
mod object;
mod query;

pub(crate) use fields::organization_object;
pub use interface::Organization;
pub use object::{
    IdentifierState, OrganizationIdentifier, OrganizationName, OrganizationNameKind, OrganizationStatus,
};
pub use query::OrganizationQuery;
