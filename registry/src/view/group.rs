//! Groups: a set of organizations and a set of pages, partitioned by common facet values.

use chrono::{Days, NaiveDate};
use entities::{organization::Status, page::Lifecycle, territory::Kind};
use roaring::RoaringBitmap;

use super::{View, Viewer};
use crate::snapshot::{Clause, Dimension, FacetKey, Filter, day_number, facet::Facets};

/// Dimensions that organizations and pages have in common.
const SHARED: [Dimension; 7] = [
    Dimension::Kind,
    Dimension::Level,
    Dimension::Branch,
    Dimension::Sector,
    Dimension::Status,
    Dimension::Territory,
    Dimension::Below,
];

/// Organizations and pages that share facet values.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Common facet values, in the order of the requested dimensions.
    pub keys: Vec<FacetKey>,
    /// Organizations; `None` when the filter or a dimension applies to pages only.
    pub organizations: Option<RoaringBitmap>,
    /// Pages.
    pub pages: RoaringBitmap,
}

impl View {
    /// Everything that matches the filter and that the viewer may see, as one group.
    pub fn group(&self, filter: &Filter) -> Group {
        let pages = self.pages(filter).bits().clone();
        let is_of_pages = |clause: &Clause| {
            !SHARED.contains(&clause.dimension()) && clause.dimension() != Dimension::Platform
        };
        let organizations = (!filter.clauses().iter().any(is_of_pages)).then(|| {
            let mut shared = filter.only(&SHARED);
            for clause in filter.clauses() {
                if let Clause::AnyOf(Dimension::Platform, platforms) = clause {
                    shared.add(Clause::AnyOf(Dimension::HasPageOn, platforms.clone()));
                }
            }
            self.all_organizations(&shared).bits().clone()
        });
        Group { keys: Vec::new(), organizations, pages }
    }

    /// Partitions a group by these dimensions, in this order; empty groups are omitted. `None` when there
    /// would be more than `most` groups.
    pub fn cut(&self, whole: Group, by: &[Dimension], territories: Kind, most: usize) -> Option<Vec<Group>> {
        let mut groups = vec![whole];
        for dimension in by {
            let mut parts = Vec::new();
            for group in &groups {
                parts.extend(self.values(*dimension, territories).filter_map(|value| {
                    let part = self.part(group, (*dimension, value));
                    let has_organizations = part.organizations.as_ref().is_some_and(|it| !it.is_empty());
                    (has_organizations || !part.pages.is_empty()).then_some(part)
                }));
                if parts.len() > most {
                    return None;
                }
            }
            groups = parts;
        }
        Some(groups)
    }

    fn part(&self, group: &Group, key: FacetKey) -> Group {
        let derived = self.derived();
        let (dimension, value) = key;
        let of_organizations = match dimension {
            Dimension::Platform => Some((Dimension::HasPageOn, value)),
            dimension if SHARED.contains(&dimension) => Some(key),
            _ => None,
        };
        let organizations = group.organizations.as_ref().zip(of_organizations);
        Group {
            keys: group.keys.iter().copied().chain([key]).collect(),
            organizations: organizations.map(|(all, key)| all & derived.organization_facets.of(key)),
            pages: &group.pages & derived.page_facets.of(key),
        }
    }

    /// Values of a dimension to group by.
    fn values(&self, dimension: Dimension, territories: Kind) -> impl Iterator<Item = u32> {
        let derived = self.derived();
        let mut values: Vec<u32> = match dimension {
            Dimension::Territory => {
                self.territories(territories).map(|territory| territory.id as u32).collect()
            }
            Dimension::Platform => self.platforms().map(|platform| platform.id as u32).collect(),
            dimension => {
                let of_organizations = derived.organization_facets.values(dimension).map(|(value, _)| value);
                of_organizations
                    .chain(derived.page_facets.values(dimension).map(|(value, _)| value))
                    .collect()
            }
        };
        values.sort_unstable();
        values.dedup();
        values.into_iter()
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

/// Statuses of organizations that a viewer may see.
pub fn visible_statuses(viewer: Viewer) -> Vec<Status> {
    use Status::{Active, Draft, Liquidated, Merged, Split, Suspended, Withdrawn};
    match viewer {
        Viewer::Public => vec![Active, Suspended, Merged, Split, Liquidated],
        Viewer::Reviewer => vec![Draft, Active, Suspended, Merged, Split, Liquidated, Withdrawn],
    }
}

/// Lifecycle stages of pages that a viewer may see.
pub fn visible_lifecycles(viewer: Viewer) -> Vec<Lifecycle> {
    use Lifecycle::{Archived, Compromised, Proposed, Registered, Rejected, UnderReview};
    match viewer {
        Viewer::Public => vec![Registered, Archived, Compromised],
        Viewer::Reviewer => vec![Proposed, UnderReview, Registered, Rejected, Archived, Compromised],
    }
}
