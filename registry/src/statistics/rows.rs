//! Daily rows that are to be written.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use chrono::NaiveDate;
use entities::page_statistics::{Metric, Model};
use sea_orm::DatabaseTransaction;

use super::{
    existing::Known,
    figure::{Figure, Rejection, merged},
    month::{self, DayChange},
    write,
};

/// Rows to be written for a part of the submitted rows, and existing rows.
pub(super) struct Rows {
    known: Known,
    written: BTreeMap<(i64, NaiveDate), Model>,
    /// Indexes of the submitted rows, with page and day.
    pub(super) indexes: Vec<(usize, (i64, NaiveDate))>,
}

impl Rows {
    pub(super) fn new(known: Known) -> Self {
        Self { known, written: BTreeMap::new(), indexes: Vec::new() }
    }

    /// The row of a page and day after the write.
    pub(super) fn row(&self, key: (i64, NaiveDate)) -> Option<&Model> {
        self.written.get(&key).or_else(|| self.known.get(&key))
    }

    /// Pages by day whose row will change or become final, with the submitted subscribers; duplicates are left out.
    pub(super) fn changing(
        &self,
        figures: &[(usize, Figure)],
        judged: &[Result<i64, Rejection>],
        makes_final: impl Fn(&Model, &Figure) -> bool,
    ) -> HashMap<NaiveDate, Vec<(i64, Option<i64>)>> {
        let mut days: HashMap<NaiveDate, Vec<(i64, Option<i64>)>> = HashMap::new();
        for ((_, figure), page) in figures.iter().zip(judged) {
            let Ok(page_id) = *page else { continue };
            let changes = |known: &Model| {
                let values = known.values();
                merged(values, figure.values) != values || makes_final(known, figure)
            };
            if self.row((page_id, figure.day)).is_none_or(changes) {
                let subscribers = figure.values[Metric::Subscribers as usize];
                days.entry(figure.day).or_default().push((page_id, subscribers));
            }
        }
        days
    }

    /// Adds or replaces a row to be written; returns whether it was added.
    pub(super) fn upsert(&mut self, key: (i64, NaiveDate), row: Model, index: usize) -> bool {
        self.indexes.push((index, key));
        self.written.insert(key, row).is_none()
    }

    /// Rows that will be written, by page and day.
    pub(super) fn written(&mut self) -> &mut BTreeMap<(i64, NaiveDate), Model> {
        &mut self.written
    }

    /// Rows that will be written, and existing rows.
    pub(super) fn written_beside_known(&mut self) -> (&mut BTreeMap<(i64, NaiveDate), Model>, &Known) {
        (&mut self.written, &self.known)
    }

    /// Rows that will be written, and existing rows.
    pub(super) fn written_and_known(&self) -> (&BTreeMap<(i64, NaiveDate), Model>, &Known) {
        (&self.written, &self.known)
    }

    /// Changes of months.
    fn changes(&self) -> Vec<DayChange> {
        let change = |(key, row): (&(i64, NaiveDate), &Model)| DayChange {
            page_id: row.page_id,
            day: row.day,
            segment_id: row.segment_id,
            before: self.known.get(key).map(Model::values).unwrap_or_default(),
            after: row.values(),
        };
        self.written.iter().map(change).collect()
    }

    pub(super) async fn write(self, db: &DatabaseTransaction) -> Result<()> {
        let changes = self.changes();
        let is_known = |row: &Model| self.known.contains_key(&(row.page_id, row.day));
        let (replaced, new): (Vec<_>, Vec<_>) = self.written.into_values().partition(is_known);
        let begun = std::time::Instant::now();
        write::daily_rows(db, new, false).await?;
        write::daily_rows(db, replaced, true).await?;
        let facts_ms = begun.elapsed().as_millis();
        month::write_changes(db, changes).await?;
        tracing::debug!(facts_ms, total_ms = begun.elapsed().as_millis(), "daily rows and months written");
        Ok(())
    }
}
