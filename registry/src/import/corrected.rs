//! Records that a row means although an operator has corrected what identifies them: the corrections endure, and the
//! file's values become proposals.

use entities::{former_key::Space, page_alias::Kind};

use super::{
    identity::Identity,
    matching::is_called,
    organization_codes::has_own_code,
    page_address::{PageKeys, find},
    row::Import,
    row_error::{Code, RowResult, refuse},
};
use crate::{
    model::{Organization, Page},
    provenance::{OrganizationFieldName, PageFieldName, is_pinned},
    snapshot::{Snapshot, historical_keys::key_on},
};

impl Import {
    /// The organization that this source created before with the same generated code, even if its parent could not be
    /// set, or its name or place was corrected since.
    pub(super) fn by_generated_code<'a>(
        &self,
        snapshot: &'a Snapshot,
        identity: &Identity,
    ) -> Option<&'a Organization> {
        use OrganizationFieldName as Field;
        if identity.key().is_some() {
            return None;
        }
        let base = self.generated_code(snapshot, identity);
        let more = (2..).map(|number| format!("{base}-{number}"));
        // A code that was replaced since is still that of the organization, and of no other one.
        let with_code = |code: String| snapshot.organizations_with_code(&code).next();
        let mut candidates = std::iter::once(base.clone()).chain(more).map_while(with_code);
        candidates
            .find(|candidate| {
                let known = self.profile_of(snapshot, candidate);
                let is_corrected = |field: Field| is_pinned(snapshot, field, candidate);
                let is_in = known.territory_id == identity.profile.territory_id;
                let is_of_sector = known.sector == identity.profile.sector;
                // Its parent may have been skipped.
                let is_below = known.parent.is_none()
                    || self.have_same_parent(snapshot, &known, &identity.profile)
                    || is_corrected(Field::Parent);
                candidate.source == self.source
                    && (is_in || is_corrected(Field::Territory))
                    && (is_of_sector || is_corrected(Field::Sector))
                    && is_below
                    && (is_called(candidate, &identity.name) || is_corrected(Field::Name))
            })
            .map(|candidate| &**candidate)
    }

    /// The organization of this source whose code was generated from one of these identifiers, which were corrected
    /// since.
    pub(super) fn by_corrected_identifier<'a>(
        &self,
        snapshot: &'a Snapshot,
        identity: &Identity,
    ) -> Option<&'a Organization> {
        let codes = identity.identifiers.iter().map(|it| format!("{}:{}", it.scheme, it.value));
        let with_code = |code: String| snapshot.organizations_with_code(&code).next();
        let mut candidates = codes.filter_map(with_code).map(|found| &**found);
        candidates.find(|candidate| {
            candidate.source == self.source
                && !has_own_code(candidate)
                && is_pinned(snapshot, OrganizationFieldName::Identifiers, candidate)
        })
    }

    /// The page of a row, and, separately, a holder of the handle that is known to be a different page.
    pub(super) fn find_page<'a>(
        &self,
        snapshot: &'a Snapshot,
        keys: &PageKeys,
    ) -> (Option<&'a Page>, Option<&'a Page>) {
        let (known, displaced) = match find(snapshot, keys) {
            // Another row has the id of the holder of this handle: the row is not about it.
            (Some(holder), _) if self.is_of_another_id(holder, keys) => (None, Some(holder)),
            found => found,
        };
        if known.is_some() {
            return (known, displaced);
        }
        match self.corrected_page(snapshot, keys) {
            // `relocate` finds who loses the handle, if the page may get it.
            Some(found) => (Some(found), None),
            None => (None, displaced),
        }
    }

    /// Whether a page has another id than the row, which another row of the file gives.
    fn is_of_another_id(&self, holder: &Page, keys: &PageKeys) -> bool {
        matches!(
            (&keys.native_id, &holder.native_id),
            (Some(own), Some(known)) if own != known && self.survey.has_id(keys.platform_id, known)
        )
    }

    /// Refuses a row if its page, with pinned keys, would have a key of another live page.
    pub(super) fn check_keys(
        &self,
        snapshot: &Snapshot,
        page: &Page,
        displaced: Option<&Page>,
    ) -> RowResult<()> {
        if page.field_sources.is_empty() || !page.is_live() {
            return Ok(());
        }
        let by_id = page.native_id.as_ref().and_then(|id| snapshot.page_by_native_id(page.platform_id, id));
        let handle = page.handle.as_ref();
        let by_handle = handle.and_then(|handle| snapshot.page_by_handle(page.platform_id, handle));
        let is_other = |it: &Page| {
            it.is_live() && it.id != page.id && displaced.is_none_or(|displaced| displaced.id != it.id)
        };
        match by_id.into_iter().chain(by_handle).find(|it| is_other(it)) {
            Some(other) => refuse(
                Code::DuplicateInRegistry,
                format!("“{}” has the id or the handle of the row's page, which are pinned.", other.title),
                "Archive one of the pages, or correct or unpin the id or the handle.",
            ),
            None => Ok(()),
        }
    }

    /// The live page of this source that had the row's id or handle until it was corrected.
    fn corrected_page<'a>(&self, snapshot: &'a Snapshot, keys: &PageKeys) -> Option<&'a Page> {
        let is_own = |page: &&Page| page.source == self.source && page.is_live();
        let former_id = keys.native_id.as_ref().map(|id| key_on(keys.platform_id, id));
        let by_id = former_id.iter().flat_map(|key| snapshot.former(Space::NativeId, key));
        let by_id = by_id.filter_map(|id| snapshot.page(id)).map(|page| &**page);
        let mut by_id = by_id.filter(is_own).filter(|page| page.platform_id == keys.platform_id);
        if let Some(found) = by_id.find(|page| is_pinned(snapshot, PageFieldName::NativeId, page)) {
            return Some(found);
        }
        let handle = keys.handle.as_deref()?;
        let had_it = |page: &Page| {
            page.aliases.iter().any(|alias| *alias.handle == *handle && alias.kind == Kind::Former)
        };
        // Another id is another page's, also if only another row of the file gives it.
        let may_be = |page: &Page| match (&keys.native_id, &page.native_id, &page.handle) {
            (Some(given), Some(known), _) => given == known,
            (Some(given), None, Some(now)) => {
                self.survey.ids_at(keys.platform_id, now).all(|claimed| *claimed == **given)
            }
            _ => true,
        };
        let pages = snapshot.pages_by_alias(keys.platform_id, handle).map(|page| &**page).filter(is_own);
        let mut renamed = pages.filter(|page| is_pinned(snapshot, PageFieldName::Handle, page));
        renamed.find(|page| had_it(page) && may_be(page))
    }
}
