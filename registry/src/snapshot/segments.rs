//! What pages are counted among, and which months of figures have changed.

use entities::{audience_segment::Grain, territory::Kind};

use super::Snapshot;
use crate::model::{Page, Segment, Segments};

/// Place of the generation in the version of a month.
const GENERATION: u32 = 32;

impl Snapshot {
    /// Segments that figures were counted among.
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// Takes in a segment under the next id.
    pub fn add_segment(&mut self, segment: Segment) -> i32 {
        self.segments.push(segment)
    }

    /// What a page is counted among as the registry stands.
    pub fn segment_of(&self, page: &Page) -> Segment {
        let owner = self.organization(page.owner_id);
        Segment {
            grain: Grain::Full,
            platform_id: page.platform_id,
            region_id: owner.and_then(|owner| owner.territory_id).map(|id| self.region_of(id).unwrap_or(id)),
            kind: owner.map(|owner| owner.kind),
            level: owner.and_then(|owner| owner.level),
            branch: owner.and_then(|owner| owner.branch),
            sector_id: owner.and_then(|owner| Some(self.sector_by_code(owner.sector.as_deref()?)?.id)),
        }
    }

    /// Region that a territory is or lies in; none for those above all regions.
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

    /// Times that the figures of a month changed since this process began: what was computed of them holds as long as
    /// the number stays.
    pub fn month_version(&self, month: i32) -> u64 {
        // Each generation counts from a number that none before it has come to.
        let first = u64::from(self.timeline.generation) << GENERATION;
        first + self.months.get(&month).copied().unwrap_or(0)
    }

    /// Times that pages with figures were hidden or shown since this process began: what was computed of the figures of many
    /// pages holds as long as the number stays.
    pub fn visibility_version(&self) -> u64 {
        self.hidden_or_shown
    }

    /// Takes sums of all days to have changed by the next place, since pages with figures are hidden or shown.
    pub(super) fn figures_are_hidden_or_shown(&mut self) {
        self.hidden_or_shown += 1;
        self.last_modified.every_day();
    }

    /// The same by the present place, where pages may have been hidden or shown.
    pub(crate) fn figures_were_hidden_or_shown(&mut self) {
        self.figures_are_hidden_or_shown();
        self.last_modified.close(self.seq);
    }
}
