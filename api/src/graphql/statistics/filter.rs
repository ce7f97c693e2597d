//! Filter for the pages whose statistics are aggregated.

use async_graphql::InputObject;
use registry::{
    analytics::has_sums,
    snapshot::{Clause, Dimension, Filter},
    view::View,
};

use crate::graphql::{
    authority::{AuthorityBranch, AuthorityLevel},
    error::{Error, Result},
    kit::filter::{Clauses, CodeKind},
    organization::{OfOrganization, OrganizationKind},
};

/// Filter for pages by their attributes on each day of the statistics: fields are combined with AND, the values of a list (1
/// to 100) with OR.
#[derive(Clone, Default, InputObject)]
pub struct AudienceFilter {
    /// Codes of platforms.
    pub platforms: Option<Vec<String>>,
    /// Codes of countries, districts or regions of the owner; smaller territories are not allowed, as statistics are
    /// aggregated by region.
    pub territories: Option<Vec<String>>,
    /// Kinds of owners.
    pub kinds: Option<Vec<OrganizationKind>>,
    /// Levels of government of the owner; institutions have none.
    pub levels: Option<Vec<AuthorityLevel>>,
    /// Branches of government of the owner; institutions have none.
    pub branches: Option<Vec<AuthorityBranch>>,
    /// Codes of sectors of the owner.
    pub sectors: Option<Vec<String>>,
}

impl AudienceFilter {
    /// Resolves the filter in the registry.
    ///
    /// # Errors
    /// When a code is unknown, a list is empty or too long, or a territory is smaller than a region.
    pub fn compile(&self, view: &View) -> Result<Filter> {
        let mut clauses = Clauses::new(view);
        clauses.codes("platforms", &self.platforms, CodeKind::Platform)?;
        let of_organization = OfOrganization {
            kinds: &self.kinds,
            territories: &self.territories,
            levels: &self.levels,
            branches: &self.branches,
            sectors: &self.sectors,
            subtree_of: &None,
        };
        of_organization.add_to(&mut clauses)?;
        let filter = clauses.finish();
        for clause in filter.clauses() {
            let Clause::AnyOf(Dimension::Territory, territories) = clause else { continue };
            let is_summed = |id: &u32| view.territory(i64::from(*id)).is_some_and(|it| has_sums(it.kind));
            if !territories.iter().all(is_summed) {
                let text = "`territories` must be countries, districts or regions: statistics are aggregated by region.";
                return Err(Error::BadInput(text.into()));
            }
        }
        Ok(filter)
    }
}
