//! Sums of days that had no figures before: added up while the figures come, so that none is read again.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::NaiveDate;
use entities::{
    audience_segment::Grain,
    page_statistics::{METRICS, Metric},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use super::{month::DayChange, rollup};
use crate::{
    database::arrays::{Arrays, DAY, NONE, days},
    snapshot::Segments,
};

/// Sums by day and segment.
#[derive(Default)]
pub(super) struct NewSums(BTreeMap<(NaiveDate, i32), Total>);

/// Sums of one segment on one day.
#[derive(Clone, Copy, Default)]
struct Total {
    pages: i64,
    sums: [i64; METRICS],
    /// Pages that have the figure.
    pages_of: [i64; METRICS],
}

impl NewSums {
    /// Adds what a write changes of a page on a day, and the page where the day is new to it.
    pub(super) fn add(&mut self, change: &DayChange, is_new: bool) {
        let total = self.0.entry((change.day, change.segment_id)).or_default();
        total.pages += i64::from(is_new);
        for place in 0..METRICS {
            let (before, after) = (change.before[place], change.after[place]);
            total.sums[place] += after.unwrap_or(0) - before.unwrap_or(0);
            total.pages_of[place] += i64::from(after.is_some()) - i64::from(before.is_some());
        }
    }

    /// Writes the sums, and those of the coarser segments.
    pub(super) async fn write(self, db: &DatabaseTransaction, segments: &Segments) -> Result<()> {
        let mut all = self.0.clone();
        for ((day, segment_id), total) in self.0 {
            let Some(segment) = segments.get(segment_id) else { continue };
            for grain in [Grain::Region, Grain::Class, Grain::Platform] {
                if let Some(coarser) = segments.id(&segment.at(grain)) {
                    all.entry((day, coarser)).or_default().merge(&total);
                }
            }
        }
        if all.is_empty() {
            return Ok(());
        }
        let statement = match db.get_database_backend() {
            DbBackend::Postgres => as_arrays(&all),
            _ => as_json(&all)?,
        };
        db.execute_raw(statement).await?;
        Ok(())
    }
}

impl Total {
    fn merge(&mut self, other: &Self) {
        self.pages += other.pages;
        for place in 0..METRICS {
            self.sums[place] += other.sums[place];
            self.pages_of[place] += other.pages_of[place];
        }
    }

    /// Sum of a figure and number of its pages; none where no page has it.
    fn of(&self, metric: Metric) -> Option<(i64, i64)> {
        let place = metric as usize;
        (self.pages_of[place] > 0).then_some((self.sums[place], self.pages_of[place]))
    }
}

type Totals = BTreeMap<(NaiveDate, i32), Total>;

fn as_arrays(totals: &Totals) -> Statement {
    let mut table = Arrays::new("audience_rollup", &["segment_id", "day"]);
    table.add("day", DAY, totals.keys().map(|(day, _)| days(*day)).collect());
    table.add("segment_id", "{}::int", totals.keys().map(|(_, id)| i64::from(*id)).collect());
    table.add("pages", "{}::int", totals.values().map(|total| total.pages).collect());
    for metric in Metric::ALL {
        let of = |total: &Total| total.of(metric).unwrap_or((NONE, NONE));
        table.add(metric.column(), "NULLIF({}, -1)", totals.values().map(|total| of(total).0).collect());
        let pages = format!("{}_pages", metric.column());
        table.add(pages, "NULLIF({}, -1)::int", totals.values().map(|total| of(total).1).collect());
    }
    table.insert(false)
}

fn as_json(totals: &Totals) -> Result<Statement> {
    let rows: Vec<_> = totals
        .iter()
        .map(|((day, segment_id), total)| {
            let figures = Metric::ALL.map(|metric| total.of(metric).unzip());
            (day, segment_id, total.pages, figures)
        })
        .collect();
    let figures: Vec<String> = (0..METRICS)
        .map(|place| format!("value -> 3 -> {place} ->> 0, value -> 3 -> {place} ->> 1"))
        .collect();
    let sql = format!(
        "INSERT INTO audience_rollup (day, segment_id, pages, {}) \
         SELECT value ->> 0, value ->> 1, value ->> 2, {} FROM json_each(?)",
        rollup::columns(),
        figures.join(", "),
    );
    Ok(Statement::from_sql_and_values(DbBackend::Sqlite, sql, [serde_json::to_string(&rows)?.into()]))
}
