//! Lines of public records, the canonical text that digests are computed from.
//!
//! A line has the state of a record as everyone sees it in the API and in exports. It depends on the record, on the address
//! rules of its platform, and on the public codes of the organizations that it names. Where these codes change, the change
//! log restates the record (`change_log/restated.rs`), so that followers of the log can compute the same line.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use entities::change::SubjectType;

use super::{
    Snapshot,
    digest::{Hashes, Line, LineHash},
    facet::member_text,
    sets::bit,
};
use crate::{
    global_id,
    model::{Organization, Page},
};

/// Code of an organization that is public.
type CodeOf<'a> = dyn Fn(i64) -> Option<&'a str> + 'a;

impl Snapshot {
    /// Hash of a page's line.
    pub(crate) fn page_hash(&self, page: &Page, code_of: &CodeOf<'_>) -> LineHash {
        let rules = self.address_book().platform(page.platform_id);
        let url =
            rules.and_then(|rules| rules.canonical_url(page.native_id.as_deref(), page.handle.as_deref()));
        Line::new(&global_id::encode(SubjectType::Page.name(), page.id))
            .optional(self.platform(page.platform_id).map(|platform| &*platform.code))
            .optional(page.native_id.as_deref())
            .optional(page.handle.as_deref())
            .list(page.aliases.iter().map(|alias| &*alias.handle))
            .optional(url)
            .field(&page.title)
            .optional(page.page_type.as_deref())
            .optional(code_of(page.owner_id))
            .list(page.co_owners.iter().filter_map(|id| code_of(*id)))
            .optional(page.office_title.as_deref())
            .list(page.languages.iter().map(|language| &**language))
            .optional(page.category.map(|category| member_text(&category)))
            .field(&member_text(&page.lifecycle))
            .field(&member_text(&page.availability))
            .field(&member_text(&page.mark.state))
            .optional(page.mark.method.as_deref())
            .optional(page.mark.at.map(timestamp))
            .field(&member_text(&page.widget))
            .optional(page.registered_at.map(timestamp))
            .optional(page.valid_from.map(|day| day.to_string()))
            .field(&page.source)
            .field(&timestamp(page.updated_at))
            .hash()
    }

    /// Hash of an organization's line.
    pub(crate) fn organization_hash(&self, organization: &Organization, code_of: &CodeOf<'_>) -> LineHash {
        let territory = organization.territory_id.and_then(|id| self.territory(id));
        let identifiers = organization.identifiers.iter().map(|it| format!("{} {}", it.scheme, it.value));
        Line::new(&global_id::encode(SubjectType::Organization.name(), organization.id))
            .field(&member_text(&organization.kind))
            .field(&organization.code)
            .field(&organization.name)
            .optional(organization.short_name.as_deref())
            .optional(organization.authority_level().map(|level| member_text(&level)))
            .optional(organization.authority_branch().map(|branch| member_text(&branch)))
            .optional(organization.institution_sector())
            .optional(territory.map(|territory| &*territory.code))
            .optional(organization.parent_id.and_then(code_of))
            .optional(organization.website.as_deref())
            .field(&member_text(&organization.status))
            .list(organization.successors.iter().filter_map(|id| code_of(*id)))
            .list(identifiers)
            .optional(organization.valid_from.map(|day| day.to_string()))
            .optional(organization.valid_to.map(|day| day.to_string()))
            .field(&organization.source)
            .field(&timestamp(organization.created_at))
            .field(&timestamp(organization.updated_at))
            .hash()
    }

    /// Code of an organization, if it is public.
    pub(crate) fn public_code(&self, id: i64) -> Option<&str> {
        self.organizations.get(&id)?.public_code()
    }

    /// Hashes of all public pages and of all public organizations.
    pub(super) fn public_hashes(&self) -> (Hashes, Hashes) {
        let code_of = |id| self.public_code(id);
        let pages = self.public_pages.iter().filter_map(|id| self.pages.get(&i64::from(id)));
        let pages = pages.map(|page| (bit(page.id), self.page_hash(page, &code_of)));
        let organizations = self.organizations.values().filter(|organization| organization.is_public());
        let organizations = organizations.map(|it| (bit(it.id), self.organization_hash(it, &code_of)));
        (pages.collect(), organizations.collect())
    }

    /// Whether it keeps the hashes up to date.
    pub(super) fn keeps_hashes(&self) -> bool {
        self.derived.is_some() && !self.counts_only
    }

    /// Updates the hash of a page.
    pub(super) fn rehash_page(&mut self, page: &Page) {
        if !self.keeps_hashes() {
            return;
        }
        let hash = self.is_shown(page.id).then(|| self.page_hash(page, &|id| self.public_code(id)));
        if let Some(derived) = &mut self.derived {
            set(&mut derived.page_hashes, bit(page.id), hash);
        }
    }

    /// Updates the hash of an organization.
    pub(super) fn rehash_organization(&mut self, organization: &Organization) {
        if !self.keeps_hashes() {
            return;
        }
        let is_public = organization.is_public();
        let hash = is_public.then(|| self.organization_hash(organization, &|id| self.public_code(id)));
        if let Some(derived) = &mut self.derived {
            set(&mut derived.organization_hashes, bit(organization.id), hash);
        }
    }

    /// Updates the hashes of all records that name an organization.
    pub(super) fn rehash_naming(&mut self, organization_id: i64) {
        let pages: Vec<Arc<Page>> = self.pages_of(organization_id).cloned().collect();
        let organizations: Vec<_> = self.organizations_referring_to(organization_id).cloned().collect();
        pages.iter().for_each(|page| self.rehash_page(page));
        organizations.iter().for_each(|organization| self.rehash_organization(organization));
    }

    /// Updates the hashes of all pages on a platform.
    pub(super) fn rehash_pages_on(&mut self, platform_id: i64) {
        let shown = self.public_pages.iter().filter_map(|id| self.pages.get(&i64::from(id)));
        let pages: Vec<_> = shown.filter(|page| page.platform_id == platform_id).cloned().collect();
        pages.iter().for_each(|page| self.rehash_page(page));
    }
}

fn set(hashes: &mut Hashes, id: u32, hash: Option<LineHash>) {
    match hash {
        Some(hash) => _ = hashes.insert(id, hash),
        None => _ = hashes.remove(&id),
    }
}

/// A timestamp in whole seconds: `2026-11-22T07:06:00Z`.
fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
