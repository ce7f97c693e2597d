//! Root fields over all organizations.

use async_graphql::{Context, Object};

use super::{IdentifierScheme, Organization, OrganizationFilter, OrganizationOrder, listed};
use crate::graphql::{
    error::Result,
    kit::{
        connection::Connection,
        context::Pinned,
        keys::check_keys,
        part::Part,
        scalar::DateTime,
        sequential::{SequentialList, SequentialObject},
    },
};

/// Root fields over all organizations.
#[derive(Default)]
pub struct OrganizationQuery;

#[Object]
impl OrganizationQuery {
    /// Organization with this code, of either kind; null if there is none.
    async fn organization<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the organization in this registry.")] code: String,
        #[graphql(desc = "Read the registry as of this past time; null for the current state.")]
        as_of: Option<DateTime>,
    ) -> Result<Option<SequentialObject<Organization<'a>>>> {
        let found = ctx.view_at(as_of)?.organization_by_code(&code);
        Ok(found.map(Organization::from).map(SequentialObject))
    }

    /// Organizations of the registry, of both kinds.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn organizations<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
        #[graphql(default, desc = "Order of the list.")] order_by: OrganizationOrder,
        #[graphql(desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100.")]
        first: Option<i32>,
        #[graphql(desc = "Return items after this cursor; with `first`.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Return items before this cursor; with `last`.")] before: Option<String>,
    ) -> Result<Connection<Organization<'a>>> {
        let view = ctx.view();
        let filter = filter.unwrap_or_default().compile(view)?;
        let part = Part { first, after, last, before };
        listed("organizations", view, view.all_organizations(&filter), &filter, order_by, part)
    }

    /// Organizations with these codes, in the order of `codes`; null in place of one that the registry does not have.
    async fn organizations_by_codes<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Codes of the organizations in this registry, from 1 to 100.")] codes: Vec<String>,
    ) -> Result<SequentialList<Option<Organization<'a>>>> {
        check_keys("codes", &codes)?;
        let view = ctx.view();
        let organization = |code: &String| view.organization_by_code(code).map(Organization::from);
        Ok(SequentialList(codes.iter().map(organization).collect()))
    }

    /// Organizations with this identifier; several if units use the identifier of their legal parent; hundreds at most.
    async fn organizations_by_identifier<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Code of the identifier's scheme.")] scheme_code: String,
        #[graphql(desc = "Value of the identifier; spaces and missing leading zeros are accepted.")]
        value: String,
    ) -> SequentialList<Organization<'a>> {
        let found = ctx.view().organizations_by_identifier(&scheme_code, &value);
        SequentialList(found.into_iter().map(Organization::from).collect())
    }

    /// Schemes of identifiers of organizations; tens at most.
    async fn identifier_schemes<'a>(&self, ctx: &Context<'a>) -> Vec<IdentifierScheme<'a>> {
        ctx.view().schemes().map(IdentifierScheme).collect()
    }
}
