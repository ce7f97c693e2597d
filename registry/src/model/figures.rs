//! Latest figures of a page, and the batches in which figures arrive.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entities::page_latest::Model;
use serde::{Deserialize, Serialize};

/// Latest figures of a page. Not part of the page's history: figures have dates of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Figures {
    pub subscribers: Option<u32>,
    pub last_post_at: Option<DateTime<Utc>>,
    /// Moment that the figures are of.
    pub recorded_at: DateTime<Utc>,
    /// Place in the change log of the write that brought them; 0 until it is known.
    pub seq: i64,
}

/// What one write recorded for one platform: the change log tells of batches, not of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct StatisticsBatch {
    pub platform_id: i64,
    /// Number of pages with new figures that everyone may see; with none, everyone is told nothing.
    pub pages: usize,
    /// Latest moment that the figures are of.
    pub recorded_at: DateTime<Utc>,
    /// First and last day with new figures; none where only the latest ones were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Row of `statistics_batch` that the figures of days came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchSource>,
    /// What the platform's figures are after the write; none in changes older than these digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<FigureDigests>,
}

/// Where figures came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct BatchSource {
    pub id: i32,
    pub source: Box<str>,
}

/// Digests of all figures that are kept of a platform's pages, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureDigests {
    /// LtHash of the pages' latest figures.
    pub latest: Box<str>,
    /// LtHash of their figures of days.
    pub days: Box<str>,
    /// BLAKE3 over the segments of all platforms, with their number.
    pub segments: (i32, Box<str>),
}

impl StatisticsBatch {
    /// Numbers of the months that the days lie in.
    pub fn months(&self) -> impl Iterator<Item = i32> {
        let ends = self.days.map(|(first, last)| (month_number(first), month_number(last)));
        ends.map(|(first, last)| first..=last).into_iter().flatten()
    }
}

/// A month as a number: months since the beginning of the calendar.
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
    /// Whether both tell the same, whichever write brought them.
    pub fn tells_same(&self, other: &Self) -> bool {
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
