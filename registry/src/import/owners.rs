//! `--full`: owners whom a source no longer names for its pages.

use entities::page::Lifecycle;

use super::row::Import;
use crate::{change_log::ChangeSet, model::Page, snapshot::Snapshot};

/// Why a page changes its owners.
const REASON: &str = "no longer its owner in its source";

impl Import {
    /// Pages of this source with owners that no row of the whole file names, as they are without them.
    pub(super) fn former_owners(&self, snapshot: &Snapshot) -> Vec<Page> {
        let seen = self.seen_pages.iter().filter(|(id, _)| !self.doubtful_pages.contains(id));
        let mut pages: Vec<Page> = seen
            .filter_map(|(id, seen)| {
                let page = snapshot.page(*id).filter(|page| *page.source == *self.source)?;
                // Those whom the file says to have ended have handed the page over.
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

    /// Writes them.
    pub(super) fn put_owners(change_set: &mut ChangeSet, pages: Vec<Page>) -> anyhow::Result<()> {
        for page in pages {
            change_set.put(page, Some(REASON))?;
        }
        Ok(())
    }
}
