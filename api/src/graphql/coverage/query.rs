//! Root fields of coverage.

use async_graphql::{Context, Enum, Object};

use super::{Coverage, ObligationRule, question::Question};
use crate::graphql::{
    error::Result,
    kit::{
        connection::Connection,
        context::Pinned,
        group::{GroupDimension, MAX_GROUPS},
        part::Part,
        restored::restored,
        scalar::DateTime,
    },
    organization::{Organization, OrganizationFilter, OrganizationOrder, listed},
    territory::TerritoryKind,
};

/// Dimension to group coverage by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CoverageGroupBy {
    /// Territory of the organization, of the kind `territoryKind`. If it lies in several of the kind, the innermost.
    Territory,
    /// Kind of the organization.
    Kind,
    /// Level of government; institutions have none.
    Level,
    /// Branch of government; institutions have none.
    Branch,
    /// Sector of the organization.
    Sector,
}

impl From<CoverageGroupBy> for GroupDimension {
    fn from(by: CoverageGroupBy) -> Self {
        match by {
            CoverageGroupBy::Territory => Self::Territory,
            CoverageGroupBy::Kind => Self::Kind,
            CoverageGroupBy::Level => Self::Level,
            CoverageGroupBy::Branch => Self::Branch,
            CoverageGroupBy::Sector => Self::Sector,
        }
    }
}

/// Root fields of coverage.
#[derive(Default)]
pub struct CoverageQuery;

#[Object]
impl CoverageQuery {
    /// Coverage of obligations today, in the registry's time zone: numbers of obliged, exempt and covered organizations, in
    /// total and by group. With `asOf`, the registry as it was then and the obligations of that day: organizations and pages
    /// count that were visible then, also those that were hidden since. Zeros before the registry's first record.
    async fn coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
        #[graphql(default, desc = "Dimensions to group by, combined; at most 3, each once.")] group_by: Vec<
            CoverageGroupBy,
        >,
        #[graphql(
            default_with = "TerritoryKind::Region",
            desc = "Kind of territory that `TERRITORY` groups by; the registry must have some."
        )]
        territory_kind: TerritoryKind,
        #[graphql(
            desc = "Count the registry as of this past time, with the present codes in `filter`; null for the current state."
        )]
        as_of: Option<DateTime>,
    ) -> Result<Coverage> {
        let filter = filter.unwrap_or_default().compile(ctx.view())?;
        let by: Vec<GroupDimension> = group_by.into_iter().map(Into::into).collect();
        Question { filter, by, territories: territory_kind }.answer(restored(ctx, as_of).await?, MAX_GROUPS)
    }

    /// Organizations that lack required pages: those that `coverage` counts as obliged but not as covered.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn uncovered<'a>(
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
        listed("uncovered", view, view.uncovered(view.day(), &filter), &filter, order_by, part)
    }

    /// Rules that oblige organizations to have pages, including past and future rules; hundreds at most.
    async fn obligation_rules<'a>(&self, ctx: &Context<'a>) -> Vec<ObligationRule<'a>> {
        ctx.view().obligation_rules().map(ObligationRule).collect()
    }
}
