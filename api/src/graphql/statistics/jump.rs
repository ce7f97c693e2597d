//! List of jumps: days on which a page's subscribers changed abnormally.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{Days, NaiveDate};
use registry::{
    change_log::Registry,
    snapshot::Filter,
    statistics::{self, Jump, JumpsOf},
    view::View,
};

use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, List, MAX_FIRST, check_first},
        context::Pinned,
        date_range::DateRange,
        scalar::{Date, SafeInt},
        sequential::{SequentialObject, resolve_sequentially},
    },
    page::Page,
};

/// Low bits of a cursor, which hold the page; those above hold the day.
const PAGE_BITS: u32 = 33;

/// Jump: a day on which a page's subscribers rose more than tenfold, or fell below a tenth.
#[derive(SimpleObject)]
pub struct StatisticsJump<'a> {
    /// Page of the jump.
    pub page: SequentialObject<Page<'a>>,
    /// Day of the jump, in the registry's time zone.
    pub day: Date,
    /// Subscribers on that day.
    pub subscribers: SafeInt,
    /// Subscribers on the last earlier day with a value, at most seven days before; null if that value was imported with the
    /// page and is not part of its daily statistics.
    pub before: Option<SafeInt>,
}

resolve_sequentially!(StatisticsJump<'_>);

/// Root fields of jumps.
#[derive(Default)]
pub struct JumpQuery;

#[Object]
impl JumpQuery {
    /// Anomalies to review: days on which a page's subscribers rose more than tenfold, or fell below a tenth, latest first.
    async fn statistics_jumps<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Period of the jumps.")] period: DateRange,
        #[graphql(desc = "Code of the pages' platform; null for all.")] platform_code: Option<String>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<StatisticsJump<'a>>> {
        check_first(first, MAX_FIRST)?;
        let view = ctx.view();
        let platform_id = platform_id(view, platform_code.as_deref())?;
        let of = JumpsOf { days: period.span(view.day())?, platform_id };
        let list = List::new("jumps", &Filter::default(), of);
        let after = after.map(|cursor| list.open(&cursor).ok_or(Error::InvalidCursor)).transpose()?;
        let database = ctx.data_unchecked::<Registry>().database();
        let (seen, hidden): (Vec<_>, Vec<_>) = statistics::count_jumps(database, of)
            .await?
            .into_iter()
            .partition(|(id, _)| view.page(*id).is_some());
        let total = seen.iter().map(|(_, jumps)| jumps).sum();
        // Hidden pages are excluded by the statement, so that they do not count toward the window.
        let hidden: Vec<i64> = hidden.into_iter().map(|(id, _)| id).collect();
        let count = first as usize;
        let mut jumps =
            statistics::jumps(database, of, &hidden, after.map(decode_position), count + 1).await?;
        let has_next = jumps.len() > count;
        jumps.truncate(count);
        let items = jumps.into_iter().filter_map(|jump| {
            let position = encode_position(&jump);
            let item = StatisticsJump {
                page: SequentialObject(Page(view.page(jump.page_id)?)),
                day: Date(jump.day),
                subscribers: SafeInt(jump.subscribers.into()),
                before: jump.before.map(|before| SafeInt(before.into())),
            };
            Some((item, position))
        });
        Ok(Connection::new(list, items, after.is_some(), has_next, total))
    }
}

fn platform_id(view: &View, code: Option<&str>) -> Result<Option<i64>> {
    let Some(code) = code else { return Ok(None) };
    match view.platform_by_code(code) {
        Some(platform) => Ok(Some(platform.id)),
        None => Err(Error::BadInput("`platformCode`: there is no platform with this code.".into())),
    }
}

/// Encodes the position of a jump as the number in a cursor.
fn encode_position(jump: &Jump) -> i64 {
    (jump.day - NaiveDate::default()).num_days() << PAGE_BITS | jump.page_id
}

fn decode_position(number: i64) -> (NaiveDate, i64) {
    let days = (number >> PAGE_BITS).unsigned_abs();
    (NaiveDate::default() + Days::new(days), number & ((1 << PAGE_BITS) - 1))
}
