//! Segments of pages, and versions of monthly statistics.

use entities::{audience_segment::Grain, territory::Kind};

use super::Snapshot;
use crate::model::{Page, Segment, Segments};

/// Bit offset of the generation in the version of a month.
const GENERATION: u32 = 32;

impl Snapshot {
    /// All segments of the statistics.
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// Adds a segment, and returns its id, which is the next one.
    pub fn add_segment(&mut self, segment: Segment) -> i32 {
        self.segments.push(segment)
    }

    /// Current segment of a page.
    pub fn segment_of(&self, page: &Page) -> Segment {
        let owner = self.organization(page.owner_id);
        Segment {
            grain: Grain::Full,
            platform_id: page.platform_id,
            region_id: owner.and_then(|owner| owner.territory_id).map(|id| self.region_of(id).unwrap_or(id)),
            kind: owner.map(|owner| owner.kind),
            level: owner.and_then(|owner| owner.authority_level()),
            branch: owner.and_then(|owner| owner.authority_branch()),
            sector_id: owner.and_then(|owner| Some(self.sector_by_code(owner.institution_sector()?)?.id)),
        }
    }

    /// Region of a territory: itself or an ancestor; `None` above the regions.
    pub fn region_of(&self, territory_id: i64) -> Option<i64> {
        let mut next = self.territory(territory_id);
        while let Some(territory) = next {
            if territory.kind == Kind::Region {
                return Some(territory.id);
            }
            next = self.territory(territory.parent_id?);
        }
        None
    }

    /// Version of a month's statistics in this process: values computed from them are valid while it is unchanged.
    pub fn month_version(&self, month: i32) -> u64 {
        // The generation is in the high bits, so versions of different generations differ.
        let first = u64::from(self.timeline.generation) << GENERATION;
        first + self.months.get(&month).copied().unwrap_or(0)
    }

    /// Version of the visibility of pages with statistics in this process: values computed over many pages are valid
    /// while it is unchanged.
    pub fn visibility_version(&self) -> u64 {
        self.hidden_or_shown
    }

    /// Marks the sums of all days as changed with the next sequence number: the visibility of a page with statistics
    /// changes.
    pub(super) fn figures_are_hidden_or_shown(&mut self) {
        self.hidden_or_shown += 1;
        self.last_modified.every_day();
    }

    /// The same with the current sequence number, where visibility may have changed.
    pub(crate) fn figures_were_hidden_or_shown(&mut self) {
        self.figures_are_hidden_or_shown();
        self.last_modified.close(self.seq);
    }
}
