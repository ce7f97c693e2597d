//! Finding records by their natural keys, whoever asks: what rules and imports need.

use std::sync::Arc;

use super::{
    Client, IdentifierScheme, Organization, Page, Platform, Sector, Snapshot, Table, Territory,
    apply::name_key,
    index::{Space, fingerprint},
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
    platform, platform_by_code, platforms: Platform, PlatformCode;
    organization, organization_by_code, organizations: Organization, OrganizationCode;
}

impl Snapshot {
    /// All pages, by id.
    pub fn pages(&self) -> &Table<Page> {
        &self.pages
    }

    /// Page with this id.
    pub fn page(&self, id: i64) -> Option<&Arc<Page>> {
        self.pages.get(&id)
    }

    /// Page with this native id: the live one, or else the last that had it.
    pub fn page_by_native_id(&self, platform_id: i64, native_id: &str) -> Option<&Arc<Page>> {
        let key = fingerprint(Space::NativeId, (platform_id, native_id));
        self.best_page(key, |page| {
            page.platform_id == platform_id && page.native_id.as_deref() == Some(native_id)
        })
    }

    /// Page with this handle, folded: the live one, or else the last that had it.
    pub fn page_by_handle(&self, platform_id: i64, handle: &str) -> Option<&Arc<Page>> {
        let key = fingerprint(Space::Handle, (platform_id, handle));
        self.best_page(key, |page| page.platform_id == platform_id && page.handle.as_deref() == Some(handle))
    }

    /// Pages of which this is a former or parallel handle, folded.
    pub fn pages_by_alias(&self, platform_id: i64, handle: &str) -> impl Iterator<Item = &Arc<Page>> {
        let candidates = self.index.candidates(fingerprint(Space::Alias, (platform_id, handle)));
        let pages = candidates.filter_map(|id| self.pages.get(&id));
        pages.filter(move |page| {
            page.platform_id == platform_id && page.aliases.iter().any(|alias| &*alias.handle == handle)
        })
    }

    /// Pages whose handle looks like one with this skeleton.
    pub(super) fn pages_by_skeleton(
        &self,
        platform_id: i64,
        skeleton: &str,
    ) -> impl Iterator<Item = &Arc<Page>> {
        let key = fingerprint(Space::Skeleton, (platform_id, skeleton));
        let candidates =
            self.skeletons.may_hold(key).then(|| self.index.candidates(key)).into_iter().flatten();
        candidates.filter_map(|id| self.pages.get(&id)).filter(move |page| page.platform_id == platform_id)
    }

    fn best_page(&self, key: u64, is_it: impl Fn(&Page) -> bool) -> Option<&Arc<Page>> {
        let pages = self.index.candidates(key).filter_map(|id| self.pages.get(&id));
        pages.filter(|page| is_it(page)).max_by_key(|page| (page.is_live(), page.id))
    }

    /// Organizations with this identifier; units share their legal parent's.
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

    /// Organizations that go by this name, in any of their names' spellings.
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

    /// Client whose key has this hash, unless it was revoked.
    pub fn client_by_key_hash(&self, key_hash: &str) -> Option<&Arc<Client>> {
        let candidates = self.index.candidates(fingerprint(Space::ClientKey, key_hash));
        let mut clients = candidates.filter_map(|id| self.clients.get(&id));
        clients.find(|client| &*client.key_hash == key_hash && client.revoked_at.is_none())
    }

    /// All clients, by id.
    pub fn clients(&self) -> &Table<Client> {
        &self.clients
    }
}

impl Snapshot {
    /// First subject in which two snapshots differ, such as `Page 42`.
    pub fn first_difference(&self, other: &Self) -> Option<String> {
        fn differs<T: PartialEq>(kind: &str, left: &Table<T>, right: &Table<T>) -> Option<String> {
            let mut ids = left.keys().chain(right.keys());
            ids.find(|&id| left.get(id) != right.get(id)).map(|id| format!("{kind} {id}"))
        }
        differs("Territory", &self.territories, &other.territories)
            .or_else(|| differs("Sector", &self.sectors, &other.sectors))
            .or_else(|| differs("IdentifierScheme", &self.schemes, &other.schemes))
            .or_else(|| differs("Platform", &self.platforms, &other.platforms))
            .or_else(|| differs("Organization", &self.organizations, &other.organizations))
            .or_else(|| differs("Page", &self.pages, &other.pages))
            .or_else(|| differs("Client", &self.clients, &other.clients))
    }
}
