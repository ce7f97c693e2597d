//! Facets: sets of ids of records with the same value of a dimension. Filters intersect them, counts are their sizes.

use entities::page::{Mark, Widget};
use imbl::OrdMap;
use roaring::{MultiOps, RoaringBitmap};
use sea_orm::{ActiveEnum, Iterable};

use super::sets::IdSet;

/// Property by which records are filtered and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Kind of the organization, or of the page's owner; likewise for the dimensions up to `Below`.
    Kind,
    /// Level of power.
    Level,
    /// Branch of power.
    Branch,
    /// Sector, by id.
    Sector,
    /// Status of the organization.
    Status,
    /// Territory by id: the organization's own and its ancestors.
    Territory,
    /// Organization by id: all ancestors, by subordination or foundation.
    Below,
    /// Day on which the organization was added to the registry.
    CreatedOn,
    /// Day on which the organization was merged, split or liquidated, or the page archived.
    EndedOn,
    /// Platform by id on which the organization has an official page; 0 for any platform.
    HasPageOn,
    /// Platform of the page, by id.
    Platform,
    /// Lifecycle state of the page.
    Lifecycle,
    /// Result of the last check of the page's address.
    Availability,
    /// State of the page's mark.
    Mark,
    /// State of the page's widget.
    Widget,
    /// How much the owner does with the page.
    Category,
    /// Day of the page's registration.
    RegisteredOn,
    /// Day of the page's last post.
    LastPostOn,
    /// 1 if a post of the page is known.
    HasPosted,
    /// 1 if the page belongs to an office.
    OfOffice,
    /// The record itself, by id; like those below, not kept as sets of ids.
    Id,
    /// Owner of the page, by id: without co-owners.
    Owner,
    /// Second of the last change of the record, counted from 1970.
    UpdatedAt,
    /// Latest number of subscribers of the page.
    Subscribers,
    /// Whether the organization complies with its obligations, by its `ObligationStatus`.
    Obligation,
}

/// A dimension and a value: an id, the index of an enum member, or a day counted from the year 1.
pub type FacetKey = (Dimension, u32);

/// Sets of one table's ids by facet.
#[derive(Clone, Default)]
pub(crate) struct Facets {
    sets: OrdMap<FacetKey, IdSet>,
    empty: IdSet,
}

impl Facets {
    /// Builds the facets from a bitmap per key.
    pub(crate) fn build(sets: impl IntoIterator<Item = (FacetKey, RoaringBitmap)>) -> Self {
        let sets = sets.into_iter().map(|(key, bits)| (key, IdSet::from(bits)));
        Self { sets: sets.collect(), empty: IdSet::default() }
    }

    pub(crate) fn set(&mut self, key: FacetKey, id: i64, is_in: bool) {
        if is_in {
            self.sets.entry(key).or_default().set(id, true);
        } else if let Some(set) = self.sets.get_mut(&key) {
            set.set(id, false);
            if set.is_empty() {
                self.sets.remove(&key);
            }
        }
    }

    /// Moves an id from its previous facets to its new ones.
    pub(crate) fn shift(&mut self, id: i64, before: &[FacetKey], after: &[FacetKey]) {
        for key in before.iter().filter(|key| !after.contains(key)) {
            self.set(*key, id, false);
        }
        for key in after.iter().filter(|key| !before.contains(key)) {
            self.set(*key, id, true);
        }
    }

    /// Ids with this facet.
    pub(crate) fn of(&self, key: FacetKey) -> &RoaringBitmap {
        self.sets.get(&key).unwrap_or(&self.empty)
    }

    /// Ids with any of these values.
    pub(crate) fn any(&self, dimension: Dimension, values: &[u32]) -> RoaringBitmap {
        match values {
            [value] => self.of((dimension, *value)).clone(),
            values => values.iter().map(|value| self.of((dimension, *value))).union(),
        }
    }

    /// Ids with a value from `first` to `last`, both included.
    pub(crate) fn between(&self, dimension: Dimension, first: u32, last: u32) -> RoaringBitmap {
        if first > last {
            return RoaringBitmap::new();
        }
        self.sets.range((dimension, first)..=(dimension, last)).map(|(_, set)| &**set).union()
    }

    /// All values of a dimension with their ids, in the order of the values.
    pub(crate) fn values(&self, dimension: Dimension) -> impl Iterator<Item = (u32, &RoaringBitmap)> {
        let range = (dimension, 0)..=(dimension, u32::MAX);
        self.sets.range(range).map(|((_, value), set)| (*value, &**set))
    }
}

/// API name of the enum member with this index; `None` for dimensions whose values are ids or days.
pub fn member_name(dimension: Dimension, index: u32) -> Option<String> {
    use entities::{organization, page};
    fn name<E: ActiveEnum<Value = String> + Iterable>(index: u32) -> Option<String> {
        E::iter().nth(index as usize).map(|member| member.to_value())
    }
    match dimension {
        Dimension::Kind => name::<organization::Kind>(index),
        Dimension::Level => name::<organization::Level>(index),
        Dimension::Branch => name::<organization::Branch>(index),
        Dimension::Status => name::<organization::Status>(index),
        Dimension::Lifecycle => name::<page::Lifecycle>(index),
        Dimension::Availability => name::<page::Availability>(index),
        Dimension::Mark => name::<page::Mark>(index),
        Dimension::Widget => name::<page::Widget>(index),
        Dimension::Category => name::<page::Category>(index),
        _ => None,
    }
}

/// All states of a mark.
pub fn marks() -> impl Iterator<Item = Mark> {
    Mark::iter()
}

/// All states of a widget.
pub fn widgets() -> impl Iterator<Item = Widget> {
    Widget::iter()
}

/// API name of an enum member.
pub fn member_text(member: &impl ActiveEnum<Value = String>) -> String {
    member.to_value()
}
