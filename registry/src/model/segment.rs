//! Statistics segments: platform, region, kind, level, branch and sector.

use entities::{
    audience_segment::{Grain, Model},
    organization::{Branch, Kind, Level},
};

/// Dimensions by which statistics are aggregated. Coarser grains leave some of them unset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct Segment {
    pub grain: Grain,
    pub platform_id: i64,
    /// Region of the owner, or its territory when that is above regions; `None` without a territory.
    pub region_id: Option<i64>,
    pub kind: Option<Kind>,
    pub level: Option<Level>,
    pub branch: Option<Branch>,
    pub sector_id: Option<i64>,
}

impl Segment {
    /// The segment that contains this one at a coarser grain.
    pub fn at(self, grain: Grain) -> Self {
        let open = Self {
            grain,
            platform_id: self.platform_id,
            region_id: None,
            kind: None,
            level: None,
            branch: None,
            sector_id: None,
        };
        match grain {
            Grain::Full => self,
            Grain::Region => Self { region_id: self.region_id, ..open },
            Grain::Class => Self { grain, region_id: None, ..self },
            Grain::Platform => open,
        }
    }
}

impl From<&Model> for Segment {
    fn from(row: &Model) -> Self {
        Self {
            grain: row.grain,
            platform_id: row.platform_id,
            region_id: row.region_id,
            kind: row.kind,
            level: row.level,
            branch: row.branch,
            sector_id: row.sector_id,
        }
    }
}

/// All segments ever used. Their ids are dense and never change.
#[derive(Clone, Default)]
pub struct Segments {
    by_id: imbl::Vector<Segment>,
    ids: imbl::HashMap<Segment, i32>,
    of_grain: imbl::OrdMap<Grain, imbl::Vector<i32>>,
}

impl Segments {
    /// Segment with this id.
    pub fn get(&self, id: i32) -> Option<&Segment> {
        self.by_id.get(usize::try_from(id).ok()?.checked_sub(1)?)
    }

    /// Id of a segment, if it is known.
    pub fn id(&self, segment: &Segment) -> Option<i32> {
        self.ids.get(segment).copied()
    }

    /// Number of segments; also the greatest id.
    pub fn len(&self) -> i32 {
        self.by_id.len() as i32
    }

    /// Whether there are no segments.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// All segments of a grain, with their ids.
    pub fn of(&self, grain: Grain) -> impl Iterator<Item = (i32, &Segment)> {
        let ids = self.of_grain.get(&grain).into_iter().flatten();
        ids.filter_map(|id| Some((*id, self.get(*id)?)))
    }

    /// Adds a segment under the next id and returns the id.
    pub fn push(&mut self, segment: Segment) -> i32 {
        self.by_id.push_back(segment);
        let id = self.len();
        self.ids.insert(segment, id);
        self.of_grain.entry(segment.grain).or_default().push_back(id);
        id
    }

    /// Row of a segment. Its coarser segments must have ids already.
    pub fn row(&self, id: i32) -> Option<Model> {
        let segment = *self.get(id)?;
        let part_of = |grain| (segment.grain == Grain::Full).then(|| self.id(&segment.at(grain))).flatten();
        Some(Model {
            id,
            grain: segment.grain,
            platform_id: segment.platform_id,
            region_id: segment.region_id,
            kind: segment.kind,
            level: segment.level,
            branch: segment.branch,
            sector_id: segment.sector_id,
            region_segment_id: part_of(Grain::Region),
            class_segment_id: part_of(Grain::Class),
            platform_segment_id: part_of(Grain::Platform),
        })
    }
}
