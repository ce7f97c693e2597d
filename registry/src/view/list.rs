//! Lists: the records that match a filter and that the viewer may see, and windows of them in a given order.

use std::cmp::Ordering;

use entities::{former_key::Space as Former, organization::Kind, territory};
use roaring::RoaringBitmap;

use super::{TerritoryView, View, Viewer};
use crate::{
    model::{Organization, Page},
    snapshot::{
        Clause, Dimension, Filter, OrganizationOrder, PageOrder, Selection,
        derive::Derived,
        order::{collate, first_in, registered, subscribers},
        sets::bit,
    },
};

/// Lists up to this length are sorted per request; longer ones are read along a precomputed order.
const SORTED: u64 = 512;

/// Ids of one window of a list.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Window {
    pub ids: Vec<i64>,
    pub has_previous: bool,
    pub has_next: bool,
    /// Number of ids in the whole list.
    pub total: u64,
}

/// Candidates for a list: the present records, and the historical keys that find those of past states.
pub(crate) struct Candidates<'a> {
    pub(crate) now: RoaringBitmap,
    /// Parent links that other records had in the past.
    pub(crate) former: &'a [(Former, i64)],
}

impl View {
    /// Authorities or institutions that the viewer may see and that pass.
    pub fn organizations(&self, kind: Kind, filter: &Filter) -> Selection {
        let snapshot = &self.snapshot;
        let of_kind = if kind == Kind::Authority { &snapshot.authorities } else { &snapshot.institutions };
        let among = Candidates { now: RoaringBitmap::clone(of_kind), former: &[] };
        self.organizations_among(among, |record| record.kind == kind, filter)
    }

    /// Organizations of both kinds that match the filter and that the viewer may see.
    pub fn all_organizations(&self, filter: &Filter) -> Selection {
        let now = &*self.snapshot.authorities | &*self.snapshot.institutions;
        self.organizations_among(Candidates { now, former: &[] }, |_| true, filter)
    }

    /// Pages that match the filter and that the viewer may see.
    pub fn pages(&self, filter: &Filter) -> Selection {
        let among = Candidates { now: RoaringBitmap::clone(&self.snapshot.all_pages), former: &[] };
        self.pages_among(among, |_| true, filter)
    }

    /// Those of these organizations that are of a kind; as of the past all of them, because they may have been of the other
    /// kind then.
    pub(crate) fn of_kind(&self, kind: Kind, ids: RoaringBitmap) -> RoaringBitmap {
        match kind {
            _ if self.as_of.is_some() => ids,
            Kind::Authority => ids & &*self.snapshot.authorities,
            Kind::Institution => ids & &*self.snapshot.institutions,
        }
    }

    pub(crate) fn organizations_among(
        &self,
        among: Candidates<'_>,
        belongs: impl Fn(&Organization) -> bool,
        filter: &Filter,
    ) -> Selection {
        if self.as_of.is_none() {
            let visible = match self.viewer {
                Viewer::Public => among.now & &*self.snapshot.public_organizations,
                Viewer::Reviewer => among.now,
            };
            return Selection::new(self.select_organizations(filter, visible));
        }
        let ids = self.candidates(among).into_iter().filter(|id| {
            self.organization(i64::from(*id))
                .is_some_and(|found| belongs(&found) && self.organization_passes(&found, filter))
        });
        Selection::new(ids.collect())
    }

    pub(crate) fn pages_among(
        &self,
        among: Candidates<'_>,
        belongs: impl Fn(&Page) -> bool,
        filter: &Filter,
    ) -> Selection {
        if self.as_of.is_none() {
            let visible = match self.viewer {
                Viewer::Public => among.now & &*self.snapshot.public_pages,
                Viewer::Reviewer => among.now,
            };
            return Selection::new(self.select_pages(filter, visible));
        }
        let ids = self.candidates(among).into_iter().filter(|id| {
            self.page(i64::from(*id)).is_some_and(|found| belongs(&found) && self.page_passes(&found, filter))
        });
        Selection::new(ids.collect())
    }

    fn candidates(&self, among: Candidates<'_>) -> RoaringBitmap {
        let mut ids = among.now;
        for (space, parent) in among.former {
            ids.extend(self.snapshot.former(*space, &parent.to_string()).map(bit));
        }
        ids
    }

    /// A window of a list of organizations: at most `count` ids after `after`.
    pub fn organization_window(
        &self,
        selection: &Selection,
        order: OrganizationOrder,
        after: Option<i64>,
        count: usize,
    ) -> Window {
        if order == OrganizationOrder::Entry {
            return by_entry(selection, after, count);
        }
        if self.as_of.is_some() || selection.len() <= SORTED {
            let compare = |left: &i64, right: &i64| {
                let (left, right) = (self.organization_record(*left), self.organization_record(*right));
                collate(left.map_or("", |it| &it.name), right.map_or("", |it| &it.name))
            };
            return sorted(selection, after, count, compare);
        }
        let position = after.and_then(|id| Some((id, self.snapshot.organization(id)?)));
        let walk = self.derived().organization_names.after(position);
        walked(selection, after, count, walk)
    }

    /// A window of a list of pages: at most `count` ids after `after`.
    pub fn page_window(
        &self,
        selection: &Selection,
        order: PageOrder,
        after: Option<i64>,
        count: usize,
    ) -> Window {
        if order == PageOrder::Entry {
            return by_entry(selection, after, count);
        }
        if self.as_of.is_some() || selection.len() <= SORTED {
            return sorted(selection, after, count, |left, right| self.compare_pages(order, *left, *right));
        }
        let derived = self.derived();
        let page = after.and_then(|id| self.snapshot.page(id));
        let in_registration = page.map(|page| (registered(page), bit(page.id)));
        let in_subscribers = page.map(|page| (subscribers(self.snapshot.figures(page.id)), bit(page.id)));
        match order {
            PageOrder::Entry | PageOrder::Title => {
                let position = page.map(|page| (page.id, page));
                walked(selection, after, count, derived.page_titles.after(position))
            }
            PageOrder::Newest => {
                walked(selection, after, count, derived.registered.downwards(in_registration))
            }
            PageOrder::Oldest => walked(selection, after, count, derived.registered.upwards(in_registration)),
            PageOrder::MostSubscribers => {
                walked(selection, after, count, derived.subscribers.downwards(in_subscribers))
            }
        }
    }

    /// A window of the territories of a kind, or of all kinds, that lie in another one, at any depth, or anywhere; by id.
    pub fn territory_window(
        &self,
        kind: Option<territory::Kind>,
        parent: Option<TerritoryView<'_>>,
        after: Option<i64>,
        count: usize,
    ) -> Window {
        let ids: Vec<i64> = match parent {
            // The first one is the parent itself.
            Some(parent) => parent.with_descendants().into_iter().skip(1).collect(),
            None => self.snapshot.territories().keys().copied().collect(),
        };
        let is_of_kind =
            |id: &i64| self.territory(*id).is_some_and(|it| kind.is_none_or(|kind| it.kind == kind));
        let found = ids.into_iter().filter(is_of_kind).map(bit).collect();
        by_entry(&Selection::new(found), after, count)
    }

    fn compare_pages(&self, order: PageOrder, left: i64, right: i64) -> Ordering {
        let (Some(one), Some(other)) = (self.page_record(left), self.page_record(right)) else {
            return Ordering::Equal;
        };
        let subscribers = |id| subscribers(self.snapshot.figures(id).filter(|_| self.as_of.is_none()));
        match order {
            PageOrder::Entry => Ordering::Equal,
            PageOrder::Title => collate(&one.title, &other.title),
            PageOrder::Newest => (registered(other), right).cmp(&(registered(one), left)),
            PageOrder::Oldest => registered(one).cmp(&registered(other)),
            PageOrder::MostSubscribers => (subscribers(right), right).cmp(&(subscribers(left), left)),
        }
    }

    pub(crate) fn derived(&self) -> &Derived {
        self.snapshot.derived.as_ref().expect("a snapshot that is served has been derived")
    }
}

impl TerritoryView<'_> {
    /// Organizations of a kind in this territory, and in all territories in it, that match the filter.
    pub fn organizations(&self, kind: Kind, filter: &Filter) -> Selection {
        let (view, mut filter) = (self.view(), filter.clone());
        filter.add(Clause::AnyOf(Dimension::Territory, vec![bit(self.id)]));
        if view.as_of.is_none() {
            return view.organizations(kind, &filter);
        }
        let mut within = vec![*self];
        let mut next = 0;
        while let Some(territory) = within.get(next).copied() {
            within.extend(territory.children());
            next += 1;
        }
        let mut now = RoaringBitmap::new();
        within.iter().for_each(|it| now |= view.snapshot.territory_organizations.of(it.id));
        let former: Vec<_> = within.iter().map(|it| (Former::OrganizationTerritory, it.id)).collect();
        let among = Candidates { now, former: &former };
        view.organizations_among(among, |record| record.kind == kind, &filter)
    }
}

fn by_entry(selection: &Selection, after: Option<i64>, count: usize) -> Window {
    let mut ids: Vec<i64> = selection.after(after).take(count + 1).collect();
    let has_next = ids.len() > count;
    ids.truncate(count);
    let first = selection.after(None).next();
    let has_previous = after.is_some_and(|after| first.is_some_and(|first| first <= after));
    Window { ids, has_previous, has_next, total: selection.len() }
}

fn sorted(
    selection: &Selection,
    after: Option<i64>,
    count: usize,
    compare: impl Fn(&i64, &i64) -> Ordering,
) -> Window {
    let compare = |left: &i64, right: &i64| compare(left, right).then(left.cmp(right));
    let mut ids: Vec<i64> = selection.after(None).collect();
    ids.sort_by(compare);
    let start = after.map_or(0, |after| ids.partition_point(|id| compare(id, &after) != Ordering::Greater));
    let has_next = ids.len() > start + count;
    let ids = ids.into_iter().skip(start).take(count).collect();
    Window { ids, has_previous: start > 0, has_next, total: selection.len() }
}

fn walked(
    selection: &Selection,
    after: Option<i64>,
    count: usize,
    walk: impl Iterator<Item = u32>,
) -> Window {
    let mut ids = first_in(walk, selection.bits(), count + 1);
    let has_next = ids.len() > count;
    ids.truncate(count);
    // Without `after`, the walk starts at the first item, so nothing precedes the window.
    Window { ids, has_previous: after.is_some(), has_next, total: selection.len() }
}
