//! GraphQL types of coverage.

use async_graphql::Object;
use chrono::Utc;
use registry::{
    snapshot::FacetKey,
    view::{PlatformView, View},
};
use roaring::RoaringBitmap;

use crate::graphql::{
    kit::{
        group::{GroupDimension, GroupKey, named},
        scalar::{Count, DateTime},
    },
    platform::Platform,
};

/// Who must have pages and who has them.
pub struct Coverage<'a> {
    pub(super) view: &'a View,
    pub(super) total: registry::view::Coverage,
    pub(super) by: Vec<GroupDimension>,
    pub(super) groups: Vec<(Vec<FacetKey>, registry::view::Coverage)>,
}

/// Who must have pages and who has them.
#[Object]
impl<'a> Coverage<'a> {
    /// Coverage of all organizations that passed the filter.
    async fn total(&self) -> CoverageGroup<'a> {
        CoverageGroup { view: self.view, keys: Vec::new(), coverage: self.total.clone() }
    }

    /// Coverage of each group; groups without any obliged or exempt organization are left out. At most 5,000.
    async fn groups(&self) -> Vec<CoverageGroup<'a>> {
        let groups = self.groups.iter().map(|(keys, coverage)| CoverageGroup {
            view: self.view,
            keys: named(self.view, &self.by, keys),
            coverage: coverage.clone(),
        });
        groups.collect()
    }

    /// Timestamp of the counts.
    async fn computed_at(&self) -> DateTime {
        DateTime(Utc::now())
    }

    /// Place in the change log at which the counts are true.
    async fn seq(&self) -> Count {
        Count(self.view.seq().unsigned_abs())
    }
}

/// Coverage of a group of organizations.
pub struct CoverageGroup<'a> {
    view: &'a View,
    keys: Vec<GroupKey>,
    coverage: registry::view::Coverage,
}

/// Coverage of a group of organizations.
#[Object]
impl<'a> CoverageGroup<'a> {
    /// Values that the organizations of the group have in common, in the order of `groupBy`.
    async fn keys(&self) -> &[GroupKey] {
        &self.keys
    }

    /// Number of organizations that must have pages: a rule names them and no exemption frees them.
    async fn obliged(&self) -> Count {
        Count(self.coverage.obliged.len())
    }

    /// Number of organizations that a rule names and that exemptions free; not among the obliged.
    async fn exempt(&self) -> Count {
        Count(self.coverage.exempt.len())
    }

    /// Number of the obliged that have all pages that they must have.
    async fn covered(&self) -> Count {
        Count(self.coverage.covered.len())
    }

    /// Share of the covered among the obliged, from 0 to 1; null where nobody is obliged.
    async fn ratio(&self) -> Option<f64> {
        ratio(self.coverage.covered.len(), &self.coverage.obliged)
    }

    /// The obliged by the platforms that they have an official page on; platforms without any are left out. Tens at most.
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

    /// Number of the obliged that have an official page there.
    async fn covered(&self) -> Count {
        Count(self.covered)
    }

    /// Their share among the obliged, from 0 to 1; null where nobody is obliged.
    async fn ratio(&self) -> Option<f64> {
        self.ratio
    }
}

fn ratio(part: u64, whole: &RoaringBitmap) -> Option<f64> {
    (!whole.is_empty()).then(|| part as f64 / whole.len() as f64)
}
