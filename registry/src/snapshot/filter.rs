//! Filters: clauses that must all hold, over the facets of a table.

use roaring::RoaringBitmap;

use super::{
    apply::{name_key, write_name_key},
    facet::{Dimension, FacetKey, Facets},
    order::NumberOrder,
};

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
    /// Part of a name that the record must have, normalized.
    name: Option<Box<str>>,
}

/// Part of a name, to look for in names.
pub(crate) struct NamePart<'a> {
    part: &'a str,
    /// Memory for the normalized form of each name.
    name: String,
}

impl NamePart<'_> {
    /// Whether a name has the part, regardless of case; punctuation counts as a space.
    pub(crate) fn is_in(&mut self, name: &str) -> bool {
        write_name_key(name, &mut self.name);
        self.name.contains(self.part)
    }
}

impl Filter {
    /// Adds a condition.
    pub fn add(&mut self, clause: Clause) {
        self.clauses.push(clause);
    }

    /// Adds the condition that a name of the record has this part; `false`, and no condition, if the part has neither a
    /// letter nor a digit.
    pub fn add_name(&mut self, part: &str) -> bool {
        let part = name_key(part);
        let has_part = !part.is_empty();
        self.name = has_part.then(|| part.into());
        has_part
    }

    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty() && self.name.is_none()
    }

    /// The conditions on dimensions.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The part of a name that the record must have.
    pub(crate) fn name(&self) -> Option<NamePart<'_>> {
        self.name.as_deref().map(|part| NamePart { part, name: String::new() })
    }

    /// Values of the first condition of the kind [`Clause::AnyOf`] on a dimension.
    pub(crate) fn any_of(&self, dimension: Dimension) -> Option<&[u32]> {
        self.clauses.iter().find_map(|clause| match clause {
            Clause::AnyOf(known, values) if *known == dimension => Some(values.as_slice()),
            _ => None,
        })
    }

    /// Only the conditions on these dimensions.
    pub fn only(&self, dimensions: &[Dimension]) -> Self {
        let clauses = self.clauses.iter().filter(|clause| dimensions.contains(&clause.dimension()));
        Self { clauses: clauses.cloned().collect(), name: None }
    }

    /// The same filter; of the organizations below which records must be, only those that are known.
    pub(crate) fn below_any(mut self, is_known: impl Fn(u32) -> bool) -> Self {
        for clause in &mut self.clauses {
            if let Clause::AnyOf(Dimension::Below, organizations) = clause {
                organizations.retain(|id| is_known(*id));
            }
        }
        self
    }

    /// Ids of `among` that pass, apart from the conditions on `Obligation` and on names; `numbers` returns the order of a
    /// dimension that is no facet, `own` the ids of an organization itself, which `Below` does not contain, or the pages
    /// that it owns.
    pub(crate) fn select<'a>(
        &self,
        facets: &Facets,
        numbers: impl Fn(Dimension) -> Option<&'a NumberOrder>,
        own: impl Fn(u32) -> RoaringBitmap,
        mut among: RoaringBitmap,
    ) -> RoaringBitmap {
        for clause in &self.clauses {
            match clause {
                Clause::AnyOf(Dimension::Obligation, _) => {}
                Clause::AnyOf(Dimension::Id, ids) => among &= ids.iter().copied().collect::<RoaringBitmap>(),
                Clause::AnyOf(Dimension::Owner, organizations) => {
                    let mut owned = RoaringBitmap::new();
                    organizations.iter().for_each(|id| owned |= own(*id));
                    among &= owned;
                }
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
                    among &= match numbers(*dimension) {
                        Some(order) => order.between(i64::from(*first), i64::from(*last)),
                        None => facets.between(*dimension, *first, *last),
                    };
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
