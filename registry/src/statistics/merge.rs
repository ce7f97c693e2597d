//! Merging of valid rows with the rows of their days and the latest values of their pages.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entities::page_statistics::{Metric, Model};

use super::{
    figure::{Figure, Outcome, Rejection, Values, merged},
    finality::makes_final,
    ingest::Ingest,
    rows::Rows,
};
use crate::{
    change_log::ChangeSet,
    model::{Figures, Page},
};

impl Ingest {
    /// Merges a valid row.
    pub(super) fn take(
        &mut self,
        change_set: &mut ChangeSet,
        page_id: i64,
        figure: &Figure,
        index: usize,
        rows: &mut Rows,
    ) -> Outcome {
        let key = (page_id, figure.day);
        let known = rows.row(key);
        let before = known.map(Model::values).unwrap_or_default();
        let after = merged(before, figure.values);
        let recorded_at = figure.recorded_at.unwrap_or_else(|| change_set.now());
        let counted = known.map(|known| (known.segment_id, before));
        let is_known = known.is_some();
        let makes_final = known.is_some_and(|known| makes_final(change_set, known, figure));
        let is_older = known.is_some_and(|known| figure.recorded_at.is_some_and(|at| at < known.recorded_at));
        if is_older && after != before {
            return Outcome::Rejected(Rejection::OlderThanKnown);
        }
        let is_latest = take_latest(change_set, page_id, figure, recorded_at);
        if after == before && !makes_final {
            return without_new_values(is_latest, is_known);
        }
        let Some(page) = change_set.snapshot().page(page_id).cloned() else {
            return Outcome::Rejected(Rejection::PageNotFound);
        };
        let segment_id = segment_id(change_set, &page, counted.map(|(known, _)| known));
        let row = row(key, segment_id, after, self.batch_id, recorded_at);
        let is_shown = change_set.snapshot().is_shown(page_id);
        if is_shown {
            self.sums.count(figure.day, counted, (segment_id, after));
        }
        let is_first = rows.upsert(key, row, index);
        *self.touched.entry(figure.day).or_default().entry(page.platform_id).or_default() +=
            usize::from(is_first && is_shown);
        if is_known { Outcome::Replaced { is_jump: false } } else { Outcome::Stored { is_jump: false } }
    }
}

/// Outcome of a row whose values the day already has. The timestamp of a last post is not a value of a day: alone, it
/// makes no row.
fn without_new_values(is_latest: bool, is_known: bool) -> Outcome {
    match (is_latest, is_known) {
        (true, true) => Outcome::Replaced { is_jump: false },
        (true, false) => Outcome::Stored { is_jump: false },
        (false, _) => Outcome::Duplicate,
    }
}

/// Segment of a row. A correction keeps the segment of the day, even if the page's segment has changed since.
fn segment_id(change_set: &mut ChangeSet, page: &Page, known: Option<i32>) -> i32 {
    match known {
        Some(segment_id) => segment_id,
        None => change_set.segment_id(change_set.snapshot().segment_of(page)),
    }
}

fn row(
    (page_id, day): (i64, NaiveDate),
    segment_id: i32,
    values: Values,
    batch_id: i32,
    recorded_at: DateTime<Utc>,
) -> Model {
    let mut row = Model {
        page_id,
        day,
        segment_id,
        subscribers: None,
        views: None,
        reach: None,
        posts: None,
        reactions: None,
        comments: None,
        shares: None,
        messages_received: None,
        messages_answered: None,
        videos: None,
        shorts: None,
        streams: None,
        batch_id,
        recorded_at,
        is_jump: false,
    };
    row.set_values(values);
    row
}

/// Puts values as the latest of their page, if they are; returns whether that changes them.
fn take_latest(
    change_set: &mut ChangeSet,
    page_id: i64,
    figure: &Figure,
    recorded_at: DateTime<Utc>,
) -> bool {
    let subscribers =
        figure.values[Metric::Subscribers as usize].and_then(|number| u32::try_from(number).ok());
    let zone = change_set.snapshot().time_zone();
    let last = zone.end_of(figure.day) - TimeDelta::seconds(1);
    // A day that has begun only further east is not in the future.
    let first = zone.start_of(figure.day).min(change_set.now()).min(last);
    let known = change_set.snapshot().figures(page_id).copied();
    let figures = Figures {
        subscribers: subscribers.or(known.and_then(|known| known.subscribers)),
        last_post_at: figure.last_post_at.or(known.and_then(|known| known.last_post_at)),
        // Clamped to the day: values of a past day count as measured at its end.
        recorded_at: recorded_at.clamp(first, last),
        seq: 0,
    };
    let differs = known.is_none_or(|known| {
        known.recorded_at <= figures.recorded_at
            && (known.subscribers, known.last_post_at) != (figures.subscribers, figures.last_post_at)
    });
    change_set.put_figures(page_id, figures) && differs
}
