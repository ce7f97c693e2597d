//! Plausible daily statistics: weekly pattern, growth, campaigns and gaps. Every value is a function of the
//! seed, the page and the day, so that each day can be generated separately.

use chrono::{Datelike, NaiveDate, Weekday};
use entities::page_statistics::{METRICS, Metric};
use rand::{Rng, SeedableRng, rngs::SmallRng};

use crate::statistics::{Figure, Values};

/// Days in a year of growth.
const YEAR: f64 = 365.0;
/// Percentage of pages that occasionally miss a day, and that missed a week.
const FORGETFUL: u32 = 6;
const PAUSED: u32 = 9;

/// Metrics that a platform reports besides subscribers, views, posts and reactions.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    pub(super) messages: bool,
    pub(super) reach: bool,
    pub(super) videos: bool,
}

/// Parameters of a page's series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    page_id: i64,
    seed: u64,
    counted: Counted,
    /// Subscribers today.
    subscribers: f64,
    /// Growth in the last year, as a share of today's subscribers.
    growth: f64,
    /// Posts per day, and days since the last post.
    posts: f64,
    silent_for: i64,
    /// First day of a short campaign, in days ago, and its factor.
    campaign: i64,
    lift: f64,
    forgets: bool,
    /// First day of a week without statistics, in days ago.
    pause: Option<i64>,
}

impl Course {
    /// Series of a page with its present subscribers and the days since its last post; `None` if it never
    /// posted.
    pub(super) fn new(
        seed: u64,
        page_id: i64,
        counted: Counted,
        subscribers: u32,
        last_post: Option<i64>,
    ) -> Self {
        let mut random = stream(seed, page_id, -1);
        let posts = match last_post {
            Some(0..7) => random.random_range(0.4..4.0),
            Some(7..30) => random.random_range(0.05..0.4),
            Some(_) => random.random_range(0.01..0.1),
            None => 0.0,
        };
        Self {
            page_id,
            seed,
            counted,
            subscribers: f64::from(subscribers),
            growth: random.random_range(-0.05..0.35),
            posts,
            silent_for: last_post.unwrap_or(i64::MAX),
            campaign: random.random_range(3..400),
            lift: random.random_range(1.5..4.0),
            forgets: random.random_ratio(FORGETFUL, 100),
            pause: random.random_ratio(PAUSED, 100).then(|| random.random_range(8..120)),
        }
    }

    /// Statistics of a day; `None` for a missed day.
    pub(super) fn day(&self, day: NaiveDate, today: NaiveDate) -> Option<Figure> {
        let ago = (today - day).num_days();
        let mut random = stream(self.seed, self.page_id, day.num_days_from_ce().into());
        let is_paused = self.pause.is_some_and(|pause| (pause - 7..pause).contains(&ago));
        if ago > 0 && (is_paused || self.forgets && random.random_ratio(1, 12)) {
            return None;
        }
        let values = self.values(&mut random, day.weekday(), ago);
        Some(Figure { page_id: Ok(self.page_id), day, values, last_post_at: None, recorded_at: None })
    }

    fn values(&self, random: &mut SmallRng, weekday: Weekday, ago: i64) -> Values {
        let rhythm = match weekday {
            Weekday::Sat => 0.8,
            Weekday::Sun => 0.7,
            _ => 1.0,
        };
        let is_campaign = (self.campaign - 5..self.campaign).contains(&ago);
        let lift = if is_campaign { self.lift } else { 1.0 };
        let before_campaign = if ago >= self.campaign { 0.97 } else { 1.0 };
        let grown = 1.0 - self.growth * ago as f64 / YEAR;
        let subscribers = (self.subscribers * grown * before_campaign).max(1.0);
        let posts = if ago < self.silent_for { 0.0 } else { self.posts * rhythm * lift };
        let posts = (posts + random.random_range(0.0..1.0)).floor();
        let attention =
            if posts > 0.0 { random.random_range(0.15..0.5) } else { random.random_range(0.02..0.1) };
        let views = subscribers * attention * rhythm * lift;
        let reactions = views * random.random_range(0.008..0.03);
        let mut values = [None; METRICS];
        let mut put = |metric: Metric, value: f64| values[metric as usize] = Some(value.round() as i64);
        put(Metric::Subscribers, subscribers);
        put(Metric::Views, views);
        put(Metric::Posts, posts);
        put(Metric::Reactions, reactions);
        put(Metric::Comments, reactions * 0.1);
        put(Metric::Shares, reactions * 0.07);
        if self.counted.reach {
            put(Metric::Reach, views * 0.7);
        }
        if self.counted.messages {
            let received = (subscribers / 3_000.0 + random.random_range(0.0..1.0)).floor();
            put(Metric::MessagesReceived, received);
            put(Metric::MessagesAnswered, received * random.random_range(0.8..1.0));
        }
        if self.counted.videos {
            put(Metric::Videos, posts);
            put(Metric::Shorts, posts * random.random_range(0.0..1.2));
            put(Metric::Streams, f64::from(u8::from(random.random_ratio(1, 40))));
        }
        values
    }
}

/// Random stream of a page on a day.
fn stream(seed: u64, page_id: i64, day: i64) -> SmallRng {
    let position = page_id.unsigned_abs() << 24 ^ day.unsigned_abs();
    SmallRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ position)
}
