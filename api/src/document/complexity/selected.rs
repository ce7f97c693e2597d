//! Cost of a selection set. Of fragments on several types, those of one type count: an object has one type.

use super::cost::Cost;
use crate::document::expensive::ExpensiveFields;

/// Object types, as bits.
pub(super) type TypeSet = u64;
/// All types.
pub(super) const ALL: TypeSet = TypeSet::MAX;

/// Cost of a selection set.
#[derive(Clone, Default)]
pub(super) struct Selected {
    /// Cost whatever the type of the object is.
    pub(super) once: Cost,
    /// Cost of what is selected of some types only.
    of_types: Vec<(TypeSet, Cost)>,
    /// Cost per item of a connection (`nodes`, `edges`).
    pub(super) of_item: Cost,
    pub(super) expensive: ExpensiveFields,
}

impl Selected {
    /// Adds a selection set on these types.
    pub(super) fn add(&mut self, types: TypeSet, other: &Self) {
        match types {
            ALL => self.once.add(&other.once),
            _ => self.add_of(types, &other.once),
        }
        other.of_types.iter().for_each(|(among, cost)| self.add_of(types & among, cost));
        self.of_item.add(&other.of_item);
        self.expensive.extend(&other.expensive);
    }

    fn add_of(&mut self, types: TypeSet, cost: &Cost) {
        match self.of_types.iter_mut().find(|(known, _)| *known == types) {
            Some((_, known)) => known.add(cost),
            None if types == 0 => {}
            None => self.of_types.push((types, cost.clone())),
        }
    }

    /// Whether the cost depends on the type of the object.
    pub(super) fn depends_on_type(&self) -> bool {
        !self.of_types.is_empty()
    }

    /// Largest cost of an object of one of these types.
    pub(super) fn once_of(&self, types: TypeSet) -> Cost {
        let mut once = self.once.clone();
        let (of_all, of_some): (Vec<_>, Vec<_>) =
            self.of_types.iter().partition(|(among, _)| among & types == types);
        of_all.iter().for_each(|(_, cost)| once.add(cost));
        let each = (0..TypeSet::BITS).map(|bit| 1_u64 << bit).filter(|bit: &TypeSet| types & bit != 0);
        // Types that have the same fragments cost the same.
        let mut applied: Vec<Vec<bool>> =
            each.map(|bit| of_some.iter().map(|(among, _)| among & bit != 0).collect()).collect();
        applied.sort_unstable();
        applied.dedup();
        let costs = applied.into_iter().map(|applied| {
            let mut sum = Cost::default();
            of_some
                .iter()
                .zip(applied)
                .filter(|(_, is_applied)| *is_applied)
                .for_each(|((_, cost), _)| sum.add(cost));
            sum
        });
        once.add(&Cost::largest(costs.collect()));
        once
    }
}
