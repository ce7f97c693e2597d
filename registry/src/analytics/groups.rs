//! Groups of pages by dimensions of their segments.

use std::collections::BTreeMap;

use entities::{audience_segment::Grain, organization, territory::Kind};

use super::aggregate::AggregateQuery;
use crate::{
    model::Segment,
    snapshot::{Clause, Dimension, FacetKey},
    view::{DimensionValue, View},
};

/// Groups of segments: which group each segment's pages are in.
pub(super) struct Groups {
    /// Values of the dimensions of each group.
    pub(super) keys: Vec<Vec<DimensionValue>>,
    /// Index of the group, by segment id; `None` for segments that do not count.
    of_segment: Vec<Option<u32>>,
}

impl Groups {
    pub(super) fn new(view: &View, question: &AggregateQuery<'_>, grain: Grain) -> Self {
        let mut groups: BTreeMap<Vec<DimensionValue>, Vec<i32>> = BTreeMap::new();
        for (id, segment) in view.segments().of(grain) {
            let keys = keys_of(view, segment);
            if question.filter.clauses().iter().all(|clause| passes(clause, &keys)) {
                let of_group = question
                    .by
                    .iter()
                    .map(|dimension| (*dimension, value(view, &keys, *dimension, question.territories)));
                groups.entry(of_group.collect()).or_default().push(id);
            }
        }
        let mut of_segment = vec![None; view.segments().len() as usize + 1];
        for (group, ids) in (0..).zip(groups.values()) {
            ids.iter().for_each(|id| of_segment[*id as usize] = Some(group));
        }
        Self { keys: groups.into_keys().collect(), of_segment }
    }

    /// Index of the group that contains a segment.
    pub(super) fn of_segment(&self, segment_id: i32) -> Option<usize> {
        (*self.of_segment.get(usize::try_from(segment_id).ok()?)?).map(|group| group as usize)
    }

    /// Ids of the segments that are in any group.
    pub(super) fn segments(&self) -> impl Iterator<Item = i32> {
        (0..).zip(&self.of_segment).filter_map(|(id, group)| group.map(|_| id))
    }
}

/// Values of the dimensions of a segment.
fn keys_of(view: &View, segment: &Segment) -> Vec<FacetKey> {
    let id = |id: i64| u32::try_from(id).unwrap_or(0);
    let mut keys = vec![(Dimension::Platform, id(segment.platform_id))];
    let mut territory = segment.region_id;
    while let Some(here) = territory {
        keys.push((Dimension::Territory, id(here)));
        territory = view.territory(here).and_then(|here| here.parent_id);
    }
    keys.extend(segment.kind.map(|kind| (Dimension::Kind, kind as u32)));
    // Older segments may have those of another kind, which the owner had before.
    if segment.kind == Some(organization::Kind::Authority) {
        keys.extend(segment.level.map(|level| (Dimension::Level, level as u32)));
        keys.extend(segment.branch.map(|branch| (Dimension::Branch, branch as u32)));
    } else {
        keys.extend(segment.sector_id.map(|sector| (Dimension::Sector, id(sector))));
    }
    keys
}

fn passes(clause: &Clause, keys: &[FacetKey]) -> bool {
    match clause {
        Clause::AnyOf(dimension, values) => {
            keys.iter().any(|(its, value)| its == dimension && values.contains(value))
        }
        _ => false,
    }
}

/// Value of a dimension to group by; of nested territories of the kind, the innermost.
fn value(view: &View, keys: &[FacetKey], dimension: Dimension, territories: Kind) -> Option<u32> {
    let is_wanted = |value: u32| {
        dimension != Dimension::Territory
            || view.territory(i64::from(value)).is_some_and(|territory| territory.kind == territories)
    };
    let found = keys.iter().find(|(its, value)| *its == dimension && is_wanted(*value));
    found.map(|(_, value)| *value)
}

/// The coarsest grain with all dimensions of the query.
pub(super) fn grain(question: &AggregateQuery<'_>) -> Grain {
    let asked: Vec<Dimension> =
        question.filter.clauses().iter().map(Clause::dimension).chain(question.by.iter().copied()).collect();
    let by_region = asked.contains(&Dimension::Territory);
    let by_class =
        asked.iter().any(|dimension| !matches!(dimension, Dimension::Territory | Dimension::Platform));
    match (by_region, by_class) {
        (true, true) => Grain::Full,
        (true, false) => Grain::Region,
        (false, true) => Grain::Class,
        (false, false) => Grain::Platform,
    }
}
