//! Subscribers in the latest values of a page. If their own day has none, they come from the last day that has, and
//! are updated when that day is corrected, or a later one is submitted late.

use std::collections::HashMap;

use anyhow::Result;
use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;

use super::{existing, rows::Rows};
use crate::{change_log::ChangeSet, model::Figures};

/// Subscribers in the latest values of pages, before the ingest.
pub(super) struct LateSubscribers(HashMap<i64, Option<u32>>);

impl LateSubscribers {
    /// Remembers those of pages with submitted subscribers, which are given by day.
    pub(super) fn new(change_set: &ChangeSet, days: &HashMap<NaiveDate, Vec<(i64, Option<i64>)>>) -> Self {
        let latest = |page_id| change_set.snapshot().figures(page_id).and_then(|latest| latest.subscribers);
        let pages = days.values().flatten().filter(|(_, subscribers)| subscribers.is_some());
        Self(pages.map(|(page_id, _)| (*page_id, latest(*page_id))).collect())
    }

    /// Sets the subscribers in the latest values to those of the last day that has any, if they came from a daily
    /// row; imported numbers, which have no row, stay. Call it before the rows are written: it reads the previous
    /// rows.
    pub(super) async fn correct(
        self,
        db: &DatabaseTransaction,
        change_set: &mut ChangeSet,
        rows: &mut Rows,
    ) -> Result<()> {
        let mut late = HashMap::new();
        for (page_id, before) in self.0 {
            let written = rows.written().range((page_id, NaiveDate::MIN)..=(page_id, NaiveDate::MAX));
            let written =
                written.rev().find_map(|((_, day), row)| Some((*day, u32::try_from(row.subscribers?).ok()?)));
            let latest = change_set.snapshot().figures(page_id).copied();
            // Rows submitted in day order are the latest by now, and need no query.
            if let Some(((day, subscribers), latest)) = written.zip(latest)
                && latest.subscribers != Some(subscribers)
            {
                late.insert(page_id, (before, day, Figures { subscribers: Some(subscribers), ..latest }));
            }
        }
        if late.is_empty() {
            return Ok(());
        }
        let last = existing::last_subscribers(db, &Vec::from_iter(late.keys().copied())).await?;
        for (page_id, (before, day, figures)) in late {
            let last = last.get(&page_id);
            let is_of_row = before == last.and_then(|(_, number)| u32::try_from(*number).ok());
            if is_of_row && last.is_none_or(|(last, _)| day >= *last) {
                change_set.put_figures(page_id, figures);
            }
        }
        Ok(())
    }
}
