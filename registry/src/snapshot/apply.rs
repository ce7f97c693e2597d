//! Applies changes: a record replaces the previous state of its subject.

use std::sync::Arc;

use anyhow::{Result, bail};
use entities::organization::Kind;
use roaring::RoaringBitmap;

use super::{
    Snapshot, Table,
    facet::{Dimension, FacetKey},
    facet_keys::own_keys,
    index::{Space, fingerprint},
    order::updated,
    sets::{MAX_ID, bit},
};
use crate::{
    address::CompiledPlatform,
    model::{Client, Exemption, Organization, Page, Platform, Record, Territory},
};

/// Code of a record that has no other key in the index, with its space.
fn indexed_code(record: &Record) -> Option<(Space, &str)> {
    match record {
        Record::Sector(new) => Some((Space::SectorCode, &new.code)),
        Record::IdentifierScheme(new) => Some((Space::SchemeCode, &new.code)),
        Record::ObligationRule(new) => Some((Space::RuleCode, &new.code)),
        Record::Abbreviation(new) => Some((Space::AbbreviationCode, &new.code)),
        Record::Indicator(new) => Some((Space::IndicatorCode, &new.code)),
        Record::Methodology(new) => Some((Space::MethodologyCode, &new.code)),
        _ => None,
    }
}

fn replace<T>(table: &mut Table<T>, id: i64, new: Arc<T>) {
    table.insert(id, new);
}

impl Snapshot {
    /// Applies the new state of a subject.
    ///
    /// # Errors
    /// When the record could only come from a damaged log: an id out of range, address rules that do not compile.
    pub fn apply(&mut self, record: Record) -> Result<()> {
        if !(1..=MAX_ID).contains(&record.id()) {
            bail!("{:?} has the id {}, which is out of range", record.subject_type(), record.id());
        }
        if self.derived.is_some() && !self.counts_only {
            // During loading, historical keys are read from their own table instead.
            self.lost_keys(&record).iter().for_each(|former| self.remember(former));
        }
        self.last_modified.kind(record.subject_type());
        if let Some((space, code)) = indexed_code(&record) {
            self.index.set(fingerprint(space, code), record.id(), true);
        }
        match record {
            Record::Territory(new) => self.apply_territory(new),
            Record::Sector(new) => replace(&mut self.sectors, new.id, new),
            Record::IdentifierScheme(new) => replace(&mut self.schemes, new.id, new),
            Record::Platform(new) => self.apply_platform(new)?,
            Record::Organization(new) => self.apply_organization(new),
            Record::Page(new) => self.apply_page(new),
            Record::Client(new) => self.apply_client(new),
            Record::ObligationRule(new) => replace(&mut self.obligation_rules, new.id, new),
            Record::Exemption(new) => self.apply_exemption(new),
            Record::Abbreviation(new) => replace(&mut self.abbreviations, new.id, new),
            Record::Indicator(new) => replace(&mut self.indicators, new.id, new),
            Record::Methodology(new) => replace(&mut self.methodologies, new.id, new),
            Record::Rating(new) => replace(&mut self.ratings, new.id, new),
            Record::Pack(new) => {
                self.packs.insert(new.id, new);
                self.renew_time_zone();
            }
            Record::Proposal(new) => self.apply_proposal(new),
            // Rows of imports are not in the snapshot.
            Record::ImportJob(_) => {}
            // The values themselves are not in the log; they are read from their own table.
            Record::Statistics(batch) => {
                batch.months().for_each(|month| *self.months.entry(month).or_insert(0) += 1);
                batch.days.into_iter().for_each(|days| self.last_modified.days(days));
            }
        }
        Ok(())
    }

    fn apply_platform(&mut self, new: Arc<Platform>) -> Result<()> {
        let names = new.names.values().chain([&new.name, &new.code]).map(|name| &**name);
        let compiled = CompiledPlatform::new(new.id, &new.address_rules)?.with_names(names);
        Arc::make_mut(&mut self.address_book).insert(compiled);
        let id = new.id;
        let is_alike = |old: &Arc<Platform>| old.code == new.code && old.address_rules == new.address_rules;
        let keeps_addresses = self.platforms.get(&id).is_none_or(is_alike);
        self.platforms.insert(id, new);
        if self.derived.is_some() && !keeps_addresses {
            self.rehash_pages_on(id);
        }
        Ok(())
    }

    fn apply_territory(&mut self, new: Arc<Territory>) {
        let old_parent = self.territories.get(&new.id).map(|old| old.parent_id);
        let moved = match &self.derived {
            Some(derived) if old_parent != Some(new.parent_id) => {
                derived.organization_facets.of((Dimension::Territory, bit(new.id))).clone()
            }
            _ => RoaringBitmap::new(),
        };
        let before = self.shared_keys_of_all(moved.iter().map(i64::from));
        if let Some(parent) = old_parent.flatten() {
            self.territory_children.set(parent, new.id, false);
        }
        if let Some(parent) = new.parent_id {
            self.territory_children.set(parent, new.id, true);
        }
        self.index.set(fingerprint(Space::TerritoryCode, &new.code), new.id, true);
        self.territories.insert(new.id, new);
        before.iter().for_each(|(id, keys)| self.shift_shared(*id, keys));
    }

    pub(super) fn shared_keys_of_all(&self, ids: impl Iterator<Item = i64>) -> Vec<(i64, Vec<FacetKey>)> {
        ids.map(|id| (id, self.shared_keys_of(id))).collect()
    }

    fn apply_exemption(&mut self, new: Arc<Exemption>) {
        if let Some(old) = self.exemptions.get(&new.id) {
            self.organization_exemptions.set(old.organization_id, new.id, false);
        }
        self.organization_exemptions.set(new.organization_id, new.id, true);
        self.exemptions.insert(new.id, new);
    }

    fn apply_client(&mut self, new: Arc<Client>) {
        self.index.set(fingerprint(Space::ClientName, &new.name), new.id, true);
        for key in &new.keys {
            self.index.set(fingerprint(Space::ClientKey, &*key.key_hash), new.id, true);
        }
        self.clients.insert(new.id, new);
    }

    fn apply_organization(&mut self, new: Arc<Organization>) {
        let id = new.id;
        let old = self.organizations.get(&id).cloned();
        let links = |it: &Organization| (it.parent_id, it.founder_id);
        let before = match (&self.derived, &old) {
            (None, _) => Vec::new(),
            (Some(_), Some(old)) if links(old) == links(&new) => vec![(id, self.shared_keys_of(id))],
            (Some(_), _) => self.shared_keys_of_all(self.descendants(id).into_iter()),
        };
        let keeps_code = old.as_ref().and_then(|old| old.public_code()) == new.public_code();
        self.organizations.insert(id, new.clone());
        if let Some(old) = &old {
            self.index_organization(old, false);
        }
        self.index_organization(&new, true);
        self.authorities.set(id, new.kind == Kind::Authority);
        self.institutions.set(id, new.kind == Kind::Institution);
        self.public_organizations.set(id, new.is_public());
        before.iter().for_each(|(id, keys)| self.shift_shared(*id, keys));
        let zone = self.time_zone();
        if let Some(derived) = &mut self.derived {
            let own_before = old.as_ref().map(|old| own_keys(zone, old)).unwrap_or_default();
            derived.organization_facets.shift(id, &own_before, &own_keys(zone, &new));
            if !self.counts_only {
                derived.organization_names.replace(id, old.as_ref(), &new);
                derived.audiences.enter(id);
            }
            let updated_before = old.as_ref().map(|old| updated(old.updated_at));
            derived.organizations_updated.replace(id, updated_before, updated(new.updated_at));
        }
        if old.is_some_and(|old| old.is_public()) != new.is_public() {
            let owned: Vec<_> =
                self.owned_pages.ids(id).filter_map(|page| self.pages.get(&page)).cloned().collect();
            owned.iter().for_each(|page| self.show_page(Some(page), page));
        }
        self.rehash_organization(&new);
        if self.keeps_hashes() && !keeps_code {
            self.rehash_naming(id);
        }
    }

    fn apply_page(&mut self, new: Arc<Page>) {
        let old = self.pages.insert(new.id, new.clone());
        if let Some(old) = &old {
            self.index_page(old, false);
        }
        self.index_page(&new, true);
        self.all_pages.set(new.id, true);
        self.show_page(old.as_ref(), &new);
    }

    /// Recomputes whether the page is public, and updates the data derived from it.
    pub(super) fn show_page(&mut self, old: Option<&Arc<Page>>, new: &Arc<Page>) {
        let was_public = self.public_pages.contains(bit(new.id));
        let is_public = new.is_public() && self.owner_is_public(new);
        self.public_pages.set(new.id, is_public);
        if old.is_some() && is_public != was_public && self.figures.contains_key(&bit(new.id)) {
            self.figures_are_hidden_or_shown();
        }
        if self.derived.is_some() {
            self.shift_page(old, new, was_public);
        }
    }

    pub(crate) fn owner_is_public(&self, page: &Page) -> bool {
        self.organizations.get(&page.owner_id).is_some_and(|owner| owner.is_public())
    }
}

impl Organization {
    /// All names of the organization: full name, short name, other names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let short = self.short_name.as_deref();
        std::iter::once(&*self.name).chain(short).chain(self.other_names.iter().map(|other| &*other.name))
    }
}

/// Normalized name for matching: letters and digits in lower case, `ё` as `е`, one space between words.
pub(crate) fn name_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    write_name_key(name, &mut key);
    key
}

/// Writes the normalized name over a text, whose memory is reused.
pub(super) fn write_name_key(name: &str, key: &mut String) {
    key.clear();
    let mut is_between = false;
    for letter in name.chars() {
        match letter {
            'a'..='z' | '0'..='9' | 'а'..='я' => push(key, &mut is_between, letter),
            'A'..='Z' => push(key, &mut is_between, letter.to_ascii_lowercase()),
            // Fast path: `to_lowercase` is slow; Russian capitals are 32 code points before their small letters.
            'А'..='Я' => push(key, &mut is_between, char::from_u32(letter as u32 + 32).unwrap_or(letter)),
            'ё' | 'Ё' => push(key, &mut is_between, 'е'),
            other if other.is_alphanumeric() => {
                other.to_lowercase().for_each(|lower| push(key, &mut is_between, lower));
            }
            _ => is_between = true,
        }
    }
}

fn push(key: &mut String, is_between: &mut bool, letter: char) {
    if std::mem::take(is_between) && !key.is_empty() {
        key.push(' ');
    }
    key.push(letter);
}
