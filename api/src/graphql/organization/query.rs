//! Root fields over all organizations.

use async_graphql::{Context, Object};

use super::Organization;
use crate::graphql::kit::{context::Pinned, sequential::Items};

/// Root fields over all organizations.
#[derive(Default)]
pub struct OrganizationQuery;

#[Object]
impl OrganizationQuery {
    /// Organizations with this number in a register; more than one where units share their legal parent's; hundreds at most.
    async fn organizations_by_identifier<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the identifier's scheme.")] scheme: String,
        #[graphql(
            desc = "The identifier in any form in which people write it: with blanks, or without its leading zero."
        )]
        value: String,
    ) -> Items<Organization<'a>> {
        let found = ctx.view().organizations_by_identifier(&scheme, &value);
        Items(found.into_iter().map(Organization::from).collect())
    }
}
