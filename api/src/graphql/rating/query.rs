//! Root fields of ratings.

use std::sync::Arc;

use async_graphql::{Context, Object};
use registry::{
    analytics::{leaderboard, score},
    snapshot::{Filter, Place},
    statistics::MonthCache,
    view::{Slice, View, Window},
};

use super::{
    leaderboard::{LeaderboardArguments, whole_months},
    methodology::{Indicator, Methodology},
    object::{LeaderboardEntry, LeaderboardKind},
    publication::Rating,
};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, List, MAX_FIRST, check_first},
        context::Pinned,
        date_range::DateRange,
        part::Part,
    },
    page::PageFilter,
    statistics::StatisticsMetric,
};

/// Root fields of ratings.
#[derive(Default)]
pub struct RatingQuery;

#[Object]
impl RatingQuery {
    /// Subjects ranked by a metric over whole months, highest value first, with the change since the preceding period of the
    /// same length. Archived and compromised pages count, too; `filter: { lifecycles: [REGISTERED] }` ranks by official pages.
    /// `AUDIENCE_TO_POPULATION` is for the kind `REGION` only.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn leaderboard<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Metric to rank by; higher is better.")] metric: StatisticsMetric,
        #[graphql(desc = "Period of whole months, up to the current month.")] period: DateRange,
        #[graphql(desc = "Filter for the pages that count, by their current state.")] filter: Option<
            PageFilter,
        >,
        #[graphql(default_with = "LeaderboardKind::Page", desc = "Kind of subject to rank.")]
        kind: LeaderboardKind,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<LeaderboardEntry<'a>>> {
        let view = ctx.view();
        let filter = filter.unwrap_or_default();
        let question = LeaderboardArguments { metric, period, filter, kind }.check(view)?;
        let months = question.months;
        // `formerRank` needs the preceding period of the same length, and GROWTH_30D one month more.
        ctx.depends().days(months, leaderboard::months_between(months.0, months.1) + 1);
        let list = List::new("leaderboard", &question.filter, (metric, months, kind));
        let entries = question.entries(view, ctx.data_unchecked::<MonthCache>()).await?;
        window(&list, (first, after), entries.len(), |index| {
            LeaderboardEntry::new(view, kind.into(), entries[index])
        })
    }

    /// Rating methodologies, all versions of each; hundreds at most.
    async fn methodologies<'a>(&self, ctx: &Context<'a>) -> Vec<Methodology<'a>> {
        ctx.view().methodologies().map(Methodology).collect()
    }

    /// Rating by a methodology over whole months: the published rating, if there is one and neither `filter` nor `recomputed`
    /// is set; otherwise computed from the current statistics.
    async fn rating(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of the methodology, including its version.")] methodology_code: String,
        #[graphql(desc = "Period of whole months, up to the current month.")] period: DateRange,
        #[graphql(
            desc = "Filter for the rated pages, in addition to that of the methodology; if set, the rating is \
                          computed even if it is published."
        )]
        filter: Option<PageFilter>,
        #[graphql(default = false, desc = "Whether to compute the rating even if it is published.")]
        recomputed: bool,
    ) -> Result<Rating> {
        let view = ctx.view();
        let method = methodology(view, &methodology_code)?;
        let days = period.span(view.day())?;
        if let Some(rating) =
            view.rating_of(method, days.0, days.1).filter(|_| filter.is_none() && !recomputed)
        {
            return Ok(Rating::published(method.clone(), rating.clone()));
        }
        let months = whole_months(period, view.day())?;
        if months.0 < method.valid_from {
            return Err(Error::BadInput("`period` begins before the methodology's `validFrom`.".into()));
        }
        let filter = filter.unwrap_or_default().compile(view)?;
        let pages = score::pages_of(view, method, &filter);
        let list = List::new("rating", &filter, (&methodology_code, months));
        let scores = score::scores(view, ctx.data_unchecked::<MonthCache>(), method, &pages, months).await?;
        Ok(Rating::computed(method.clone(), days, list, scores))
    }

    /// Published ratings, latest publication first.
    async fn published_ratings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of the methodology, including its version; null for all.")]
        methodology_code: Option<String>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Rating>> {
        let view = ctx.view();
        let method =
            methodology_code.map(|code| methodology(view, &code).map(|method| method.id)).transpose()?;
        let ratings = view.ratings().rev().filter(|it| method.is_none_or(|id| id == it.methodology_id));
        let ids: Vec<i64> = ratings.map(|rating| rating.id).collect();
        let list = List::new("publishedRatings", &Filter::default(), method);
        let window = |Slice { from, count, .. }: Slice| {
            let begin = from.map_or(0, |after| ids.partition_point(|id| *id >= after.id));
            let end = (begin + count).min(ids.len());
            Window {
                items: ids[begin..end].iter().copied().map(Place::from).collect(),
                has_previous: begin > 0,
                has_next: end < ids.len(),
                total: ids.len() as u64,
            }
        };
        list.connection(Part::forward(first, after), window, |id| {
            let rating = view.rating(id)?;
            Some(Rating::published(view.methodology(rating.methodology_id)?.clone(), rating.clone()))
        })
    }

    /// National statistics published by third parties, each with its source; hundreds at most.
    async fn indicators<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Codes of the indicators; null for all.")] codes: Option<Vec<String>>,
        #[graphql(desc = "Period that values must overlap, a null end unbounded; null for all.")]
        period: Option<DateRange>,
    ) -> Result<Vec<Indicator<'a>>> {
        let days = period.map(DateRange::bounds).transpose()?;
        let known = ctx.view().indicators();
        let wanted = known.filter(|record| {
            codes.as_ref().is_none_or(|codes| codes.iter().any(|code| *code == *record.code))
        });
        Ok(wanted.map(|record| Indicator { record, days }).collect())
    }
}

/// Rating methodology with this code.
///
/// # Errors
/// When there is none.
pub fn methodology<'a>(view: &'a View, code: &str) -> Result<&'a Arc<registry::model::Methodology>> {
    let unknown = || Error::BadInput("Unknown methodology; `methodologies` lists all.".into());
    view.methodology_by_code(code).ok_or_else(unknown)
}

/// Connection over a list whose cursors hold positions in it.
pub(super) fn window<T>(
    list: &List,
    (first, after): (i32, Option<String>),
    all: usize,
    item: impl Fn(usize) -> Option<T>,
) -> Result<Connection<T>> {
    check_first(first, MAX_FIRST)?;
    let after = after.map(|cursor| list.open(&cursor).ok_or(Error::InvalidCursor)).transpose()?;
    let begin = after.map_or(0, |position| position as usize + 1).min(all);
    let end = (begin + first as usize).min(all);
    let items = (begin..end).filter_map(|index| Some((item(index)?, index as i64)));
    Ok(Connection::new(list.clone(), items, begin > 0, end < all, all as u64))
}
