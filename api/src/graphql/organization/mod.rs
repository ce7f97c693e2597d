//! Organizations: what authorities and institutions have in common.

mod fields;
mod filter;
mod interface;
mod object;
mod order;
mod policy;
mod query;
mod scheme;

pub(crate) use fields::organization_object;
pub use filter::{OfOrganization, OrganizationFilter, OrganizationKind, listed};
pub use interface::Organization;
pub use object::{OrganizationIdentifier, OrganizationName, OrganizationStatus};
pub use order::{OrganizationOrder, OrganizationOrderField};
pub use policy::POLICIES;
pub use query::OrganizationQuery;
pub use scheme::IdentifierScheme;
