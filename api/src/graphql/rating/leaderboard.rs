//! Leaderboards, for the field `leaderboard` and for files.

use chrono::{Datelike, NaiveDate};
use registry::{
    analytics::{
        is_of_months,
        leaderboard::{self, LeaderboardQuery, MonthSpan, RankedEntry},
    },
    snapshot::Filter,
    statistics::MonthCache,
    view::View,
};

use super::object::LeaderboardKind;
use crate::graphql::{
    error::{Error, Result},
    kit::date_range::DateRange,
    page::PageFilter,
    statistics::StatisticsMetric,
};

/// Arguments of `leaderboard`, except those of its window.
pub struct LeaderboardArguments {
    /// Metric to rank by.
    pub metric: StatisticsMetric,
    /// Period of whole months.
    pub period: DateRange,
    /// Filter for the pages that count.
    pub filter: PageFilter,
    /// Kind of subject to rank.
    pub kind: LeaderboardKind,
}

/// Leaderboard to compute, from arguments that were checked.
pub struct LeaderboardQuestion {
    metric: StatisticsMetric,
    /// First and last day of the period.
    pub days: (NaiveDate, NaiveDate),
    /// Its first and its last month.
    pub months: MonthSpan,
    /// Filter for the pages that count.
    pub filter: Filter,
    /// Kind of subject to rank.
    pub kind: LeaderboardKind,
}

impl LeaderboardArguments {
    /// Checks the arguments against the registry.
    ///
    /// # Errors
    /// When one of them is invalid.
    pub fn check(self, view: &View) -> Result<LeaderboardQuestion> {
        if self.metric == StatisticsMetric::AudienceToPopulation && self.kind != LeaderboardKind::Region {
            let text = "AUDIENCE_TO_POPULATION is only for the kind REGION, since only territories have a population.";
            return Err(Error::BadInput(text.into()));
        }
        let today = view.day();
        Ok(LeaderboardQuestion {
            metric: self.metric,
            months: whole_months(self.period, today)?,
            days: self.period.span(today)?,
            filter: self.filter.compile(view)?,
            kind: self.kind,
        })
    }
}

impl LeaderboardQuestion {
    /// All ranked subjects, highest value first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn entries(&self, view: &View, months: &MonthCache) -> Result<Vec<RankedEntry>> {
        let pages = view.pages(&self.filter);
        let question = LeaderboardQuery {
            kind: self.kind.into(),
            pages: pages.bits(),
            metric: self.metric.into(),
            months: self.months,
        };
        Ok(leaderboard::entries(view, months, &question).await?)
    }
}

/// First day of the first month and of the last month of a period.
///
/// # Errors
/// When it does not consist of whole months, up to the current one.
pub(super) fn whole_months(period: DateRange, today: NaiveDate) -> Result<MonthSpan> {
    let span = period.span(today)?;
    if !is_of_months(span, today) {
        let text = "`period` must consist of whole months, up to the current month.";
        return Err(Error::BadInput(text.into()));
    }
    let first = |day: NaiveDate| day.with_day(1).unwrap_or(day);
    Ok((first(span.0), first(span.1)))
}
