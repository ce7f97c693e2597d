//! Groups: a set of organizations and a set of pages with common facet values, and counts of them.

use chrono::{Days, NaiveDate};
use entities::{organization::Status, page::Lifecycle};
use roaring::RoaringBitmap;

use super::{View, Viewer};
use crate::snapshot::{Clause, Dimension, FacetKey, Filter, day_number, facet::Facets};

/// Dimensions that organizations and pages have in common.
pub(super) const SHARED: [Dimension; 7] = [
    Dimension::Kind,
    Dimension::Level,
    Dimension::Branch,
    Dimension::Sector,
    Dimension::Status,
    Dimension::Territory,
    Dimension::Below,
];

/// A dimension to group by, and a value of it; `None` for records without a value.
pub type DimensionValue = (Dimension, Option<u32>);

/// Organizations and pages that share facet values.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Common values, in the order of the requested dimensions.
    pub keys: Vec<DimensionValue>,
    /// Organizations; `None` when the filter or a dimension applies to pages only.
    pub organizations: Option<RoaringBitmap>,
    /// Pages.
    pub pages: RoaringBitmap,
}

impl View {
    /// Everything that matches the filter and that the viewer may see, as one group; what only limits of the viewer let it see
    /// does not count, as it does not in counts of the past. Conditions on the pages that an organization has match
    /// organizations only.
    pub fn group(&self, filter: &Filter) -> Group {
        let counted = self.without_limits();
        let is_of_organizations = |clause: &Clause| clause.dimension() == Dimension::HasPageOn;
        let pages = if filter.clauses().iter().any(is_of_organizations) {
            RoaringBitmap::new()
        } else {
            counted.pages(filter).bits().clone()
        };
        let is_of_pages = |clause: &Clause| {
            !SHARED.contains(&clause.dimension())
                && !matches!(clause.dimension(), Dimension::Platform | Dimension::HasPageOn)
        };
        let organizations = (!filter.clauses().iter().any(is_of_pages)).then(|| {
            let mut shared = filter.only(&SHARED);
            for clause in filter.clauses() {
                match clause {
                    Clause::AnyOf(Dimension::Platform, platforms) => {
                        shared.add(Clause::AnyOf(Dimension::HasPageOn, platforms.clone()));
                    }
                    clause if is_of_organizations(clause) => shared.add(clause.clone()),
                    _ => {}
                }
            }
            counted.all_organizations(&shared).bits().clone()
        });
        Group { keys: Vec::new(), organizations, pages }
    }

    /// The organizations that do not have a value.
    pub fn without_organizations(&self, organizations: RoaringBitmap, key: FacetKey) -> RoaringBitmap {
        organizations - self.derived().organization_facets.of(key)
    }

    /// Number of these pages with a value.
    pub fn count_pages(&self, pages: &RoaringBitmap, key: FacetKey) -> u64 {
        self.derived().page_facets.of(key).intersection_len(pages)
    }

    /// Number of these organizations with a value.
    pub fn count_organizations(&self, organizations: &RoaringBitmap, key: FacetKey) -> u64 {
        self.derived().organization_facets.of(key).intersection_len(organizations)
    }

    /// Number of these pages that are official and have a value.
    pub fn count_official(&self, pages: &RoaringBitmap, key: FacetKey) -> u64 {
        (self.official(pages) & self.derived().page_facets.of(key)).len()
    }

    /// The pages that are official.
    pub fn official(&self, pages: &RoaringBitmap) -> RoaringBitmap {
        pages & self.derived().page_facets.of((Dimension::Lifecycle, Lifecycle::Registered as u32))
    }

    /// Number of these pages whose day in a dimension is within the range.
    pub fn count_pages_between(&self, pages: &RoaringBitmap, dimension: Dimension, days: Between) -> u64 {
        between(&self.derived().page_facets, dimension, days).intersection_len(pages)
    }

    /// Pages whose day in a dimension is within the range.
    pub fn pages_between(&self, dimension: Dimension, days: Between) -> RoaringBitmap {
        between(&self.derived().page_facets, dimension, days)
    }

    /// Number of these organizations whose day in a dimension is within the range.
    pub fn count_organizations_between(
        &self,
        organizations: &RoaringBitmap,
        dimension: Dimension,
        days: Between,
    ) -> u64 {
        between(&self.derived().organization_facets, dimension, days).intersection_len(organizations)
    }
}

/// A range of days, both ends included.
pub type Between = (NaiveDate, NaiveDate);

/// The last `days` days up to and including `last`.
pub fn days_up_to(last: NaiveDate, days: u32) -> Between {
    let first = last.checked_sub_days(Days::new(u64::from(days.saturating_sub(1)))).unwrap_or(NaiveDate::MIN);
    (first, last)
}

fn between(facets: &Facets, dimension: Dimension, (first, last): Between) -> RoaringBitmap {
    facets.between(dimension, day_number(first), day_number(last))
}

impl Group {
    /// A group of organizations without pages, for counts that do not use pages.
    pub fn of_organizations(organizations: RoaringBitmap) -> Self {
        Self { keys: Vec::new(), organizations: Some(organizations), pages: RoaringBitmap::new() }
    }
}

/// Statuses of organizations that count for a viewer.
pub fn visible_statuses(viewer: Viewer) -> Vec<Status> {
    use Status::{Active, Draft, Liquidated, Merged, Split, Suspended, Withdrawn};
    match viewer.is_reviewer() {
        false => vec![Active, Suspended, Merged, Split, Liquidated],
        true => vec![Draft, Active, Suspended, Merged, Split, Liquidated, Withdrawn],
    }
}

/// Lifecycle stages of pages that count for a viewer.
pub fn visible_lifecycles(viewer: Viewer) -> Vec<Lifecycle> {
    use Lifecycle::{Archived, Compromised, Proposed, Registered, Rejected, UnderReview};
    match viewer.is_reviewer() {
        false => vec![Registered, Archived, Compromised],
        true => vec![Proposed, UnderReview, Registered, Rejected, Archived, Compromised],
    }
}
