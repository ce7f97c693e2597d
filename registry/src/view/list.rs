//! Lists: the records that match a filter and that the viewer may see, and windows of them in a given order.

use entities::{former_key::Space as Former, organization::Kind, territory};
use roaring::RoaringBitmap;

use super::{
    TerritoryView, View,
    window::{Key, Slice, Window, by_entry, sorted, walked},
};
use crate::{
    model::{Organization, Page},
    snapshot::{
        Clause, Dimension, Direction, Filter, OrganizationField, OrganizationOrder, PageField, PageOrder,
        Selection,
        derive::Derived,
        order::{last_post_on, registered, subscribers, updated, walk_sets},
        sets::bit,
    },
};

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
            return Selection::new(self.select_organizations(filter, self.seen_organizations(among.now)));
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
            return Selection::new(self.select_pages(filter, self.seen_pages(among.now)));
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

    /// A window of a list of organizations.
    pub fn organization_window(
        &self,
        selection: &Selection,
        OrganizationOrder { field, direction }: OrganizationOrder,
        slice: Slice,
    ) -> Window {
        match field {
            OrganizationField::Entry => return by_entry(selection, direction, slice),
            // Depends on the day, and takes sets of organizations rather than one by one.
            OrganizationField::DaysOverdue if self.as_of.is_none() => {
                return self.by_days_overdue(selection, direction, slice);
            }
            _ if !self.is_walked(selection) => {
                return sorted(selection, direction, slice, |id| self.organization_key(field, id));
            }
            _ => {}
        }
        let derived = self.derived();
        let numbers = match field {
            OrganizationField::UpdatedAt => &derived.organizations_updated,
            OrganizationField::Audience => derived.audiences.order(),
            OrganizationField::Entry | OrganizationField::Name | OrganizationField::DaysOverdue => {
                let record = |id| self.snapshot.organization(id);
                let names = &derived.organization_names;
                return walked(selection, slice, |start| names.walk(direction, start, record));
            }
        };
        walked(selection, slice, |start| numbers.walk(direction, start))
    }

    /// A window of a list of pages.
    pub fn page_window(
        &self,
        selection: &Selection,
        PageOrder { field, direction }: PageOrder,
        slice: Slice,
    ) -> Window {
        if field == PageField::Entry {
            return by_entry(selection, direction, slice);
        }
        if !self.is_walked(selection) {
            return sorted(selection, direction, slice, |id| self.page_key(field, id));
        }
        let derived = self.derived();
        let numbers = match field {
            PageField::RegisteredAt => &derived.registered,
            PageField::Subscribers => &derived.subscribers,
            PageField::UpdatedAt => &derived.pages_updated,
            PageField::LastPostOn => return self.by_last_post(selection, direction, slice),
            PageField::Entry | PageField::Title => {
                let record = |id| self.snapshot.page(id);
                return walked(selection, slice, |start| derived.page_titles.walk(direction, start, record));
            }
        };
        walked(selection, slice, |start| numbers.walk(direction, start))
    }

    /// A window of a list of pages in ascending order of a number of each; those without one are last.
    pub fn page_window_by(
        &self,
        selection: &Selection,
        slice: Slice,
        number: impl Fn(&Page) -> Option<i64>,
    ) -> Window {
        let key = |id| Key::Number(self.page_record(id).and_then(&number));
        sorted(selection, Direction::Ascending, slice, key)
    }

    fn by_last_post(&self, selection: &Selection, direction: Direction, slice: Slice) -> Window {
        let facets = &self.derived().page_facets;
        let silent = selection.bits() - facets.of((Dimension::HasPosted, 1));
        let days = facets.values(Dimension::LastPostOn).map(|(day, pages)| (Some(i64::from(day)), pages));
        let sets: Vec<_> = days.chain([(None, &silent)]).collect();
        walked(selection, slice, |start| walk_sets(&sets, selection.bits(), direction, start))
    }

    /// The longer something is missing, the greater the number: the day since when, negated.
    fn by_days_overdue(&self, selection: &Selection, direction: Direction, slice: Slice) -> Window {
        let missing = self.missing_since(selection.bits());
        let mut rest = selection.bits().clone();
        missing.values().for_each(|organizations| rest -= organizations);
        let days = missing.iter().map(|(day, organizations)| (Some(-i64::from(*day)), organizations));
        let sets: Vec<_> = days.chain([(None, &rest)]).collect();
        walked(selection, slice, |start| walk_sets(&sets, selection.bits(), direction, start))
    }

    /// A window of the territories of a kind, or of all kinds, that lie in another one, at any depth, or anywhere; by id.
    pub fn territory_window(
        &self,
        kind: Option<territory::Kind>,
        parent: Option<TerritoryView<'_>>,
        slice: Slice,
    ) -> Window {
        let ids: Vec<i64> = match parent {
            // The first one is the parent itself.
            Some(parent) => parent.with_descendants().into_iter().skip(1).collect(),
            None => self.snapshot.territories().keys().copied().collect(),
        };
        let is_of_kind =
            |id: &i64| self.territory(*id).is_some_and(|it| kind.is_none_or(|kind| it.kind == kind));
        let found = ids.into_iter().filter(is_of_kind).map(bit).collect();
        by_entry(&Selection::new(found), Direction::Ascending, slice)
    }

    fn organization_key(&self, field: OrganizationField, id: i64) -> Key<'_> {
        let record = self.organization_record(id);
        match field {
            OrganizationField::Entry => Key::Number(None),
            OrganizationField::Name => Key::Name(record.map_or("", |it| &it.name)),
            OrganizationField::UpdatedAt => Key::Number(record.and_then(|it| updated(it.updated_at))),
            // Latest statistics are those of the present.
            OrganizationField::Audience if self.as_of.is_some() => Key::Number(None),
            OrganizationField::Audience => {
                Key::Number(record.and_then(|it| self.derived().audiences.of(it.id)))
            }
            OrganizationField::DaysOverdue => Key::Number(self.overdue(id)),
        }
    }

    fn page_key(&self, field: PageField, id: i64) -> Key<'_> {
        let record = self.page_record(id);
        // Latest statistics are those of the present.
        let figures = || self.snapshot.figures(id).filter(|_| self.as_of.is_none());
        match field {
            PageField::Entry => Key::Number(None),
            PageField::Title => Key::Name(record.map_or("", |it| &it.title)),
            PageField::RegisteredAt => Key::Number(record.and_then(registered)),
            PageField::Subscribers => Key::Number(subscribers(figures())),
            PageField::UpdatedAt => Key::Number(record.and_then(|it| updated(it.updated_at))),
            PageField::LastPostOn => Key::Number(last_post_on(self.time_zone(), figures())),
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
