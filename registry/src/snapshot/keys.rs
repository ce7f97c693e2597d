//! Keys and links by which organizations and pages are found.

use super::{
    Snapshot,
    apply::name_key,
    confusables::skeletons,
    index::{Space, fingerprint},
};
use crate::model::{Organization, Page};

impl Snapshot {
    /// Adds or removes the keys and links of an organization.
    pub(super) fn index_organization(&mut self, organization: &Organization, is_in: bool) {
        let id = organization.id;
        if !self.counts_only {
            self.index_keys(&organization_keys(organization), id, is_in);
        }
        for (children, parent) in [
            (&mut self.organization_children, organization.parent_id),
            (&mut self.founded, organization.founder_id),
            (&mut self.territory_organizations, organization.territory_id),
        ] {
            if let Some(parent) = parent {
                children.set(parent, id, is_in);
            }
        }
        for successor in &organization.successors {
            self.predecessors.set(*successor, id, is_in);
        }
    }

    /// Adds or removes the keys and links of a page.
    pub(super) fn index_page(&mut self, page: &Page, is_in: bool) {
        if !self.counts_only {
            let keys = self.keys_of_page(page);
            self.index_keys(&keys, page.id, is_in);
        }
        for owner in page.co_owners.iter().chain([&page.owner_id]) {
            self.owned_pages.set(*owner, page.id, is_in);
        }
    }

    fn keys_of_page(&mut self, page: &Page) -> Vec<u64> {
        let platform = page.platform_id;
        let mut keys = Vec::with_capacity(4 + page.aliases.len());
        keys.extend(page.native_id.as_ref().map(|id| fingerprint(Space::NativeId, (platform, id))));
        if let Some(handle) = &page.handle {
            keys.push(fingerprint(Space::Handle, (platform, handle)));
            for alike in skeletons(handle) {
                let alike = fingerprint(Space::Skeleton, (platform, alike.as_str()));
                self.skeletons.insert(alike);
                keys.push(alike);
            }
        }
        keys.extend(page.aliases.iter().map(|alias| fingerprint(Space::Alias, (platform, &alias.handle))));
        keys
    }

    fn index_keys(&mut self, keys: &[u64], id: i64, is_in: bool) {
        for key in keys {
            self.index.set(*key, id, is_in);
        }
    }
}

fn organization_keys(organization: &Organization) -> Vec<u64> {
    let mut keys = vec![fingerprint(Space::OrganizationCode, &organization.code)];
    let former = organization.former_codes.iter();
    keys.extend(former.map(|code| fingerprint(Space::OrganizationCode, code)));
    keys.extend(organization.names().map(|name| fingerprint(Space::OrganizationName, name_key(name))));
    let identifiers = organization.identifiers.iter();
    keys.extend(identifiers.map(|it| fingerprint(Space::Identifier, (&it.scheme, &it.value))));
    keys
}
