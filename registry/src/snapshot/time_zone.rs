//! Reporting time zone of the registry: its days, such as those of registrations, are days of this zone.

use super::Snapshot;
use crate::calendar::TimeZone;

impl Snapshot {
    /// Reporting time zone: that of the pack added last among those that have one; UTC if none has.
    pub fn time_zone(&self) -> TimeZone {
        self.time_zone
    }

    /// Takes the time zone from the packs. If it differs, all records get other days.
    pub(super) fn renew_time_zone(&mut self) {
        let named = self.packs.values().rev().find_map(|pack| pack.time_zone);
        let time_zone = named.unwrap_or_default();
        if time_zone == self.time_zone {
            return;
        }
        self.time_zone = time_zone;
        if self.derived.is_some() {
            self.last_modified.everything();
            self.derive();
        }
    }
}
