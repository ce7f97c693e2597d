//! Subscribers of days before the latest figures of a page: the latest figures have theirs from such a day where their own day has
//! none, and follow it when it is corrected, or comes late.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;
use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;

use super::{existing, rows::Rows};
use crate::{change_log::Draft, model::Figures};

/// Pages whose subscribers change on a day before their latest figures, or before others that come with them: the subscribers of those, and the last row that has any,
/// before anything is written.
pub(super) struct LateSubscribers(HashMap<i64, Before>);

/// Subscribers of the latest figures, and the last day that has any, with theirs.
type Before = (Option<u32>, Option<(NaiveDate, i32)>);

impl LateSubscribers {
    /// Looks up what is needed of figures that will change, by day; nothing for those in the order of days.
    pub(super) async fn read(
        db: &DatabaseTransaction,
        draft: &Draft,
        days: &HashMap<NaiveDate, Vec<(i64, Option<i64>)>>,
    ) -> Result<Self> {
        let latest = |page_id: i64| draft.snapshot().figures(page_id);
        let mut last_days: HashMap<i64, NaiveDate> = HashMap::new();
        for (day, pages) in days {
            for (page_id, _) in pages {
                let known = || latest(*page_id).map_or(*day, |latest| latest.recorded_at.date_naive());
                let last = last_days.entry(*page_id).or_insert_with(known);
                *last = (*last).max(*day);
            }
        }
        // The latest figures may be later on the same day: the moment of a last post comes without a row.
        let is_known =
            |page_id, day| latest(page_id).is_some_and(|latest| latest.recorded_at.date_naive() == day);
        let is_late = |day: &NaiveDate, (page_id, subscribers): &(i64, Option<i64>)| {
            subscribers.is_some() && (last_days[page_id] > *day || is_known(*page_id, *day))
        };
        let late = days.iter().flat_map(|(day, pages)| pages.iter().filter(|page| is_late(day, page)));
        let late: BTreeSet<i64> = late.map(|(page_id, _)| *page_id).collect();
        if late.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let last = existing::last_subscribers(db, &Vec::from_iter(late.iter().copied())).await?;
        let of_page = |page_id| {
            let subscribers = latest(page_id).and_then(|latest| latest.subscribers);
            (page_id, (subscribers, last.get(&page_id).copied()))
        };
        Ok(Self(late.into_iter().map(of_page).collect()))
    }

    /// Gives the latest figures the subscribers of the last day that has any, where they had them from such a day. What an import
    /// brought is of no row, and stays.
    pub(super) fn correct(self, draft: &mut Draft, rows: &mut Rows) {
        for (page_id, (before, last)) in self.0 {
            if before != last.and_then(|(_, number)| u32::try_from(number).ok()) {
                continue;
            }
            let written = rows.written().range((page_id, NaiveDate::MIN)..=(page_id, NaiveDate::MAX));
            let written = written.rev().find_map(|((_, day), row)| Some((*day, row.subscribers?)));
            // What is written of the same day stands in the place of what was.
            let is_written = written.is_some_and(|(day, _)| last.is_none_or(|(last, _)| day >= last));
            let Some((_, subscribers)) = (if is_written { written } else { last }) else { continue };
            let Some(latest) = draft.snapshot().figures(page_id).copied() else { continue };
            let subscribers = u32::try_from(subscribers).ok();
            if latest.subscribers != subscribers {
                draft.put_figures(page_id, Figures { subscribers, ..latest });
            }
        }
    }
}
