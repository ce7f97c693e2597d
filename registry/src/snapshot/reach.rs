//! Whether records are within the limits of a client.

use super::{Snapshot, facet_keys::above};
use crate::model::{Organization, Page, Reach};

/// Maximum number of territories above another one; deeper trees are not valid.
const MAX_DEPTH: usize = 64;

impl Reach {
    /// Whether a platform is within.
    pub fn has_platform(self, platform_id: i64) -> bool {
        self.platform_id.is_none_or(|only| only == platform_id)
    }

    /// Whether a territory is within: it is the one of the limit, or lies in it.
    pub fn has_territory(self, snapshot: &Snapshot, territory_id: i64) -> bool {
        let parent = |id: &i64| snapshot.territory(*id)?.parent_id;
        self.territory_id.is_none_or(|only| {
            std::iter::successors(Some(territory_id), parent).take(MAX_DEPTH).any(|id| id == only)
        })
    }

    /// Whether an organization is within: it is the one of the limit, or below it by subordination or foundation; and it is
    /// in the territory. Organizations have no platform.
    pub fn has_organization(self, snapshot: &Snapshot, organization: &Organization) -> bool {
        let is_in = match organization.territory_id {
            Some(territory_id) => self.has_territory(snapshot, territory_id),
            None => self.territory_id.is_none(),
        };
        let is_below = |only: i64| organization.id == only || above(snapshot, organization).contains(&only);
        is_in && self.organization_id.is_none_or(is_below)
    }

    /// Whether a page is within: its platform and its owner are.
    pub fn has_page(self, snapshot: &Snapshot, page: &Page) -> bool {
        let is_of_any_owner = self.organization_id.is_none() && self.territory_id.is_none();
        let has_owner = || {
            snapshot.organization(page.owner_id).is_some_and(|owner| self.has_organization(snapshot, owner))
        };
        self.has_platform(page.platform_id) && (is_of_any_owner || has_owner())
    }

    /// Whether everything that is within another reach is also within this one. Only limits of the same kind are compared.
    pub fn contains(self, snapshot: &Snapshot, other: Self) -> bool {
        let organization = |id: i64| snapshot.organization(id);
        let of_organization = Self { organization_id: self.organization_id, ..Self::default() };
        let has_platform =
            self.platform_id.is_none() || other.platform_id.is_some_and(|id| self.has_platform(id));
        let has_organization = self.organization_id.is_none()
            || other
                .organization_id
                .and_then(organization)
                .is_some_and(|other| of_organization.has_organization(snapshot, other));
        let has_territory = self.territory_id.is_none()
            || other.territory_id.is_some_and(|id| self.has_territory(snapshot, id));
        has_platform && has_organization && has_territory
    }
}
