//! Root fields of the registry's counts.

use async_graphql::{Context, InputObject, Object};
use registry::{
    snapshot::{Dimension, Filter},
    view::View,
};

use super::object::RegistryStatistics;
use crate::graphql::{
    authority::{AuthorityBranch, AuthorityLevel},
    error::{Error, Result},
    kit::{
        context::Pinned,
        filter::{Clauses, CodeKind},
        group::{GroupDimension, MAX_DIMENSIONS, MAX_GROUPS},
    },
    organization::{OfOrganization, OrganizationKind},
    page::{MarkState, PageLifecycle, WidgetState},
    territory::TerritoryKind,
};

/// Conditions on what is counted, all of them; a list is met by any of its values, at most 100. Conditions on the states
/// of pages leave organizations uncounted.
#[derive(Clone, Default, InputObject)]
pub struct RegistryFilter {
    /// Codes of territories that the organization works in, with all territories in them.
    pub territories: Option<Vec<String>>,
    /// Codes of platforms of the page; for organizations, that they have an official page on.
    pub platforms: Option<Vec<String>>,
    /// Kinds of organizations.
    pub kinds: Option<Vec<OrganizationKind>>,
    /// Levels of power; institutions have none.
    pub levels: Option<Vec<AuthorityLevel>>,
    /// Branches of power; institutions have none.
    pub branches: Option<Vec<AuthorityBranch>>,
    /// Codes of sectors.
    pub sectors: Option<Vec<String>>,
    /// Codes of organizations; they and all below them, by subordination or foundation, are counted.
    pub below: Option<Vec<String>>,
    /// Stages of the page's life.
    pub lifecycles: Option<Vec<PageLifecycle>>,
    /// States of the page's mark.
    pub marks: Option<Vec<MarkState>>,
    /// States of the page's feedback widget.
    pub widgets: Option<Vec<WidgetState>>,
}

impl RegistryFilter {
    /// Checks the filter against the registry.
    ///
    /// # Errors
    /// When a code is unknown, or a list is empty or too long: the message names the field.
    pub fn compile(&self, view: &View) -> Result<Filter> {
        use entities::page;
        let mut clauses = Clauses::new(view);
        let of_organization = OfOrganization {
            kinds: ("kinds", &self.kinds),
            territories: &self.territories,
            levels: &self.levels,
            branches: &self.branches,
            sectors: &self.sectors,
            below: ("below", &self.below),
        };
        of_organization.add_to(&mut clauses)?;
        clauses.codes("platforms", &self.platforms, CodeKind::Platform)?;
        let lifecycle = |it| page::Lifecycle::from(it) as u32;
        clauses.members("lifecycles", Dimension::Lifecycle, &self.lifecycles, lifecycle)?;
        clauses.members("marks", Dimension::Mark, &self.marks, |it| page::Mark::from(it) as u32)?;
        clauses.members("widgets", Dimension::Widget, &self.widgets, |it| page::Widget::from(it) as u32)?;
        Ok(clauses.finish())
    }
}

/// Root fields of the registry's counts.
#[derive(Default)]
pub struct RegistryStatisticsQuery;

#[Object]
impl RegistryStatisticsQuery {
    /// Counts of the registry itself, in all and by group: organizations, pages, their states, marks and freshness.
    async fn registry_statistics<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Conditions on what is counted.")] filter: Option<RegistryFilter>,
        #[graphql(default, desc = "What groups are made by, each with the next; at most 3.")] group_by: Vec<
            GroupDimension,
        >,
        #[graphql(
            default_with = "TerritoryKind::Region",
            desc = "Kind of the territories that groups are made by."
        )]
        territory_kind: TerritoryKind,
    ) -> Result<RegistryStatistics<'a>> {
        if group_by.len() > MAX_DIMENSIONS {
            let text = format!("`groupBy` must hold at most {MAX_DIMENSIONS} dimensions.");
            return Err(Error::BadInput(text));
        }
        let view = ctx.view();
        let total = view.group(&filter.unwrap_or_default().compile(view)?);
        let dimensions: Vec<Dimension> = group_by.iter().map(|by| (*by).into()).collect();
        let groups = match dimensions.as_slice() {
            [] => Vec::new(),
            by => view.cut(total.clone(), by, territory_kind.into(), MAX_GROUPS).ok_or_else(|| {
                Error::BadInput(format!("There are more than {MAX_GROUPS} groups; filter, or group by less."))
            })?,
        };
        Ok(RegistryStatistics { view, total, by: group_by, groups })
    }
}
