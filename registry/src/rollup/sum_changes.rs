//! Incremental updates of the sums by day and segment, without reading statistics again.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::NaiveDate;
use entities::{
    audience_segment::Grain,
    page_statistics::{METRICS, Metric, Values},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use crate::model::Segments;

/// Number of changes in memory above which they are written during ingest.
const MAX_PENDING: usize = 8_192;
/// Number of sums that one statement changes.
const AT_ONCE: usize = 4_096;

/// Changes of sums by day and segment.
#[derive(Default)]
pub struct SumChanges(BTreeMap<(NaiveDate, i32), Change>);

/// Change of the sums of one segment on one day.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) pages: i64,
    pub(super) sums: [i64; METRICS],
    /// Changes of the numbers of pages with a value.
    pub(super) pages_of: [i64; METRICS],
}

impl SumChanges {
    /// Adds a page's values of a day to a segment, and subtracts its previous values from theirs.
    pub fn count(&mut self, day: NaiveDate, before: Option<(i32, Values)>, after: (i32, Values)) {
        for ((segment_id, values), sign) in before.map(|it| (it, -1)).into_iter().chain([(after, 1)]) {
            let change = self.0.entry((day, segment_id)).or_default();
            change.pages += sign;
            for (index, value) in values.into_iter().enumerate() {
                if let Some(value) = value {
                    change.sums[index] += sign * value;
                    change.pages_of[index] += sign;
                }
            }
        }
    }

    /// Whether the changes should be written now.
    pub fn is_full(&self) -> bool {
        self.0.len() > MAX_PENDING
    }

    /// Adds a change of the sums of a segment on a day.
    pub(super) fn add(&mut self, key: (NaiveDate, i32), change: &Change) {
        self.0.entry(key).or_default().add(change);
    }

    /// Writes the changes, also to the coarser segments, and clears them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn write(&mut self, db: &DatabaseTransaction, segments: &Segments) -> Result<()> {
        let mut all = self.0.clone();
        for ((day, segment_id), change) in std::mem::take(&mut self.0) {
            let Some(segment) = segments.get(segment_id) else { continue };
            for grain in [Grain::Region, Grain::Class, Grain::Platform] {
                if let Some(coarser) = segments.id(&segment.at(grain)) {
                    all.entry((day, coarser)).or_default().add(&change);
                }
            }
        }
        all.retain(|_, change| *change != Change::default());
        let all = Vec::from_iter(all);
        for changes in all.chunks(AT_ONCE) {
            apply(db, changes).await?;
        }
        Ok(())
    }
}

impl Change {
    /// The change times a factor; -1 reverts it.
    pub(super) fn times(&self, factor: i64) -> Self {
        Self {
            pages: self.pages * factor,
            sums: self.sums.map(|sum| sum * factor),
            pages_of: self.pages_of.map(|pages| pages * factor),
        }
    }

    fn add(&mut self, other: &Self) {
        self.pages += other.pages;
        for index in 0..METRICS {
            self.sums[index] += other.sums[index];
            self.pages_of[index] += other.pages_of[index];
        }
    }
}

/// Adds changes to the sums; inserts missing rows, and deletes rows without pages.
async fn apply(db: &DatabaseTransaction, changes: &[((NaiveDate, i32), Change)]) -> Result<()> {
    let rows =
        changes.iter().map(|((day, segment_id), it)| (day, segment_id, it.pages, it.sums, it.pages_of));
    let rows = serde_json::to_string(&Vec::from_iter(rows))?;
    let backend = db.get_database_backend();
    let (source, is_day, is_segment) = match backend {
        DbBackend::Postgres => {
            ("jsonb_array_elements($1::jsonb) AS a(value)", "(a.value ->> 0)::date", "(a.value ->> 1)::int")
        }
        _ => ("json_each(?) AS a", "a.value ->> 0", "a.value ->> 1"),
    };
    let insert = format!(
        "INSERT INTO audience_rollup (day, segment_id, pages) SELECT {is_day}, {is_segment}, 0 FROM {source} WHERE true \
         ON CONFLICT DO NOTHING"
    );
    let update = format!(
        "UPDATE audience_rollup AS r SET {} FROM {source} WHERE r.segment_id = {is_segment} AND r.day = {is_day}",
        sets(backend)
    );
    let delete = format!(
        "DELETE FROM audience_rollup WHERE pages = 0 AND (segment_id, day) IN (SELECT {is_segment}, {is_day} FROM {source})"
    );
    let may_empty = changes.iter().any(|(_, change)| change.pages < 0);
    for sql in [insert, update].into_iter().chain(may_empty.then_some(delete)) {
        db.execute_raw(Statement::from_sql_and_values(backend, sql, [rows.as_str().into()])).await?;
    }
    Ok(())
}

/// New values of all columns; null if no page has a value.
fn sets(backend: DbBackend) -> String {
    let (int, bigint) = if backend == DbBackend::Postgres { ("::int", "::bigint") } else { ("", "") };
    let of_metric = |(index, metric): (usize, Metric)| {
        let column = metric.column();
        let pages = format!("coalesce(r.{column}_pages, 0) + (a.value -> 4 ->> {index}){int}");
        format!(
            "{column} = CASE WHEN {pages} <> 0 THEN coalesce(r.{column}, 0) + (a.value -> 3 ->> {index}){bigint} END, \
             {column}_pages = NULLIF({pages}, 0)"
        )
    };
    let columns = Metric::ALL.into_iter().enumerate().map(of_metric);
    let pages = format!("pages = r.pages + (a.value ->> 2){int}");
    [pages].into_iter().chain(columns).collect::<Vec<_>>().join(", ")
}
