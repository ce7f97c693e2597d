//! Filters: clauses that must all hold, over the facets of a table.

use roaring::RoaringBitmap;

use super::facet::{Dimension, FacetKey, Facets};

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// The record has one of these values.
    AnyOf(Dimension, Vec<u32>),
    /// The record has none of these values.
    NoneOf(Dimension, Vec<u32>),
    /// The record has a value in this range, both ends included.
    Between(Dimension, u32, u32),
}

/// Conditions that must all hold; without any, everything passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    clauses: Vec<Clause>,
}

impl Filter {
    /// Adds a condition.
    pub fn add(&mut self, clause: Clause) {
        self.clauses.push(clause);
    }

    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// The conditions.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// Only the conditions on these dimensions.
    pub fn only(&self, dimensions: &[Dimension]) -> Self {
        let clauses = self.clauses.iter().filter(|clause| dimensions.contains(&clause.dimension()));
        Self { clauses: clauses.cloned().collect() }
    }

    /// Ids of `among` that pass; `own` returns the ids of an organization itself, which `Below` does not contain.
    pub(crate) fn select(
        &self,
        facets: &Facets,
        own: impl Fn(u32) -> RoaringBitmap,
        mut among: RoaringBitmap,
    ) -> RoaringBitmap {
        for clause in &self.clauses {
            match clause {
                Clause::AnyOf(Dimension::Below, organizations) => {
                    let mut below = facets.any(Dimension::Below, organizations);
                    organizations.iter().for_each(|id| below |= own(*id));
                    among &= below;
                }
                Clause::AnyOf(dimension, values) => match values.as_slice() {
                    [value] => among &= facets.of((*dimension, *value)),
                    values => among &= facets.any(*dimension, values),
                },
                Clause::NoneOf(dimension, values) => {
                    values.iter().for_each(|value| among -= facets.of((*dimension, *value)));
                }
                Clause::Between(dimension, first, last) => {
                    among &= facets.between(*dimension, *first, *last);
                }
            }
        }
        among
    }

    /// Whether a record with these facets passes.
    pub(crate) fn passes(&self, keys: &[FacetKey]) -> bool {
        self.clauses.iter().all(|clause| {
            let has = |wanted: &dyn Fn(u32) -> bool| {
                keys.iter().any(|(dimension, value)| *dimension == clause.dimension() && wanted(*value))
            };
            match clause {
                Clause::AnyOf(_, values) => has(&|value| values.contains(&value)),
                Clause::NoneOf(_, values) => !has(&|value| values.contains(&value)),
                Clause::Between(_, first, last) => has(&|value| (*first..=*last).contains(&value)),
            }
        })
    }
}

impl Clause {
    /// Dimension of the condition.
    pub fn dimension(&self) -> Dimension {
        match self {
            Self::AnyOf(dimension, _) | Self::NoneOf(dimension, _) | Self::Between(dimension, ..) => {
                *dimension
            }
        }
    }
}
