//! Historical keys and parents of subjects, for look-ups in the past.

use entities::former_key::Space as Former;

use super::{
    Snapshot,
    index::{Space, fingerprint},
};
use crate::model::{Organization, Page, Record, Territory};

/// A key that a subject no longer has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormerKey {
    /// Kind of the key.
    pub space: Former,
    /// The key as text.
    pub key: String,
    /// Subject that had it.
    pub subject_id: i64,
}

/// Text of a handle or native id as a historical key.
pub fn key_on(platform_id: i64, key: &str) -> String {
    format!("{platform_id}:{key}")
}

impl Snapshot {
    /// Keys that a subject loses with this new state.
    pub fn lost_keys(&self, after: &Record) -> Vec<FormerKey> {
        let (before, retained) = match after {
            Record::Page(after) => match self.page(after.id) {
                Some(before) => (of_page(before), of_page(after)),
                None => return Vec::new(),
            },
            Record::Organization(after) => match self.organization(after.id) {
                Some(before) => (of_organization(before), of_organization(after)),
                None => return Vec::new(),
            },
            Record::Territory(after) => match self.territory(after.id) {
                Some(before) => (of_territory(before), of_territory(after)),
                None => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        let lost = before.into_iter().filter(|key| !retained.contains(key));
        lost.map(|(space, key)| FormerKey { space, key, subject_id: after.id() }).collect()
    }

    /// Adds a historical key.
    pub fn remember(&mut self, former: &FormerKey) {
        let key = fingerprint(Space::Former(former.space), former.key.as_str());
        self.former.set(key, former.subject_id, true);
    }

    /// Subjects that may once have had this key: fingerprints can collide.
    pub(crate) fn former<'a>(&'a self, space: Former, key: &str) -> impl Iterator<Item = i64> + use<'a> {
        self.former.candidates(fingerprint(Space::Former(space), key))
    }
}

type Keys = Vec<(Former, String)>;

fn of_page(page: &Page) -> Keys {
    let on = |key: &str| key_on(page.platform_id, key);
    let mut keys: Keys = Vec::new();
    keys.extend(page.native_id.as_deref().map(|id| (Former::NativeId, on(id))));
    let aliases = page.aliases.iter().map(|alias| &*alias.handle);
    keys.extend(page.handle.as_deref().into_iter().chain(aliases).map(|it| (Former::Handle, on(it))));
    let owners = page.co_owners.iter().chain([&page.owner_id]);
    keys.extend(owners.map(|id| (Former::PageOwner, id.to_string())));
    keys
}

fn of_organization(organization: &Organization) -> Keys {
    let parents = [
        (Former::OrganizationParent, organization.parent_id),
        (Former::Founder, organization.founder_id),
        (Former::OrganizationTerritory, organization.territory_id),
    ];
    parents.into_iter().filter_map(|(space, id)| Some((space, id?.to_string()))).collect()
}

fn of_territory(territory: &Territory) -> Keys {
    territory.parent_id.map(|id| (Former::TerritoryParent, id.to_string())).into_iter().collect()
}
