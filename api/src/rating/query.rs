//! Root fields of ratings.

use async_graphql::{Context, Object};
use chrono::{Datelike, NaiveDate, Utc};

use super::{
    board::{self, MonthSpan, Question},
    object::{LeaderboardKind, LeaderboardPlace},
};
use crate::{
    error::{Error, Result},
    facts::MonthCache,
    kit::{
        connection::{Connection, List, MAX_FIRST, check_first, cost},
        period::Period,
        request::Pinned,
    },
    page::PageFilter,
    statistics::{StatisticsMetric, is_of_months},
};

/// Root fields of ratings.
#[derive(Default)]
pub struct RatingQuery;

#[Object]
impl RatingQuery {
    /// Places by a metric in a period of whole months, the first one first, with the change since as many months before.
    #[graphql(complexity = "200 + cost(first, child_complexity)")]
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn leaderboard<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "What places go by: the more, the better.")] metric: StatisticsMetric,
        #[graphql(desc = "Whole months that places are of.")] period: Period,
        #[graphql(desc = "Conditions that the pages must meet, as they are now.")] filter: Option<PageFilter>,
        #[graphql(default_with = "LeaderboardKind::Page", desc = "What gets a place.")] kind: LeaderboardKind,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
    ) -> Result<Connection<LeaderboardPlace<'a>>> {
        check_first(first, MAX_FIRST)?;
        let view = ctx.view();
        let months = whole_months(period)?;
        let filter = filter.unwrap_or_default().compile(view)?;
        let list = List::new("leaderboard", &filter, (metric, months, kind));
        let after = after.map(|cursor| list.open(&cursor).ok_or(Error::InvalidCursor)).transpose()?;
        let pages = view.pages(&filter);
        let question = Question { kind: kind.into(), pages: pages.bits(), metric, months };
        let places = board::places(view, ctx.data_unchecked::<MonthCache>(), &question).await?;
        let begin = after.map_or(0, |place| place as usize + 1).min(places.len());
        let end = (begin + first as usize).min(places.len());
        let items = (begin..end).filter_map(|place| {
            let item = LeaderboardPlace::new(view, kind.into(), places[place])?;
            Some((item, list.seal(place as i64)))
        });
        Ok(Connection::new(items.collect(), begin > 0, end < places.len(), places.len() as u64))
    }
}

/// First days of the first and of the last month of a period.
fn whole_months(period: Period) -> Result<MonthSpan> {
    let span = period.span()?;
    if !is_of_months(span, Utc::now().date_naive()) {
        let text = "`period` must consist of whole months, up to today at most.";
        return Err(Error::BadInput(text.into()));
    }
    let first = |day: NaiveDate| day.with_day(1).unwrap_or(day);
    Ok((first(span.0), first(span.1)))
}
