//! Look-ups by natural key, regardless of visibility, for rules and imports.

use std::sync::Arc;

use entities::change::SubjectType;

use super::{
    Snapshot, Table,
    apply::name_key,
    index::{Space, fingerprint},
    sets::bit,
};
use crate::model::{
    Abbreviation, Client, ClientKey, Exemption, Figures, IdentifierScheme, Indicator, Methodology,
    ObligationRule, Organization, Pack, Page, Platform, Rating, Record, Sector, Territory,
};

/// Look-ups by id and by code, and the whole table, for each table that has codes.
macro_rules! tables_with_codes {
    ($($by_id:ident, $by_code:ident, $all:ident: $record:ty, $space:ident;)+) => {
        #[allow(missing_docs)]
        impl Snapshot {
            $(
                pub fn $by_id(&self, id: i64) -> Option<&Arc<$record>> {
                    self.$all.get(&id)
                }

                pub fn $by_code(&self, code: &str) -> Option<&Arc<$record>> {
                    let candidates = self.index.candidates(fingerprint(Space::$space, code));
                    candidates.filter_map(|id| self.$all.get(&id)).find(|record| &*record.code == code)
                }

                pub fn $all(&self) -> &Table<$record> {
                    &self.$all
                }
            )+
        }
    };
}

tables_with_codes! {
    territory, territory_by_code, territories: Territory, TerritoryCode;
    sector, sector_by_code, sectors: Sector, SectorCode;
    scheme, scheme_by_code, schemes: IdentifierScheme, SchemeCode;
    organization, organization_by_code, organizations: Organization, OrganizationCode;
    obligation_rule, obligation_rule_by_code, obligation_rules: ObligationRule, RuleCode;
    abbreviation, abbreviation_by_code, abbreviations: Abbreviation, AbbreviationCode;
    indicator, indicator_by_code, indicators: Indicator, IndicatorCode;
    methodology, methodology_by_code, methodologies: Methodology, MethodologyCode;
}

impl Snapshot {
    /// All platforms, by id.
    pub fn platforms(&self) -> &Table<Platform> {
        &self.platforms
    }

    /// Platform with this id.
    pub fn platform(&self, id: i64) -> Option<&Arc<Platform>> {
        self.platforms.get(&id)
    }

    /// Platform with this code. There are only tens of them: a scan is faster than the index.
    pub fn platform_by_code(&self, code: &str) -> Option<&Arc<Platform>> {
        self.platforms.values().find(|platform| &*platform.code == code)
    }

    /// All pages, by id.
    pub fn pages(&self) -> &Table<Page> {
        &self.pages
    }

    /// Page with this id.
    pub fn page(&self, id: i64) -> Option<&Arc<Page>> {
        self.pages.get(&id)
    }

    /// Page with this native id: the live one, or else the newest.
    pub fn page_by_native_id(&self, platform_id: i64, native_id: &str) -> Option<&Arc<Page>> {
        let key = fingerprint(Space::NativeId, (platform_id, native_id));
        self.best_page(key, |page| {
            page.platform_id == platform_id && page.native_id.as_deref() == Some(native_id)
        })
    }

    /// Page with this folded handle: the live one, or else the newest.
    pub fn page_by_handle(&self, platform_id: i64, handle: &str) -> Option<&Arc<Page>> {
        let key = fingerprint(Space::Handle, (platform_id, handle));
        self.best_page(key, |page| page.platform_id == platform_id && page.handle.as_deref() == Some(handle))
    }

    /// Pages with this folded handle as an alias (former or parallel handle).
    pub fn pages_by_alias(&self, platform_id: i64, handle: &str) -> impl Iterator<Item = &Arc<Page>> {
        let candidates = self.index.candidates(fingerprint(Space::Alias, (platform_id, handle)));
        let pages = candidates.filter_map(|id| self.pages.get(&id));
        pages.filter(move |page| {
            page.platform_id == platform_id && page.aliases.iter().any(|alias| &*alias.handle == handle)
        })
    }

    /// Pages that may have a handle with this skeleton: fingerprints can collide.
    pub(crate) fn pages_by_skeleton(
        &self,
        platform_id: i64,
        skeleton: &str,
    ) -> impl Iterator<Item = &Arc<Page>> {
        let key = fingerprint(Space::Skeleton, (platform_id, skeleton));
        let candidates =
            self.skeletons.may_contain(key).then(|| self.index.candidates(key)).into_iter().flatten();
        candidates.filter_map(|id| self.pages.get(&id)).filter(move |page| page.platform_id == platform_id)
    }

    /// Pages that may have this key: fingerprints can collide.
    pub(crate) fn pages_with<'a>(
        &'a self,
        space: Space,
        platform_id: i64,
        key: &str,
    ) -> impl Iterator<Item = i64> + use<'a> {
        self.index.candidates(fingerprint(space, (platform_id, key)))
    }

    fn best_page(&self, key: u64, is_it: impl Fn(&Page) -> bool) -> Option<&Arc<Page>> {
        let pages = self.index.candidates(key).filter_map(|id| self.pages.get(&id));
        pages.filter(|page| is_it(page)).max_by_key(|page| (page.is_live(), page.id))
    }

    /// Organizations with this code as the present or a former one, by id: at most one, unless they were written before
    /// former codes were recorded.
    pub fn organizations_with_code(&self, code: &str) -> impl Iterator<Item = &Arc<Organization>> {
        let candidates = self.index.candidates(fingerprint(Space::OrganizationCode, code));
        candidates.filter_map(|id| self.organizations.get(&id)).filter(move |it| it.has_code(code))
    }

    /// Organizations with this identifier; units share that of their legal parent.
    pub fn organizations_by_identifier(
        &self,
        scheme: &str,
        value: &str,
    ) -> impl Iterator<Item = &Arc<Organization>> {
        let candidates = self.index.candidates(fingerprint(Space::Identifier, (scheme, value)));
        candidates.filter_map(|id| self.organizations.get(&id)).filter(move |organization| {
            organization.identifiers.iter().any(|it| &*it.scheme == scheme && &*it.value == value)
        })
    }

    /// Organizations with this name among all their names, normalized by `name_key`.
    pub fn organizations_by_name(&self, name: &str) -> impl Iterator<Item = &Arc<Organization>> {
        let wanted = name_key(name);
        let candidates = self.index.candidates(fingerprint(Space::OrganizationName, wanted.as_str()));
        candidates
            .filter_map(|id| self.organizations.get(&id))
            .filter(move |organization| organization.names().any(|name| name_key(name) == wanted))
    }

    /// Client with this name.
    pub fn client_by_name(&self, name: &str) -> Option<&Arc<Client>> {
        let candidates = self.index.candidates(fingerprint(Space::ClientName, name));
        candidates.filter_map(|id| self.clients.get(&id)).find(|client| &*client.name == name)
    }

    /// Client with a key of this hash, and the key: either may be revoked, and the key may be expired.
    pub fn client_by_key_hash(&self, key_hash: &str) -> Option<(&Arc<Client>, &ClientKey)> {
        let candidates = self.index.candidates(fingerprint(Space::ClientKey, key_hash));
        let mut clients = candidates.filter_map(|id| self.clients.get(&id));
        clients.find_map(|client| {
            let key = client.keys.iter().find(|key| &*key.key_hash == key_hash)?;
            Some((client, key))
        })
    }

    /// Pages that an organization owns or co-owns.
    pub fn pages_of(&self, organization_id: i64) -> impl Iterator<Item = &Arc<Page>> {
        self.owned_pages.ids(organization_id).filter_map(|id| self.pages.get(&id))
    }

    /// Number of levels below an organization; at most `most`.
    pub fn height_of_organization(&self, id: i64, most: usize) -> usize {
        height(vec![id], |id| self.organization_children.ids(id).collect(), most)
    }

    /// Number of levels below a territory; at most `most`.
    pub fn height_of_territory(&self, id: i64, most: usize) -> usize {
        height(vec![id], |id| self.territory_children.ids(id).collect(), most)
    }

    /// Organizations that name this one as their parent, founder or successor.
    pub fn organizations_referring_to(&self, id: i64) -> impl Iterator<Item = &Arc<Organization>> {
        let below = self.organization_children.ids(id).chain(self.founded.ids(id));
        below.chain(self.predecessors.ids(id)).filter_map(|id| self.organizations.get(&id))
    }

    /// Whether the page with this id is public.
    pub fn is_shown(&self, page_id: i64) -> bool {
        self.public_pages.contains(bit(page_id))
    }

    /// Hidden pages with statistics; sums exclude them.
    pub fn hidden_pages_with_figures(&self) -> Vec<i64> {
        let with_figures = self.figures.keys().copied();
        with_figures.filter(|id| !self.public_pages.contains(*id)).map(i64::from).collect()
    }

    /// Whether the subject of this record is public in this snapshot.
    pub fn is_public(&self, record: &Record) -> bool {
        let id = record.id();
        match record {
            Record::Exemption(_) => self
                .exemptions
                .get(&id)
                .is_some_and(|known| self.public_organizations.contains(bit(known.organization_id))),
            // `pages` does not count hidden pages.
            Record::Statistics(batch) => batch.pages > 0,
            _ => self.shows(record.subject_type(), id),
        }
    }

    /// Whether the subject is public now.
    pub fn shows(&self, subject_type: SubjectType, id: i64) -> bool {
        match subject_type {
            SubjectType::Page => self.is_shown(id),
            SubjectType::Organization => self.public_organizations.contains(bit(id)),
            SubjectType::Client | SubjectType::ImportJob | SubjectType::Proposal => false,
            _ => true,
        }
    }

    /// Territory of a record, by its own links.
    pub fn territory_of(&self, record: &Record) -> Option<i64> {
        match record {
            Record::Territory(territory) => Some(territory.id),
            Record::Organization(organization) => organization.territory_id,
            Record::Page(page) => self.organization(page.owner_id)?.territory_id,
            Record::Exemption(exemption) => self.organization(exemption.organization_id)?.territory_id,
            Record::Proposal(proposal) => self.territory_of_proposal(proposal),
            _ => None,
        }
    }

    /// Territory of a record's subject in this snapshot.
    pub fn territory_of_subject(&self, record: &Record) -> Option<i64> {
        match record {
            Record::Organization(record) => self.organization(record.id)?.territory_id,
            Record::Page(record) => self.organization(self.page(record.id)?.owner_id)?.territory_id,
            _ => None,
        }
    }

    /// All exemptions, by id.
    pub fn exemptions(&self) -> &Table<Exemption> {
        &self.exemptions
    }

    /// Exemptions of an organization.
    pub fn exemptions_of(&self, organization_id: i64) -> impl Iterator<Item = &Arc<Exemption>> {
        self.organization_exemptions.ids(organization_id).filter_map(|id| self.exemptions.get(&id))
    }

    /// Latest statistics of a page.
    pub fn figures(&self, page_id: i64) -> Option<&Figures> {
        self.figures.get(&u32::try_from(page_id).ok()?)
    }

    /// Published rating with this id.
    pub fn rating(&self, id: i64) -> Option<&Arc<Rating>> {
        self.ratings.get(&id)
    }

    /// All published ratings, by id.
    pub fn ratings(&self) -> &Table<Rating> {
        &self.ratings
    }

    /// All packs that were loaded, by id.
    pub fn packs(&self) -> &Table<Pack> {
        &self.packs
    }

    /// All clients, by id.
    pub fn clients(&self) -> &Table<Client> {
        &self.clients
    }
}

/// Number of levels below these nodes; at most `most`.
fn height(mut level: Vec<i64>, children: impl Fn(i64) -> Vec<i64>, most: usize) -> usize {
    for steps in 0..most {
        level = level.into_iter().flat_map(&children).collect();
        if level.is_empty() {
            return steps;
        }
    }
    most
}
