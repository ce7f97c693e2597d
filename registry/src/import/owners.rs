//! `--full`: removing owners that the source no longer names for its pages.

use entities::page::Lifecycle;

use super::row::Import;
use crate::{change_log::ChangeSet, model::Page, snapshot::Snapshot};

/// Reason in the change log.
const REASON: &str = "no longer its owner in its source";

impl Import {
    /// New states of this source's pages without the owners that no row of the file names.
    pub(super) fn former_owners(&self, snapshot: &Snapshot) -> Vec<Page> {
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
                let mut page = Page { owner_id, ..Page::clone(page) };
                page.co_owners.retain(|owner| is_named(owner) && *owner != owner_id);
                Some(page)
            })
            .collect();
        pages.sort_by_key(|page| page.id);
        pages
    }

    /// Writes the pages of `former_owners`.
    pub(super) fn put_owners(change_set: &mut ChangeSet, pages: Vec<Page>) -> anyhow::Result<()> {
        for page in pages {
            change_set.upsert(page, Some(REASON))?;
        }
        Ok(())
    }
}
