//! Monthly values of pages: the sum of flows, the last value of stocks.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::{Datelike, NaiveDate};
use entities::{
    page_month::{Column, Entity, Model},
    page_statistics::Metric,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{
    figure::Values,
    packed::{BLOCK, Numbers},
    partition::first_of_month,
};
use crate::database::bulk;

/// Slots before the metrics: segment of the last day, last day, and last day with subscribers.
pub(super) const SEGMENT: i16 = 0;
pub(super) const LAST_DAY: i16 = 1;
pub(super) const LAST_SUBSCRIBERS: i16 = 2;
/// Slot of the first metric; the others follow in the order of [`Metric::ALL`].
pub(super) const FIRST_METRIC: i16 = 3;
/// Maximum number of blocks that are changed at once.
const MAX_BLOCKS: usize = 256;

/// Change of a page's values of one day.
#[derive(Clone, Debug)]
pub(super) struct DayChange {
    pub(super) page_id: i64,
    pub(super) day: NaiveDate,
    pub(super) segment_id: i32,
    pub(super) before: Values,
    pub(super) after: Values,
}

impl DayChange {
    fn block(&self) -> (NaiveDate, i32) {
        (first_of_month(self.day), (self.page_id / BLOCK) as i32)
    }
}

/// Slot of a metric.
pub(super) fn slot_of(metric: Metric) -> i16 {
    FIRST_METRIC + metric as i16
}

/// Updates the months with these changes.
pub(super) async fn write_changes(db: &DatabaseTransaction, mut changes: Vec<DayChange>) -> Result<()> {
    changes.sort_by_key(|change| (change.block(), change.day));
    let mut rest = changes.as_slice();
    while let Some(first) = rest.first() {
        let month = first.block().0;
        let mut blocks = BTreeSet::new();
        let end = rest.iter().position(|change| {
            let (its_month, block) = change.block();
            let is_full = blocks.len() == MAX_BLOCKS && !blocks.contains(&block);
            let is_of_next = its_month != month || is_full;
            if !is_of_next {
                blocks.insert(block);
            }
            is_of_next
        });
        let (now, later) = rest.split_at(end.unwrap_or(rest.len()));
        write_blocks(db, month, &blocks, now).await?;
        rest = later;
    }
    Ok(())
}

async fn write_blocks(
    db: &DatabaseTransaction,
    month: NaiveDate,
    blocks: &BTreeSet<i32>,
    changes: &[DayChange],
) -> Result<()> {
    let known =
        Entity::find().filter(Column::Month.eq(month)).filter(Column::Block.is_in(blocks.iter().copied()));
    let mut slots: BTreeMap<(i16, i32), Numbers> = BTreeMap::new();
    for row in known.all(db).await? {
        slots.insert((row.slot, row.block), Numbers::decode(&row.packed));
    }
    let mut changed = BTreeSet::new();
    for change in changes {
        apply(change, &mut slots, &mut changed);
    }
    let rows = changed.into_iter().filter_map(|(slot, block)| {
        let packed = slots.get(&(slot, block))?.encode();
        Some(Model { month, slot, block, packed })
    });
    bulk::upsert::<Entity>(db, rows.collect()).await
}

/// Slots of one month, by slot and block.
pub(super) type Slots = BTreeMap<(i16, i32), Numbers>;

/// Applies the change of a day to the month.
pub(super) fn apply(change: &DayChange, slots: &mut Slots, changed: &mut BTreeSet<(i16, i32)>) {
    let (block, page_index) = (change.block().1, (change.page_id % BLOCK) as usize);
    let day = u64::from(change.day.day());
    let read = |slots: &Slots, slot| slots.get(&(slot, block)).and_then(|numbers| numbers.0[page_index]);
    let mut write = |slots: &mut Slots, slot: i16, number: u64| {
        let slot_of_page = &mut slots.entry((slot, block)).or_default().0[page_index];
        if *slot_of_page != Some(number) {
            *slot_of_page = Some(number);
            changed.insert((slot, block));
        }
    };
    if read(slots, LAST_DAY).is_none_or(|last| day >= last) {
        write(slots, LAST_DAY, day);
        write(slots, SEGMENT, change.segment_id.unsigned_abs().into());
    }
    for metric in Metric::ALL {
        let index = metric as usize;
        let (slot, before) = (slot_of(metric), change.before[index].unwrap_or(0));
        let Some(after) = change.after[index] else { continue };
        if metric.is_stock() {
            if read(slots, LAST_SUBSCRIBERS).is_none_or(|last| day >= last) {
                write(slots, LAST_SUBSCRIBERS, day);
                write(slots, slot, after.unsigned_abs());
            }
        } else {
            let sum = read(slots, slot).unwrap_or(0).saturating_add_signed(after - before);
            write(slots, slot, sum);
        }
    }
}
