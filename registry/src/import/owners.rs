//! Co-owners that rows name; and, with `--full`, removing owners that the source no longer names for its pages.

use entities::page::Lifecycle;

use super::{
    cell,
    file::Row,
    mapping::PageMapping,
    page_mark::lose_mark,
    row::Import,
    row_error::{Code, RowResult, refuse},
};
use crate::{
    change_log::ChangeSet,
    model::Page,
    provenance::PageFieldName,
    snapshot::{Snapshot, member_text},
};

/// Reason in the change log.
const REASON: &str = "no longer its owner in its source";

impl Import {
    /// Refuses a row of a page that is not registered, according to its own column: an import only registers pages.
    pub(super) fn is_registered(&self, row: &Row, mapping: &PageMapping) -> RowResult<()> {
        let lifecycle = self.member::<Lifecycle>(row, "lifecycle", &mapping.lifecycle)?;
        match lifecycle.filter(|lifecycle| *lifecycle != Lifecycle::Registered) {
            None => Ok(()),
            Some(other) => {
                let text = format!(
                    "The page is {}; only pages that are REGISTERED are imported.",
                    member_text(&other)
                );
                refuse(Code::BadValue, text, "Leave the row out.")
            }
        }
    }

    /// Ids of the co-owners that a row names, and the codes that no organization has.
    pub(super) fn co_owners(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &PageMapping,
    ) -> (Vec<i64>, Vec<String>) {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for code in mapping.co_owners.iter().flat_map(|value| value.list(row, &self.columns)) {
            let code = cell::unspoilt_code(&code);
            match self.meant(snapshot, &code) {
                Some(organization) => known.push(organization.id),
                None => unknown.push(code),
            }
        }
        (known, unknown)
    }

    /// Adds the co-owners that a row names, and returns their ids. Unknown ones are skipped with a warning.
    pub(super) fn add_co_owners(
        &mut self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &PageMapping,
        page: &mut Page,
    ) -> Vec<i64> {
        let (known, unknown) = self.co_owners(snapshot, row, mapping);
        for id in &known {
            if *id != page.owner_id && !page.co_owners.contains(id) {
                page.co_owners.push(*id);
            }
        }
        page.co_owners.sort_unstable();
        for code in unknown {
            let text =
                format!("There is no organization `{code}`; “{}” was imported without it.", page.title);
            self.warn(Code::ParentNotFound, text, "Import the organization first, and then the page again.");
        }
        known
    }

    /// New states of this source's pages without the owners that no row of the file names.
    pub(super) fn former_owners(&mut self, snapshot: &Snapshot) -> Vec<Page> {
        let mut all_held = Vec::new();
        let seen = self.seen_pages.iter().filter(|(id, _)| !self.doubtful_pages.contains(id));
        let mut pages: Vec<Page> = seen
            .filter_map(|(id, seen)| {
                let page = snapshot.page(*id).filter(|page| *page.source == *self.source)?;
                // Owners that have ended are replaced by their successors.
                let owners: Vec<i64> = seen.owners.iter().map(|id| snapshot.takes_pages_of(*id)).collect();
                let is_named = |owner: &i64| owners.contains(owner);
                let are_all = is_named(&page.owner_id) && page.co_owners.iter().all(is_named);
                if are_all || page.lifecycle != Lifecycle::Registered {
                    return None;
                }
                let owner_id = if is_named(&page.owner_id) { page.owner_id } else { *owners.first()? };
                let mut incoming = Page { owner_id, ..Page::clone(page) };
                incoming.co_owners.retain(|owner| is_named(owner) && *owner != owner_id);
                let at = (snapshot, page.updated_at);
                let (merged, held) = self.merged::<PageFieldName>(at, page, &incoming, &[]);
                all_held.push(held);
                (merged != **page).then_some(merged)
            })
            .collect();
        all_held.into_iter().for_each(|held| self.pinned.note(held));
        pages.sort_by_key(|page| page.id);
        pages
    }

    /// Writes the pages of `former_owners`, except those that have changed since.
    pub(super) fn put_owners(change_set: &mut ChangeSet, pages: Vec<Page>) -> anyhow::Result<()> {
        for mut page in pages {
            let known = change_set.snapshot().page(page.id).filter(|it| it.updated_at == page.updated_at);
            let Some(known) = known.cloned() else { continue };
            lose_mark(change_set, &known, &mut page);
            change_set.upsert(page, Some(REASON))?;
        }
        Ok(())
    }
}
