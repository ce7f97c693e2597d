//! Root fields of the registry's counts.

use async_graphql::{Context, InputObject, Object};
use registry::{
    snapshot::{Dimension, Filter},
    view::View,
};

use super::object::{Question, RegistryStatistics};
use crate::graphql::{
    authority::{AuthorityBranch, AuthorityLevel},
    error::Result,
    kit::{
        context::Pinned,
        filter::{Clauses, CodeKind},
        group::{GroupDimension, MAX_GROUPS},
        restored::restored,
        scalar::DateTime,
    },
    organization::{OfOrganization, OrganizationKind},
    page::{MarkState, PageLifecycle, WidgetState},
    territory::TerritoryKind,
};

/// Filter for organizations and pages: fields are combined with AND, the values of a list (1 to 100) with OR. With
/// `lifecycles`, `marks` or `widgets`, it matches pages only; with `notOnPlatforms`, organizations only.
#[derive(Clone, Default, InputObject)]
pub struct RegistryFilter {
    /// Codes of territories of the organization, including all territories in them.
    pub territories: Option<Vec<String>>,
    /// Codes of platforms of the page; for organizations, of their official pages.
    pub platforms: Option<Vec<String>>,
    /// Kinds of organizations.
    pub kinds: Option<Vec<OrganizationKind>>,
    /// Levels of government; institutions have none.
    pub levels: Option<Vec<AuthorityLevel>>,
    /// Branches of government; institutions have none.
    pub branches: Option<Vec<AuthorityBranch>>,
    /// Codes of sectors.
    pub sectors: Option<Vec<String>>,
    /// Codes of organizations; matches them and all organizations below them, by subordination or foundation.
    pub subtree_of: Option<Vec<String>>,
    /// Lifecycle stages of the page.
    pub lifecycles: Option<Vec<PageLifecycle>>,
    /// States of the page's mark.
    pub marks: Option<Vec<MarkState>>,
    /// States of the page's feedback widget.
    pub widgets: Option<Vec<WidgetState>>,
    /// Codes of platforms; matches organizations with an official page on none of them.
    pub not_on_platforms: Option<Vec<String>>,
}

impl RegistryFilter {
    /// Resolves the filter in the registry.
    ///
    /// # Errors
    /// When a code is unknown, or a list is empty or too long: the message names the field.
    pub fn compile(&self, view: &View) -> Result<Filter> {
        use entities::page;
        let mut clauses = Clauses::new(view);
        let of_organization = OfOrganization {
            kinds: &self.kinds,
            territories: &self.territories,
            levels: &self.levels,
            branches: &self.branches,
            sectors: &self.sectors,
            subtree_of: &self.subtree_of,
        };
        of_organization.add_to(&mut clauses)?;
        clauses.codes("platforms", &self.platforms, CodeKind::Platform)?;
        let lifecycle = |it| page::Lifecycle::from(it) as u32;
        clauses.members("lifecycles", Dimension::Lifecycle, &self.lifecycles, lifecycle)?;
        clauses.members("marks", Dimension::Mark, &self.marks, |it| page::Mark::from(it) as u32)?;
        clauses.members("widgets", Dimension::Widget, &self.widgets, |it| page::Widget::from(it) as u32)?;
        clauses.no_codes("notOnPlatforms", &self.not_on_platforms, CodeKind::HasPageOn)?;
        Ok(clauses.finish())
    }
}

/// Root fields of the registry's counts.
#[derive(Default)]
pub struct RegistryStatisticsQuery;

#[Object]
impl RegistryStatisticsQuery {
    /// Counts of organizations and pages, in total and by group: lifecycle, marks, widgets and freshness. With `asOf`, those
    /// count that were visible then, also if they were hidden since. Zeros before the registry's first record.
    async fn registry_statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter for the counted organizations and pages.")] filter: Option<RegistryFilter>,
        #[graphql(default, desc = "Dimensions to group by, combined; at most 3, each once.")] group_by: Vec<
            GroupDimension,
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
    ) -> Result<RegistryStatistics> {
        let filter = filter.unwrap_or_default().compile(ctx.view())?;
        Question { filter, by: group_by, territories: territory_kind }
            .answer(restored(ctx, as_of).await?, MAX_GROUPS)
    }
}
