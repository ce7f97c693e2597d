//! Set hashes of the daily rows, by platform: the changes of one write, or the hash of all rows.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entities::page_statistics::{Metric, Model};

use super::{neighbours::Others, rows::Rows};
use crate::{
    change_log::{Fields, LtHash},
    database::arrays::days,
    snapshot::Snapshot,
};

/// Version of the hashed fields.
const VERSION: u8 = 1;

/// Hashes by platform.
#[derive(Default)]
pub(super) struct DayHashes(BTreeMap<i64, LtHash>);

impl DayHashes {
    /// The hashes, by platform.
    pub(super) fn finish(self) -> BTreeMap<i64, LtHash> {
        self.0
    }

    /// Adds a daily row.
    pub(super) fn add(&mut self, snapshot: &Snapshot, row: &Model) {
        let hash = self.of(snapshot, row.page_id);
        hash.add(&daily_row(row));
        if row.is_jump {
            hash.add(&jump((row.page_id, row.day)));
        }
    }

    /// Applies the changes of one part.
    pub(super) fn apply(&mut self, snapshot: &Snapshot, rows: &Rows, others: &Others) {
        let (written, known) = rows.written_and_known();
        for (key, row) in written {
            if let Some(before) = known.get(key) {
                let hash = self.of(snapshot, before.page_id);
                hash.remove(&daily_row(before));
                if before.is_jump {
                    hash.remove(&jump(*key));
                }
            }
            self.add(snapshot, row);
        }
        for key in &others.jumps {
            self.of(snapshot, key.0).add(&jump(*key));
        }
        for key in &others.cleared {
            self.of(snapshot, key.0).remove(&jump(*key));
        }
    }

    fn of(&mut self, snapshot: &Snapshot, page_id: i64) -> &mut LtHash {
        let platform_id = snapshot.page(page_id).map_or(0, |page| page.platform_id);
        self.0.entry(platform_id).or_default()
    }
}

/// A daily row as an element of the set, without its jump mark: that may change with the rows around it.
fn daily_row(row: &Model) -> blake3::Hasher {
    let mut fields = Fields::begin(VERSION);
    fields.add(1, &row.page_id.to_le_bytes());
    fields.add(2, &days(row.day).to_le_bytes());
    fields.add(3, &row.segment_id.to_le_bytes());
    fields.add(4, &row.batch_id.to_le_bytes());
    fields.add(5, &row.recorded_at.timestamp_micros().to_le_bytes());
    for (metric, value) in Metric::ALL.into_iter().zip(row.values()) {
        fields.add_number(16 + metric as u8, value);
    }
    fields.into_hasher()
}

/// The jump mark of a daily row as an element of the set.
fn jump((page_id, day): (i64, NaiveDate)) -> blake3::Hasher {
    let mut fields = Fields::begin(VERSION);
    fields.add(6, &page_id.to_le_bytes());
    fields.add(7, &days(day).to_le_bytes());
    fields.into_hasher()
}
