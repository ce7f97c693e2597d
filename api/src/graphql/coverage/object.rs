//! GraphQL types of coverage.

use async_graphql::{Context, Object};
use chrono::Utc;
use registry::view::{Coverage as Counts, DimensionValue, PlatformView, View};
use roaring::RoaringBitmap;

use super::question::Question;
use crate::graphql::{
    error::Result,
    group::{GroupKey, named},
    kit::{
        date_range::DateRange,
        scalar::{Date, DateTime, SafeInt},
        sequential::{SequentialList, resolve_sequentially},
    },
    platform::Platform,
    statistics::{CountPoint, CountSeries, CountStep, StatisticsStep},
};

/// Coverage of obligations: how many organizations must have pages and have them.
pub struct Coverage {
    pub(super) view: View,
    pub(super) question: Question,
    pub(super) total: Counts,
    pub(super) groups: Vec<(Vec<DimensionValue>, Counts)>,
}

/// Coverage of obligations: how many organizations must have pages and have them.
#[Object]
impl Coverage {
    /// Coverage of all organizations that match the filter.
    async fn total(&self) -> CoverageGroup<'_> {
        self.whole()
    }

    /// Coverage of each group, at most 5,000; the groups add up to the total: organizations without a value of a dimension
    /// are in a group with a null key. Groups without any obliged or exempt organization are omitted. Empty without
    /// `groupBy`.
    async fn groups(&self) -> SequentialList<CoverageGroup<'_>> {
        self.parts()
    }

    /// Coverage at the end of each step of a period, with the same filter and groups; at most 36 points, with 5,000 groups in
    /// all if `groups` is selected. The step of the current day has the coverage up to now, or up to `asOf`. Each other point
    /// has the registry and the obligations at the end of its last day: it equals `asOf` with the last microsecond of that day
    /// in the registry's time zone. There are no points of the future, nor from before the registry's first record.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Period of the series.")] period: DateRange,
        #[graphql(default_with = "StatisticsStep::Month", desc = "Step of the series.")] step: StatisticsStep,
    ) -> Result<CountSeries<CoveragePoint>> {
        let mut question = self.question.clone();
        if !ctx.look_ahead().field("groups").exists() {
            question.by.clear();
        }
        CountSeries::new(ctx, &self.view, question, (period, step))
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

impl Coverage {
    fn whole(&self) -> CoverageGroup<'_> {
        CoverageGroup { view: &self.view, keys: Vec::new(), coverage: self.total.clone() }
    }

    fn parts(&self) -> SequentialList<CoverageGroup<'_>> {
        let groups = self.groups.iter().map(|(keys, coverage)| CoverageGroup {
            view: &self.view,
            keys: named(&self.view, &self.question.by, keys),
            coverage: coverage.clone(),
        });
        SequentialList(groups.collect())
    }
}

/// Coverage at the end of one step of a series.
pub struct CoveragePoint {
    step: CountStep,
    coverage: Coverage,
}

impl CountPoint for CoveragePoint {
    type Question = Question;

    fn count(question: &Question, step: CountStep, state: View, most: usize) -> Result<Self> {
        Ok(Self { step, coverage: question.clone().answer(state, most)? })
    }

    fn group_count(&self) -> usize {
        self.coverage.groups.len()
    }
}

resolve_sequentially!(CoveragePoint);

/// Coverage at the end of one step of a series.
#[Object]
impl CoveragePoint {
    /// First day.
    async fn from(&self) -> Date {
        Date(self.step.from)
    }

    /// Last day, at whose end, in the registry's time zone, the organizations are counted.
    async fn to(&self) -> Date {
        Date(self.step.to)
    }

    /// Coverage of all organizations that match the filter.
    async fn total(&self) -> CoverageGroup<'_> {
        self.coverage.whole()
    }

    /// Coverage of each group, as in `groups` of `Coverage`.
    async fn groups(&self) -> SequentialList<CoverageGroup<'_>> {
        self.coverage.parts()
    }

    /// Whether the step has ended in the registry's time zone; until then, the point has the coverage up to now.
    async fn is_final(&self) -> bool {
        self.step.has_ended()
    }
}

/// Coverage of a group of organizations.
pub struct CoverageGroup<'a> {
    view: &'a View,
    keys: Vec<GroupKey<'a>>,
    coverage: Counts,
}

resolve_sequentially!(CoverageGroup<'_>);

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
