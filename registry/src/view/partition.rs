//! Partition of groups by dimensions. Records without a value of a dimension are a group of their own, so that groups
//! add up to the whole.

use std::{borrow::Cow, collections::HashMap};

use entities::territory::Kind;
use roaring::RoaringBitmap;

use super::{
    TerritoryView, View,
    group::{DimensionValue, Group, SHARED},
};
use crate::{
    snapshot::{Dimension, FacetKey, MAX_DEPTH, facet::Facets},
    worker_pool,
};

/// Organizations and pages with a value of a dimension.
struct Members<'a> {
    /// `None` for dimensions of pages only.
    organizations: Option<Cow<'a, RoaringBitmap>>,
    pages: Cow<'a, RoaringBitmap>,
}

impl View {
    /// Partitions a group by these dimensions, in this order; empty groups are omitted. Records without a value are in
    /// the last group, whose value is `None`. A record within several territories of the kind is in the innermost; an
    /// organization is in the group of each platform on which it has an official page. `None` when there would be more
    /// than `most` groups.
    pub fn cut(&self, whole: Group, by: &[Dimension], territories: Kind, most: usize) -> Option<Vec<Group>> {
        let mut groups = vec![whole];
        for dimension in by {
            let values = self.values(*dimension, territories);
            let members = self.members(*dimension, &values, territories);
            let valued = self.valued(*dimension, &values);
            let mut parts = Vec::new();
            for group in &groups {
                worker_pool::yield_if_due();
                let with_value = values.iter().zip(&members);
                let with_value = with_value.map(|(value, members)| group.part((*dimension, *value), members));
                let rest = std::iter::once_with(|| group.rest(*dimension, &valued));
                parts.extend(with_value.chain(rest).filter(|part| !part.is_empty()));
                if parts.len() > most {
                    return None;
                }
            }
            groups = parts;
        }
        Some(groups)
    }

    /// Values of a dimension to group by.
    fn values(&self, dimension: Dimension, territories: Kind) -> Vec<u32> {
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
        values
    }

    /// Members of each value, in the order of the values.
    fn members(&self, dimension: Dimension, values: &[u32], territories: Kind) -> Vec<Members<'_>> {
        let derived = self.derived();
        let nested = match dimension {
            Dimension::Territory => self.nested(territories),
            _ => HashMap::new(),
        };
        let members = values.iter().map(|value| {
            let inner = nested.get(value).map(Vec::as_slice);
            let of = |dimension| (dimension, *value);
            Members {
                organizations: of_organizations(dimension)
                    .map(|dimension| without(&derived.organization_facets, of(dimension), inner)),
                pages: without(&derived.page_facets, of(dimension), inner),
            }
        });
        members.collect()
    }

    /// Members of any of the values.
    fn valued(&self, dimension: Dimension, values: &[u32]) -> Members<'static> {
        let derived = self.derived();
        let organizations =
            of_organizations(dimension).map(|dimension| derived.organization_facets.any(dimension, values));
        Members {
            organizations: organizations.map(Cow::Owned),
            pages: Cow::Owned(derived.page_facets.any(dimension, values)),
        }
    }

    /// Territories of a kind that lie in another one of this kind, by the innermost of these.
    fn nested(&self, kind: Kind) -> HashMap<u32, Vec<u32>> {
        let mut nested: HashMap<u32, Vec<u32>> = HashMap::new();
        for territory in self.territories(kind) {
            let mut above = std::iter::successors(territory.parent(), TerritoryView::parent).take(MAX_DEPTH);
            if let Some(outer) = above.find(|above| above.kind == kind) {
                nested.entry(outer.id as u32).or_default().push(territory.id as u32);
            }
        }
        nested
    }
}

/// Dimension of organizations for a dimension to group by; `None` for states of pages.
fn of_organizations(dimension: Dimension) -> Option<Dimension> {
    match dimension {
        Dimension::Platform => Some(Dimension::HasPageOn),
        dimension => SHARED.contains(&dimension).then_some(dimension),
    }
}

/// Ids with a value, without those that have one of the inner values.
fn without<'a>(facets: &'a Facets, key: FacetKey, inner: Option<&[u32]>) -> Cow<'a, RoaringBitmap> {
    let all = facets.of(key);
    match inner {
        Some(inner) => Cow::Owned(all - facets.any(key.0, inner)),
        None => Cow::Borrowed(all),
    }
}

impl Group {
    fn is_empty(&self) -> bool {
        self.pages.is_empty() && self.organizations.as_ref().is_none_or(RoaringBitmap::is_empty)
    }

    /// The records with a value.
    fn part(&self, (dimension, value): FacetKey, members: &Members<'_>) -> Self {
        let organizations = self.organizations.as_ref().zip(members.organizations.as_deref());
        Self {
            keys: self.keys_and((dimension, Some(value))),
            organizations: organizations.map(|(all, members)| all & members),
            pages: &self.pages & &*members.pages,
        }
    }

    /// The records without a value.
    fn rest(&self, dimension: Dimension, valued: &Members<'_>) -> Self {
        let organizations = self.organizations.as_ref().zip(valued.organizations.as_deref());
        Self {
            keys: self.keys_and((dimension, None)),
            organizations: organizations.map(|(all, valued)| all - valued),
            pages: &self.pages - &*valued.pages,
        }
    }

    fn keys_and(&self, key: DimensionValue) -> Vec<DimensionValue> {
        self.keys.iter().copied().chain([key]).collect()
    }
}
