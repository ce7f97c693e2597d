//! GraphQL types of statistics summed over the pages of an organization or territory.

use async_graphql::{Context, Object, SimpleObject};
use chrono::NaiveDate;
use entities::{page::Lifecycle, page_statistics::Metric};
use registry::{
    analytics::{
        reporting_pages::reporting_pages,
        series::{self, Span, Step, Total},
        territory_series,
    },
    change_log::Registry,
    snapshot::{Clause, Dimension, Filter, Selection},
    statistics::MonthCache,
    view::{OrganizationView, PageView, TerritoryView, View},
};
use roaring::RoaringBitmap;

use super::{
    loader::StatisticsLoader,
    object::{StatisticsStep, steps},
};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        context::Pinned,
        date_range::DateRange,
        scalar::{Date, SafeInt},
    },
};

/// Maximum number of page-days that one series sums.
const MAX_DAYS: i64 = 100_000;

/// Owner of the pages that are summed.
enum SumOwner<'a> {
    Organization(OrganizationView<'a>),
    Territory(TerritoryView<'a>),
}

/// Sums of each step, and the pages that have statistics in it; `None` if nobody asks for these.
type Sums = (Vec<Total>, Option<Vec<RoaringBitmap>>);

/// Statistics summed over the pages of an organization or territory. Sums count accounts, not people: many follow more than
/// one page. `latest` counts official pages; `series` counts archived and compromised ones, too, so that a page that is archived
/// does not leave the past.
pub struct SumStatistics<'a>(SumOwner<'a>);

impl<'a> From<OrganizationView<'a>> for SumStatistics<'a> {
    fn from(organization: OrganizationView<'a>) -> Self {
        Self(SumOwner::Organization(organization))
    }
}

impl<'a> From<TerritoryView<'a>> for SumStatistics<'a> {
    fn from(territory: TerritoryView<'a>) -> Self {
        Self(SumOwner::Territory(territory))
    }
}

/// Latest subscribers, summed over official pages: those in the lifecycle stage `REGISTERED`.
#[derive(SimpleObject)]
pub struct SumFigures {
    /// Sum of subscribers; counts accounts, not people.
    pub subscribers_sum: SafeInt,
    /// Number of official pages with a number of subscribers.
    pub pages_counted: SafeInt,
    /// Number of official pages without a number of subscribers.
    pub pages_missing: SafeInt,
}

/// Declares the sums of a point, in the order of their columns.
macro_rules! sums {
    ($($(#[$doc:meta])* $name:ident $metric:ident,)+) => {
        /// Statistics summed over pages in one step of a time series; null if no page has a value.
        #[derive(SimpleObject)]
        pub struct SumPoint {
            /// First day.
            pub from: Date,
            /// Last day.
            pub to: Date,
            $($(#[$doc])* pub $name: Option<SafeInt>,)+
            /// Number of public pages, also archived and compromised ones, with statistics in the step; for regions and larger
            /// territories, the highest daily number in the step.
            pub pages_counted: SafeInt,
            /// Number of official pages, registered by the last day, without statistics in the step; 0 if the first day is in
            /// the future. Of regions and larger territories, only up to 400,000 pages times days that are not in whole months.
            pub pages_missing: SafeInt,
            /// Whether the step has ended in the registry's time zone; partial statistics in it may still be replaced.
            pub is_final: bool,
        }

        impl SumPoint {
            /// The sums of a step, as of a day.
            fn new(span: Span, total: &Total, missing: u64, today: NaiveDate) -> Self {
                let sum = |metric: Metric| total.values[metric as usize].map(SafeInt);
                Self {
                    from: Date(span.0),
                    to: Date(span.1),
                    $($name: sum(Metric::$metric),)+
                    pages_counted: SafeInt::from(total.pages),
                    pages_missing: SafeInt::from(missing),
                    is_final: span.1 < today,
                }
            }
        }
    };
}

sums! {
    /// Subscribers at the end of the step; counts accounts, not people.
    subscribers_sum Subscribers,
    /// Views.
    views_sum Views,
    /// Reach as reported by platforms; people are counted once per page and day.
    reach_sum Reach,
    /// Posts.
    posts_sum Posts,
    /// Reactions, likes included.
    reactions_sum Reactions,
    /// Comments.
    comments_sum Comments,
    /// Shares.
    shares_sum Shares,
    /// Citizens' messages received.
    messages_received_sum MessagesReceived,
    /// Citizens' messages answered.
    messages_answered_sum MessagesAnswered,
    /// Videos published.
    videos_sum Videos,
    /// Short videos published.
    shorts_sum Shorts,
    /// Live streams.
    streams_sum Streams,
}

/// Statistics summed over the pages of an organization or territory. Sums count accounts, not people: many follow more than
/// one page. `latest` counts official pages; `series` counts archived and compromised ones, too, so that a page that is archived
/// does not leave the past.
#[Object]
impl<'a> SumStatistics<'a> {
    /// Latest subscribers of all official pages, summed; within `asOf`, no page has any.
    async fn latest(&self) -> SumFigures {
        let official = self.selection(&[Lifecycle::Registered]);
        let (sum, counted) = self.view().subscribers(official.bits());
        SumFigures {
            subscribers_sum: SafeInt::from(sum),
            pages_counted: SafeInt::from(counted),
            pages_missing: SafeInt::from(official.len() - counted),
        }
    }

    /// Time series of the sums, including gaps; at most 400 points. Public pages count, also archived and compromised ones.
    /// For regions and larger territories, they count in the region where they were on each day; subscribers of a week or of
    /// a part of a month are those of the day on which most pages of a platform have a value. For other territories and
    /// organizations, the current pages count.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Period of the series.")] period: DateRange,
        #[graphql(default_with = "StatisticsStep::Day", desc = "Step of the series.")] step: StatisticsStep,
    ) -> Result<Vec<SumPoint>> {
        let (span, spans) = steps(period, step, self.view().day())?;
        ctx.depends().days(span, 0);
        let official = ctx.look_ahead().field("pagesMissing").exists().then(|| self.official());
        let (totals, reporting) = match &self.0 {
            SumOwner::Territory(territory) if territory_series::has_sums(territory.kind) => {
                sums_of_territory(ctx, territory, official.as_ref(), (&spans, step.into())).await?
            }
            _ => self.totals(ctx, span, &spans).await?,
        };
        let missing = match (official, reporting) {
            (Some(official), Some(reporting)) => missing(self.view(), &official, &spans, &reporting),
            _ => vec![0; spans.len()],
        };
        let today = self.view().day();
        let points = spans.iter().zip(&totals).zip(missing);
        Ok(points.map(|((span, total), missing)| SumPoint::new(*span, total, missing, today)).collect())
    }
}

impl<'a> SumStatistics<'a> {
    fn view(&self) -> &'a View {
        match &self.0 {
            SumOwner::Organization(organization) => organization.view(),
            SumOwner::Territory(territory) => territory.view(),
        }
    }

    /// Pages in these lifecycle stages; in all stages if the list is empty.
    fn selection(&self, lifecycles: &[Lifecycle]) -> Selection {
        let mut filter = Filter::default();
        if !lifecycles.is_empty() {
            let values = lifecycles.iter().map(|lifecycle| *lifecycle as u32).collect();
            filter.add(Clause::AnyOf(Dimension::Lifecycle, values));
        }
        match &self.0 {
            SumOwner::Organization(organization) => organization.pages(&filter),
            SumOwner::Territory(territory) => {
                let here = vec![u32::try_from(territory.id).unwrap_or(0)];
                filter.add(Clause::AnyOf(Dimension::Territory, here));
                self.view().pages(&filter)
            }
        }
    }

    /// Official pages, of those that are public.
    fn official(&self) -> RoaringBitmap {
        let official = self.selection(&[Lifecycle::Registered]);
        // In the past, those count that were public then.
        match self.view().past_at() {
            Some(_) => official.bits().clone(),
            None => self.view().summed_up(official.bits()),
        }
    }

    fn pages(&self) -> impl Iterator<Item = PageView<'a>> {
        let view = self.view();
        let ids: Vec<i64> = self.selection(&[]).after(None).collect();
        ids.into_iter().filter_map(move |id| view.page(id))
    }

    /// Sums of the points of all pages.
    async fn totals(&self, ctx: &Context<'_>, (from, to): Span, spans: &[Span]) -> Result<Sums> {
        let (zone, to) = (self.view().time_zone(), to.min(self.view().last_day()));
        let pages: Vec<i64> = self.pages().map(|page| page.id).collect();
        if pages.len() as i64 * ((to - from).num_days() + 1) > MAX_DAYS {
            let text =
                "There are too many pages for this `period`; use a shorter one, or the field `audience`.";
            return Err(Error::BadInput(text.into()));
        }
        let loader = ctx.data_unchecked::<StatisticsLoader>();
        let days = pages.iter().map(|page_id| loader.days(*page_id, (from, to)));
        let days = futures_util::future::try_join_all(days).await?;
        let points: Vec<_> = days.iter().map(|days| series::points(spans, days, zone)).collect();
        let mut reporting = vec![RoaringBitmap::new(); spans.len()];
        for (page_id, points) in pages.iter().zip(&points) {
            let page_id = u32::try_from(*page_id).unwrap_or(0);
            for (reporting, _) in reporting.iter_mut().zip(points).filter(|(_, point)| point.days > 0) {
                reporting.insert(page_id);
            }
        }
        Ok((series::totals(spans.len(), &points), Some(reporting)))
    }
}

/// Sums of a region or a larger territory; `official` are the pages of which missing ones are counted, if they are.
async fn sums_of_territory(
    ctx: &Context<'_>,
    territory: &TerritoryView<'_>,
    official: Option<&RoaringBitmap>,
    (spans, step): (&[Span], Step),
) -> Result<Sums> {
    let source = (ctx.data_unchecked::<Registry>().database(), ctx.data_unchecked::<MonthCache>());
    let totals = territory_series::totals(territory, source, spans, step).await?;
    let Some(official) = official else { return Ok((totals, None)) };
    let reporting = reporting_pages(territory.view(), source, official, (spans, step)).await?;
    let reporting = reporting.ok_or_else(|| {
        let text = "There are too many pages and days for `pagesMissing`; use whole months with the step MONTH, or a shorter \
                    `period`, or leave the field out.";
        Error::BadInput(text.into())
    })?;
    Ok((totals, Some(reporting)))
}

/// Numbers of official pages, registered by the end of each step, that are not among those with statistics in it.
fn missing(view: &View, official: &RoaringBitmap, spans: &[Span], reporting: &[RoaringBitmap]) -> Vec<u64> {
    let (mut registered, mut since) = (RoaringBitmap::new(), NaiveDate::MIN);
    let numbers = spans.iter().zip(reporting).map(|(span, reporting)| {
        if span.0 > view.day() {
            return 0;
        }
        registered |= view.pages_between(Dimension::RegisteredOn, (since, span.1)) & official;
        since = span.1.succ_opt().unwrap_or(span.1);
        registered.len() - registered.intersection_len(reporting)
    });
    numbers.collect()
}
