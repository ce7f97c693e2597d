//! Past states of the whole registry, for counts: a copy of a later state, in which the records that were written since get
//! the state that they had.
//!
//! Such a snapshot has the sets and facets of organizations and pages, and what obligations are computed from. It has no
//! keys of organizations and pages, sort orders by name, hashes and statistics: to keep these, too, would take most of the
//! time and of the memory. Territories, sectors and platforms that did not exist yet stay in it, without members.

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::change::SubjectType;
use imbl::{OrdMap, Vector};

use super::{
    Snapshot, Table,
    derive::Derived,
    facet_keys::{own_keys, page_keys},
    index::{Index, Space, fingerprint},
    last_modified::LastModified,
    order::updated,
    sets::{Children, IdSet},
};
use crate::model::{Record, Segments};

/// Facets are built again when more than 1/8 of the organizations and pages are restored.
const REBUILT_FROM: usize = 8;

/// Ids of one type of subjects.
pub(crate) type Ids = (SubjectType, Vec<i64>);

impl Snapshot {
    /// Subjects that were written after a time, of the types that counts depend on, in the order in which they are restored.
    pub(crate) fn written_after(&self, at: DateTime<Utc>) -> Vec<Ids> {
        fn written<T>(
            table: &Table<T>,
            updated_at: impl Fn(&T) -> DateTime<Utc>,
            at: DateTime<Utc>,
        ) -> Vec<i64> {
            table.iter().filter(|(_, record)| updated_at(record) > at).map(|(id, _)| *id).collect()
        }
        vec![
            (SubjectType::Page, written(&self.pages, |it| it.updated_at, at)),
            (SubjectType::Organization, written(&self.organizations, |it| it.updated_at, at)),
            (SubjectType::Territory, written(&self.territories, |it| it.updated_at, at)),
            (SubjectType::Sector, written(&self.sectors, |it| it.updated_at, at)),
            (SubjectType::Platform, written(&self.platforms, |it| it.updated_at, at)),
            (SubjectType::ObligationRule, written(&self.obligation_rules, |it| it.updated_at, at)),
            (SubjectType::Exemption, written(&self.exemptions, |it| it.updated_at, at)),
        ]
    }

    /// A copy to restore that many subjects in; returns whether its facets will be built again.
    pub(crate) fn begin_restoring(&self, subjects: usize) -> (Self, bool) {
        let mut copy = self.for_counts();
        let is_rebuilt = subjects * REBUILT_FROM > copy.organizations.len() + copy.pages.len();
        if is_rebuilt {
            copy.derived = None;
        }
        (copy, is_rebuilt)
    }

    /// Gives a subject the state that it had; `None` if it did not exist.
    ///
    /// # Errors
    /// When the record could only come from a damaged log.
    pub(crate) fn restore(
        &mut self,
        (subject_type, id): (SubjectType, i64),
        state: Option<Record>,
    ) -> Result<()> {
        match (subject_type, state) {
            // Only names of these change, and their addresses, which are not counted.
            (_, Some(Record::Sector(sector))) => _ = self.sectors.insert(id, sector),
            (_, Some(Record::Platform(platform))) => _ = self.platforms.insert(id, platform),
            (_, Some(record)) => self.apply(record)?,
            (SubjectType::Page, None) => self.retract_page(id),
            (SubjectType::Organization, None) => self.retract_organization(id),
            (SubjectType::ObligationRule, None) => _ = self.obligation_rules.remove(&id),
            (SubjectType::Exemption, None) => self.retract_exemption(id),
            (_, None) => {}
        }
        Ok(())
    }

    /// Ends the restoration of the state at a sequence number, whose last change has this timestamp or an earlier one.
    pub(crate) fn end_restoring(&mut self, seq: i64, at: DateTime<Utc>) {
        if self.derived.is_none() {
            self.derive_counts();
        }
        (self.seq, self.changed_at) = (seq, at);
    }

    /// The state before the first change, for counts.
    pub(crate) fn before_records(&self) -> Self {
        Self {
            seq: 0,
            changed_at: DateTime::default(),
            organizations: OrdMap::new(),
            pages: OrdMap::new(),
            obligation_rules: OrdMap::new(),
            exemptions: OrdMap::new(),
            organization_children: Children::default(),
            founded: Children::default(),
            territory_organizations: Children::default(),
            owned_pages: Children::default(),
            organization_exemptions: Children::default(),
            predecessors: Children::default(),
            authorities: IdSet::default(),
            institutions: IdSet::default(),
            public_organizations: IdSet::default(),
            all_pages: IdSet::default(),
            public_pages: IdSet::default(),
            derived: Some(Derived::default()),
            ..self.for_counts()
        }
    }

    /// The same state for counts alone. It shares nothing with this one that a later write of a page replaces without need.
    fn for_counts(&self) -> Self {
        if self.counts_only {
            return self.clone();
        }
        let derived = self.derived.as_ref().map(|whole| Derived {
            organization_facets: whole.organization_facets.clone(),
            page_facets: whole.page_facets.clone(),
            organizations_updated: whole.organizations_updated.clone(),
            ..Derived::default()
        });
        let mut index = Index::default();
        for territory in self.territories.values() {
            index.set(fingerprint(Space::TerritoryCode, &territory.code), territory.id, true);
        }
        for sector in self.sectors.values() {
            index.set(fingerprint(Space::SectorCode, &sector.code), sector.id, true);
        }
        Self {
            counts_only: true,
            hash: Box::default(),
            trail: Vector::new(),
            figures: OrdMap::new(),
            segments: Segments::default(),
            months: OrdMap::new(),
            last_modified: LastModified::default(),
            index,
            former: Index::default(),
            derived,
            ..self.clone()
        }
    }

    fn retract_page(&mut self, id: i64) {
        let Some(page) = self.pages.remove(&id) else { return };
        let mut keys = page_keys(self.time_zone(), &page);
        keys.extend(self.shared_keys_of(page.owner_id));
        self.index_page(&page, false);
        self.all_pages.set(id, false);
        self.public_pages.set(id, false);
        let Some(derived) = &mut self.derived else { return };
        derived.page_facets.shift(id, &keys, &[]);
        for owner in page.co_owners.iter().chain([&page.owner_id]) {
            self.shift_has_page(*owner);
        }
    }

    fn retract_organization(&mut self, id: i64) {
        let Some(old) = self.organizations.get(&id).cloned() else { return };
        let below = if self.derived.is_some() { self.descendants(id) } else { Vec::new() };
        let before = self.shared_keys_of_all(below.into_iter());
        self.organizations.remove(&id);
        self.index_organization(&old, false);
        for set in [&mut self.authorities, &mut self.institutions, &mut self.public_organizations] {
            set.set(id, false);
        }
        before.iter().for_each(|(id, keys)| self.shift_shared(*id, keys));
        let zone = self.time_zone();
        if let Some(derived) = &mut self.derived {
            derived.organization_facets.shift(id, &own_keys(zone, &old), &[]);
            derived.organizations_updated.remove(id, updated(old.updated_at));
        }
        // They get other owners, or are taken away, when it is their turn.
        let owned: Vec<_> = self.pages_of(id).cloned().collect();
        owned.iter().for_each(|page| self.show_page(Some(page), page));
    }

    fn retract_exemption(&mut self, id: i64) {
        if let Some(old) = self.exemptions.remove(&id) {
            self.organization_exemptions.set(old.organization_id, id, false);
        }
    }
}
