//! Rows of earlier and later days, with which submitted rows are compared to find jumps.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
};

use anyhow::Result;
use chrono::NaiveDate;
use entities::page_statistics::{Metric, Model};
use sea_orm::DatabaseTransaction;

use super::{
    existing::{self, Known},
    rows::Rows,
    validation, write,
};
use crate::change_log::ChangeSet;

/// Existing subscribers by page and day.
pub(super) struct Neighbours {
    subscribers: BTreeMap<(i64, NaiveDate), i64>,
    /// Whether an existing row is a jump.
    jumps: BTreeMap<(i64, NaiveDate), bool>,
}

impl Neighbours {
    /// Reads what is needed: for rows in day order, the latest values, which are in memory; for other rows, and for
    /// suspected jumps, the rows around them.
    pub(super) async fn read(
        db: &DatabaseTransaction,
        change_set: &ChangeSet,
        days: &HashMap<NaiveDate, Vec<(i64, Option<i64>)>>,
    ) -> Result<Self> {
        let mut neighbours = Self { subscribers: BTreeMap::new(), jumps: BTreeMap::new() };
        let (mut out_of_turn, mut suspects) = (Vec::new(), Vec::new());
        let mut span: Option<(NaiveDate, NaiveDate)> = None;
        let zone = change_set.snapshot().time_zone();
        for (day, pages) in days {
            for (page_id, subscribers) in pages {
                let Some(latest) = change_set.snapshot().figures(*page_id) else { continue };
                let latest_day = zone.day_of(latest.recorded_at);
                let before = latest.subscribers.map(i64::from).filter(|_| latest_day < *day);
                neighbours.subscribers.extend(before.map(|before| ((*page_id, latest_day), before)));
                // The subscribers in the latest values may be from an earlier day.
                let is_suspect = before.zip(*subscribers).is_some_and(|(before, after)| {
                    validation::is_near(latest_day, *day) && validation::is_jump(before, after)
                });
                if let Some(before) = before.filter(|_| is_suspect) {
                    suspects.push((*page_id, latest_day, before));
                }
                if latest_day >= *day || is_suspect {
                    out_of_turn.push(*page_id);
                    span = Some(span.map_or((*day, *day), |(first, last)| (first.min(*day), last.max(*day))));
                }
            }
        }
        neighbours.move_to_rows(db, &suspects).await?;
        if let Some(span) = span {
            neighbours.read_around(db, &out_of_turn, span).await?;
        }
        Ok(neighbours)
    }

    /// Reads the rows of these pages around these days.
    async fn read_around(
        &mut self,
        db: &DatabaseTransaction,
        pages: &[i64],
        days: (NaiveDate, NaiveDate),
    ) -> Result<()> {
        for (page_id, day, subscribers, is_jump) in existing::read_around(db, pages, days).await? {
            match subscribers {
                Some(subscribers) => {
                    self.subscribers.insert((page_id, day), i64::from(subscribers));
                    self.jumps.insert((page_id, day), is_jump);
                }
                None => _ = self.subscribers.remove(&(page_id, day)),
            }
        }
        Ok(())
    }

    /// Moves the subscribers of the latest values to the day of their row, which is an earlier one if the latest day
    /// has none. Imported numbers have no row, and stay on the day on which they were measured.
    async fn move_to_rows(
        &mut self,
        db: &DatabaseTransaction,
        latest: &[(i64, NaiveDate, i64)],
    ) -> Result<()> {
        if latest.is_empty() {
            return Ok(());
        }
        let pages: Vec<i64> = latest.iter().map(|(page_id, ..)| *page_id).collect();
        let last = existing::last_subscribers(db, &pages).await?;
        for (page_id, day, number) in latest {
            if let Some((own_day, own)) = last.get(page_id).filter(|(_, own)| i64::from(*own) == *number) {
                self.subscribers.remove(&(*page_id, *day));
                self.subscribers.insert((*page_id, *own_day), i64::from(*own));
            }
        }
        Ok(())
    }

    /// Marks rows that are jumps, and returns existing rows whose mark changes.
    pub(super) fn mark(mut self, rows: &mut Rows) -> Others {
        for (key, row) in rows.written() {
            if let Some(subscribers) = row.values()[Metric::Subscribers as usize] {
                self.subscribers.insert(*key, subscribers);
            }
        }
        let was_jump = |known: &Known, key, row: &Model| {
            let same = known.get(key).filter(|known| known.subscribers == row.subscribers);
            same.is_some_and(|known| known.is_jump)
        };
        let (written, known) = rows.written_beside_known();
        for (key, row) in written {
            let is_jump = row.subscribers.and_then(|_| self.is_jump(*key));
            row.is_jump = is_jump.unwrap_or_else(|| was_jump(known, key, row));
        }
        let mut others = Others::default();
        for (key, was_jump) in &self.jumps {
            // Only rows after a written one can change; for earlier rows, the rows to compare with were not read.
            let is_after = rows.written().range((key.0, NaiveDate::MIN)..*key).next().is_some();
            let is_jump = self.is_jump(*key).unwrap_or(*was_jump);
            if is_after && !rows.written().contains_key(key) && is_jump != *was_jump {
                if is_jump { others.jumps.push(*key) } else { others.cleared.push(*key) }
            }
        }
        others
    }

    /// Whether subscribers are a jump; `None` if there is nothing near to compare them with. Their existing mark then
    /// comes from a number without a row, such as an imported one.
    fn is_jump(&self, (page_id, day): (i64, NaiveDate)) -> Option<bool> {
        let before = (Bound::Included((page_id, NaiveDate::MIN)), Bound::Excluded((page_id, day)));
        let ((_, day_before), before) = self.subscribers.range(before).next_back()?;
        let after = self.subscribers.get(&(page_id, day))?;
        validation::is_near(*day_before, day).then(|| validation::is_jump(*before, *after))
    }
}

/// Existing rows whose jump mark changes.
#[derive(Default)]
pub(super) struct Others {
    /// Rows that become jumps.
    pub(super) jumps: Vec<(i64, NaiveDate)>,
    /// Rows that are no longer jumps.
    pub(super) cleared: Vec<(i64, NaiveDate)>,
}

impl Others {
    pub(super) async fn write(self, db: &DatabaseTransaction) -> Result<()> {
        write::jumps(db, &self.jumps, true).await?;
        write::jumps(db, &self.cleared, false).await
    }
}
