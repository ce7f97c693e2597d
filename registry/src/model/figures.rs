//! Latest statistics of a page, and the batches in which statistics arrive.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entities::page_latest::Model;
use serde::{Deserialize, Serialize};

/// Latest statistics of a page. Not part of the page's history: statistics have dates of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Figures {
    pub subscribers: Option<u32>,
    pub last_post_at: Option<DateTime<Utc>>,
    /// Timestamp of the statistics.
    pub recorded_at: DateTime<Utc>,
    /// Sequence number of the change that recorded them; 0 until it is assigned.
    pub seq: i64,
}

/// What one write recorded for one platform: the change log has one entry per batch, not per row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct StatisticsBatch {
    pub platform_id: i64,
    /// Number of public pages with new statistics; with 0, the change is not public.
    pub pages: usize,
    /// Latest timestamp of the statistics.
    pub recorded_at: DateTime<Utc>,
    /// First and last day with new statistics; `None` when only latest statistics were recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Row of `statistics_batch` for the daily statistics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchSource>,
    /// Digests of all statistics of the platform after the write; `None` in changes from before digests
    /// existed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<FigureDigests>,
}

/// Source of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BatchSource {
    pub id: i32,
    pub source: Box<str>,
}

/// Digests of all stored statistics of a platform's pages, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureDigests {
    /// LtHash of the pages' latest statistics.
    pub latest: Box<str>,
    /// LtHash of their daily statistics.
    pub days: Box<str>,
    /// Number of segments of all platforms, and BLAKE3 over them.
    pub segments: (i32, Box<str>),
}

impl StatisticsBatch {
    /// Numbers of the months that contain these days.
    pub fn months(&self) -> impl Iterator<Item = i32> {
        let ends = self.days.map(|(first, last)| (month_number(first), month_number(last)));
        ends.map(|(first, last)| first..=last).into_iter().flatten()
    }
}

/// Month as a number: 12 × year + zero-based month.
pub fn month_number(day: NaiveDate) -> i32 {
    day.year() * 12 + day.month0() as i32
}

impl From<Model> for Figures {
    fn from(row: Model) -> Self {
        Self {
            subscribers: row.subscribers.and_then(|number| u32::try_from(number).ok()),
            last_post_at: row.last_post_at,
            recorded_at: row.recorded_at,
            seq: row.seq,
        }
    }
}

impl Figures {
    /// Whether both have the same values, regardless of the write that recorded them.
    pub fn has_same_values(&self, other: &Self) -> bool {
        Self { seq: other.seq, ..*self } == *other
    }

    /// Row of the figures.
    pub fn row(&self, page_id: i64) -> Model {
        Model {
            page_id,
            subscribers: self.subscribers.map(i64::from),
            last_post_at: self.last_post_at,
            recorded_at: self.recorded_at,
            seq: self.seq,
        }
    }
}
