//! Which changes a reader of the change feed asks for, and so which records its copy holds.

use std::collections::{BTreeSet, HashMap};

use entities::change::{Kind, SubjectType};

use super::View;
use crate::snapshot::{Clause, Dimension, Filter, Selection, sets::bit};

/// Filter of the change feed and of digests; without conditions, everything matches.
#[derive(Clone, Debug, Default)]
pub struct FeedScope {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) subjects: Vec<SubjectType>,
    /// Platforms of pages, and territories of pages and organizations.
    pub(crate) places: Filter,
    pub(crate) platform_ids: BTreeSet<i64>,
    /// Territories of `places`, with all territories in them.
    pub(crate) territory_ids: BTreeSet<i64>,
    pub(crate) with_owners: bool,
}

impl FeedScope {
    /// A scope over platforms and territories; no kinds and no subjects stand for all. `with_owners` adds the organizations
    /// that own or co-own a page of these places, whatever `subjects` has.
    pub fn new(
        view: &View,
        (kinds, subjects): (Vec<Kind>, Vec<SubjectType>),
        places: Filter,
        with_owners: bool,
    ) -> Self {
        let (mut platform_ids, mut territory_ids) = (BTreeSet::new(), BTreeSet::new());
        for clause in places.clauses() {
            match clause {
                Clause::AnyOf(Dimension::Platform, ids) => {
                    platform_ids.extend(ids.iter().copied().map(i64::from));
                }
                Clause::AnyOf(Dimension::Territory, ids) => {
                    let territories = ids.iter().filter_map(|id| view.territory(i64::from(*id)));
                    territory_ids.extend(territories.flat_map(|territory| territory.with_descendants()));
                }
                _ => {}
            }
        }
        Self { kinds, subjects, places, platform_ids, territory_ids, with_owners }
    }

    /// Types of subjects that can match; empty for all.
    pub(crate) fn subject_types(&self) -> Vec<SubjectType> {
        let mut types = self.subjects.clone();
        if self.with_owners && !types.is_empty() && !types.contains(&SubjectType::Organization) {
            types.push(SubjectType::Organization);
        }
        types
    }

    /// Whether every subject matches, regardless of its type and place.
    pub(crate) fn is_whole(&self) -> bool {
        self.subjects.is_empty() && self.platform_ids.is_empty() && self.territory_ids.is_empty()
    }

    pub(crate) fn has_subject(&self, subject: SubjectType) -> bool {
        self.subjects.is_empty() || self.subjects.contains(&subject)
    }

    pub(crate) fn has_platform(&self, id: Option<i64>) -> bool {
        self.platform_ids.is_empty() || id.is_some_and(|id| self.platform_ids.contains(&id))
    }

    pub(crate) fn has_territory(&self, id: Option<i64>) -> bool {
        self.territory_ids.is_empty() || id.is_some_and(|id| self.territory_ids.contains(&id))
    }
}

/// Whether organizations own or co-own a page of a scope that the viewer may see, at present.
pub(crate) struct Owners<'a> {
    view: &'a View,
    /// Pages of the scope; `None` if it does not ask for their owners.
    pages: Option<Selection>,
    known: HashMap<i64, bool>,
}

impl<'a> Owners<'a> {
    /// Owners of the pages of a scope; none unless it asks for them.
    pub(crate) fn new(scope: &FeedScope, view: &'a View) -> Self {
        let pages = scope.with_owners.then(|| view.pages(&scope.places));
        Self { view, pages, known: HashMap::new() }
    }

    /// Whether the organization is one of them.
    pub(crate) fn contain(&mut self, organization_id: i64) -> bool {
        let Some(pages) = &self.pages else { return false };
        let owned = &self.view.snapshot.owned_pages;
        let owns_any = || owned.ids(organization_id).any(|id| pages.bits().contains(bit(id)));
        *self.known.entry(organization_id).or_insert_with(owns_any)
    }
}
