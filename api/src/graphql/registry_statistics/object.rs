//! GraphQL types of the registry's counts: in total, by group and through time.

use async_graphql::{Context, Object};
use chrono::Utc;
use registry::{
    snapshot::Filter,
    view::{Group, View},
};

use super::counts::RegistryCounts;
use crate::graphql::{
    error::Result,
    group::named,
    kit::{
        date_range::DateRange,
        group::{self, GroupDimension},
        scalar::{Date, DateTime, SafeInt},
        sequential::{SequentialList, resolve_sequentially},
    },
    statistics::{CountPoint, CountSeries, CountStep, StatisticsStep},
    territory::TerritoryKind,
};

/// What is counted: the same can be counted in several states of the registry.
#[derive(Clone)]
pub struct Question {
    /// Conditions on what is counted, with the codes of the present.
    pub(super) filter: Filter,
    /// Dimensions to group by.
    pub(super) by: Vec<GroupDimension>,
    /// Kind of territory to group by.
    pub(super) territories: TerritoryKind,
}

impl Question {
    /// The counts in a view, in at most `most` groups.
    ///
    /// # Errors
    /// When the dimensions are rejected, or there would be too many groups.
    pub(super) fn answer(self, view: View, most: usize) -> Result<RegistryStatistics> {
        let total = view.group(&view.filter_then(&self.filter));
        let groups = match self.by.as_slice() {
            [] => Vec::new(),
            by => group::cut(&view, total.clone(), by, self.territories.into(), most)?,
        };
        Ok(RegistryStatistics { view, question: self, total, groups })
    }
}

/// Counts of the registry's organizations and pages.
pub struct RegistryStatistics {
    view: View,
    question: Question,
    total: Group,
    groups: Vec<Group>,
}

/// Counts of the registry's organizations and pages.
#[Object]
impl RegistryStatistics {
    /// Counts of all records that match the filter.
    async fn total(&self) -> RegistryCounts<'_> {
        self.whole()
    }

    /// Counts of each group, at most 5,000; the groups add up to the total: what has no value of a dimension is in a group
    /// with a null key. By `PLATFORM`, only pages add up: an organization is in the group of each platform on which it has
    /// an official page. Empty groups are omitted. Empty without `groupBy`.
    async fn groups(&self) -> SequentialList<RegistryCounts<'_>> {
        self.parts()
    }

    /// Counts at the end of each step of a period, with the same filter and groups; at most 36 points, with 5,000 groups in
    /// all if `groups` is selected. The step of the current day has the counts up to now, or up to `asOf`. Each other point
    /// has the registry at the end of its last day: it equals `asOf` with the last microsecond of that day in the registry's
    /// time zone. There are no points of the future, nor from before the registry's first record.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Period of the series.")] period: DateRange,
        #[graphql(default_with = "StatisticsStep::Month", desc = "Step of the series.")] step: StatisticsStep,
    ) -> Result<CountSeries<RegistryPoint>> {
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

impl RegistryStatistics {
    fn whole(&self) -> RegistryCounts<'_> {
        RegistryCounts { view: &self.view, keys: Vec::new(), group: self.total.clone() }
    }

    fn parts(&self) -> SequentialList<RegistryCounts<'_>> {
        let groups = self.groups.iter().map(|group| RegistryCounts {
            view: &self.view,
            keys: named(&self.view, &self.question.by, &group.keys),
            group: group.clone(),
        });
        SequentialList(groups.collect())
    }
}

/// Counts at the end of one step of a series.
pub struct RegistryPoint {
    step: CountStep,
    statistics: RegistryStatistics,
}

impl CountPoint for RegistryPoint {
    type Question = Question;

    fn count(question: &Question, step: CountStep, state: View, most: usize) -> Result<Self> {
        Ok(Self { step, statistics: question.clone().answer(state, most)? })
    }

    fn group_count(&self) -> usize {
        self.statistics.groups.len()
    }
}

resolve_sequentially!(RegistryPoint);

/// Counts at the end of one step of a series.
#[Object]
impl RegistryPoint {
    /// First day.
    async fn from(&self) -> Date {
        Date(self.step.from)
    }

    /// Last day, at whose end the records are counted.
    async fn to(&self) -> Date {
        Date(self.step.to)
    }

    /// Counts of all records that match the filter.
    async fn total(&self) -> RegistryCounts<'_> {
        self.statistics.whole()
    }

    /// Counts of each group, as in `groups` of `RegistryStatistics`.
    async fn groups(&self) -> SequentialList<RegistryCounts<'_>> {
        self.statistics.parts()
    }

    /// Whether the step has ended in the registry's time zone; until then, the point has the counts up to now.
    async fn is_final(&self) -> bool {
        self.step.has_ended()
    }
}
