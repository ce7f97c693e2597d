//! Root fields over all organizations.

use async_graphql::{Context, Object};

use super::Organization;
use crate::graphql::kit::{context::Pinned, sequential::SequentialList};

/// Root fields over all organizations.
#[derive(Default)]
pub struct OrganizationQuery;

#[Object]
impl OrganizationQuery {
    /// Organizations with this identifier; several if units use the identifier of their legal parent; hundreds at most.
    async fn organizations_by_identifier<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the identifier's scheme.")] scheme: String,
        #[graphql(desc = "Value of the identifier; spaces and missing leading zeros are accepted.")]
        value: String,
    ) -> SequentialList<Organization<'a>> {
        let found = ctx.view().organizations_by_identifier(&scheme, &value);
        SequentialList(found.into_iter().map(Organization::from).collect())
    }
}
