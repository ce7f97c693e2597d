//! GraphQL types of coverage.

use async_graphql::Object;
use chrono::Utc;
use registry::view::{DimensionValue, PlatformView, View};
use roaring::RoaringBitmap;

use crate::graphql::{
    group::{GroupKey, named},
    kit::{
        group::GroupDimension,
        scalar::{DateTime, SafeInt},
    },
    platform::Platform,
};

/// Coverage of obligations: how many organizations must have pages and have them.
pub struct Coverage<'a> {
    pub(super) view: &'a View,
    pub(super) total: registry::view::Coverage,
    pub(super) by: Vec<GroupDimension>,
    pub(super) groups: Vec<(Vec<DimensionValue>, registry::view::Coverage)>,
}

/// Coverage of obligations: how many organizations must have pages and have them.
#[Object]
impl<'a> Coverage<'a> {
    /// Coverage of all organizations that match the filter.
    async fn total(&self) -> CoverageGroup<'a> {
        CoverageGroup { view: self.view, keys: Vec::new(), coverage: self.total.clone() }
    }

    /// Coverage of each group, at most 5,000; the groups add up to the total: organizations without a value of a dimension
    /// are in a group with a null key. Groups without any obliged or exempt organization are omitted. Empty without
    /// `groupBy`.
    async fn groups(&self) -> Vec<CoverageGroup<'a>> {
        let groups = self.groups.iter().map(|(keys, coverage)| CoverageGroup {
            view: self.view,
            keys: named(self.view, &self.by, keys),
            coverage: coverage.clone(),
        });
        groups.collect()
    }

    /// Timestamp at which the counts were computed.
    async fn computed_at(&self) -> DateTime {
        DateTime(Utc::now())
    }

    /// Sequence number of the change log that the counts reflect.
    async fn seq(&self) -> SafeInt {
        SafeInt(self.view.seq())
    }
}

/// Coverage of a group of organizations.
pub struct CoverageGroup<'a> {
    view: &'a View,
    keys: Vec<GroupKey<'a>>,
    coverage: registry::view::Coverage,
}

/// Coverage of a group of organizations.
#[Object]
impl<'a> CoverageGroup<'a> {
    /// Value of each dimension for this group, in the order of `groupBy`; empty for the total.
    async fn keys(&self) -> &[GroupKey<'a>] {
        &self.keys
    }

    /// Number of organizations that must have pages: in scope of a rule from which they are not exempt.
    async fn obliged(&self) -> SafeInt {
        SafeInt::from(self.coverage.obliged.len())
    }

    /// Number of organizations that are exempt from every rule that applies to them; not counted in `obliged`.
    async fn exempt(&self) -> SafeInt {
        SafeInt::from(self.coverage.exempt.len())
    }

    /// Number of obliged organizations that have all required pages.
    async fn covered(&self) -> SafeInt {
        SafeInt::from(self.coverage.covered.len())
    }

    /// `covered` divided by `obliged`, from 0 to 1; null if `obliged` is 0.
    async fn ratio(&self) -> Option<f64> {
        ratio(self.coverage.covered.len(), &self.coverage.obliged)
    }

    /// Obliged organizations by platform on which they have an official page; platforms without any are omitted. Tens at
    /// most.
    async fn platforms(&self) -> Vec<PlatformCoverage<'a>> {
        let counts = self.view.platforms().map(|platform| PlatformCoverage {
            platform,
            covered: self.view.with_page_on(platform.id, &self.coverage.obliged),
            ratio: None,
        });
        let present = counts.filter(|it| it.covered > 0);
        present
            .map(|it| PlatformCoverage { ratio: ratio(it.covered, &self.coverage.obliged), ..it })
            .collect()
    }
}

/// Number of obliged organizations with an official page on a platform.
pub struct PlatformCoverage<'a> {
    platform: PlatformView<'a>,
    covered: u64,
    ratio: Option<f64>,
}

/// Number of obliged organizations with an official page on a platform.
#[Object]
impl<'a> PlatformCoverage<'a> {
    /// The platform.
    async fn platform(&self) -> Platform<'a> {
        Platform(self.platform)
    }

    /// Number of obliged organizations with an official page on the platform.
    async fn covered(&self) -> SafeInt {
        SafeInt::from(self.covered)
    }

    /// `covered` divided by the number of obliged organizations, from 0 to 1.
    async fn ratio(&self) -> Option<f64> {
        self.ratio
    }
}

fn ratio(part: u64, whole: &RoaringBitmap) -> Option<f64> {
    (!whole.is_empty()).then(|| part as f64 / whole.len() as f64)
}
