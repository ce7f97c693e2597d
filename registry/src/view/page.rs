//! Pages as a viewer sees them.

use std::{collections::BTreeSet, ops::Deref};

use entities::{former_key::Space as Former, page_alias::Kind};
use roaring::RoaringBitmap;

use super::{OrganizationView, View};
use crate::{
    address::Key,
    model::{Alias, Figures, Page},
    snapshot::{historical_keys::key_on, index::Space, sets::bit},
};

/// Statistics are looked up page by page when fewer than 1/16 of the pages with statistics are requested.
const LOOKED_UP: u64 = 16;

/// A page as a viewer sees it.
#[derive(Clone, Copy)]
pub struct PageView<'a> {
    pub(crate) view: &'a View,
    pub(crate) record: &'a Page,
}

/// A page found by a former or parallel handle.
pub struct AliasMatch<'a> {
    /// Page that has or had the handle.
    pub page: PageView<'a>,
    /// The handle and its validity.
    pub alias: &'a Alias,
}

impl View {
    /// Page with this id, if the viewer may see it.
    pub fn page(&self, id: i64) -> Option<PageView<'_>> {
        self.see_page(self.page_record(id)?)
    }

    /// Page with this key, if the viewer may see it.
    pub fn page_by_key(&self, platform_id: i64, key: &Key) -> Option<PageView<'_>> {
        match key {
            Key::NativeId(native_id) => self.page_by_native_id(platform_id, native_id),
            Key::Handle(handle) => self.page_by_handle(platform_id, handle),
        }
    }

    /// Page with this native id, as the platform writes it, if the viewer may see it.
    pub fn page_by_native_id(&self, platform_id: i64, native_id: &str) -> Option<PageView<'_>> {
        let has_it =
            |page: &Page| page.platform_id == platform_id && page.native_id.as_deref() == Some(native_id);
        let now = || self.snapshot.pages_with(Space::NativeId, platform_id, native_id);
        if self.as_of.is_none() {
            let best = self.snapshot.page_by_native_id(platform_id, native_id)?;
            return self.see_page(best).or_else(|| self.best_of(now(), has_it));
        }
        let former = self.snapshot.former(Former::NativeId, &key_on(platform_id, native_id));
        self.best_of(now().chain(former), has_it)
    }

    /// Ids of the pages with one of these native ids, on any platform, that the viewer may see.
    pub fn pages_with_native_ids<'n>(&self, native_ids: impl Iterator<Item = &'n str>) -> Vec<u32> {
        let mut found = Vec::new();
        for native_id in native_ids {
            for platform_id in self.snapshot.platforms().keys().copied() {
                let now = self.snapshot.pages_with(Space::NativeId, platform_id, native_id);
                let key = key_on(platform_id, native_id);
                let former = self.as_of.is_some().then(|| self.snapshot.former(Former::NativeId, &key));
                let pages = now.chain(former.into_iter().flatten()).filter_map(|id| self.page(id));
                let has_it = |page: &PageView<'_>| {
                    page.platform_id == platform_id && page.native_id.as_deref() == Some(native_id)
                };
                found.extend(pages.filter(has_it).map(|page| bit(page.id)));
            }
        }
        found
    }

    /// Page with this folded handle, if the viewer may see it; not one that had it before.
    pub fn page_by_handle(&self, platform_id: i64, handle: &str) -> Option<PageView<'_>> {
        let has_it = |page: &Page| page.platform_id == platform_id && page.handle.as_deref() == Some(handle);
        if self.as_of.is_none() {
            let best = self.snapshot.page_by_handle(platform_id, handle)?;
            let others = || self.snapshot.pages_with(Space::Handle, platform_id, handle);
            return self.see_page(best).or_else(|| self.best_of(others(), has_it));
        }
        self.best_of(self.once_with(platform_id, handle), has_it)
    }

    /// Pages that have this handle now or had it at any time.
    fn once_with<'a>(&'a self, platform_id: i64, handle: &'a str) -> impl Iterator<Item = i64> + 'a {
        let now = self.snapshot.pages_with(Space::Handle, platform_id, handle);
        let aliases = self.snapshot.pages_with(Space::Alias, platform_id, handle);
        let former = self.snapshot.former(Former::Handle, &key_on(platform_id, handle));
        let ids: BTreeSet<i64> = now.chain(aliases).chain(former).collect();
        ids.into_iter()
    }

    /// The live page among those that the viewer may see, otherwise the newest one. Hidden pages are skipped.
    fn best_of(&self, ids: impl Iterator<Item = i64>, is_it: impl Fn(&Page) -> bool) -> Option<PageView<'_>> {
        // All candidates are read first, so that all missing states are loaded in one round.
        let records: Vec<_> = ids.filter_map(|id| self.page_record(id)).collect();
        let seen = records.into_iter().filter(|page| is_it(page)).filter_map(|page| self.see_page(page));
        seen.max_by_key(|page| (page.record.is_live(), page.record.id))
    }

    /// Page with this parallel handle, otherwise one that had the handle before.
    pub fn page_by_alias(&self, platform_id: i64, handle: &str) -> Option<AliasMatch<'_>> {
        let pages: Vec<_> = if self.as_of.is_none() {
            self.snapshot.pages_by_alias(platform_id, handle).filter_map(|page| self.see_page(page)).collect()
        } else {
            self.once_with(platform_id, handle).filter_map(|id| self.page(id)).collect()
        };
        let matches =
            pages.into_iter().filter(|page| page.record.platform_id == platform_id).filter_map(|page| {
                let alias = page.record.aliases.iter().find(|alias| &*alias.handle == handle)?;
                Some(AliasMatch { page, alias })
            });
        matches
            .max_by_key(|found| (found.alias.kind == Kind::Parallel, found.alias.until, found.page.record.id))
    }

    pub(crate) fn see_page<'a>(&'a self, record: &'a Page) -> Option<PageView<'a>> {
        let is_visible = match &self.as_of {
            None => self.snapshot.is_shown(record.id) || self.reviews_page(record),
            Some(_) => {
                (record.is_public() || self.reviews_page(record))
                    && self.organization(record.owner_id).is_some()
            }
        };
        is_visible.then_some(PageView { view: self, record })
    }
}

impl<'a> PageView<'a> {
    /// Code of the platform that the page is on.
    pub fn platform_code(&self) -> &'a str {
        let platform = self.view.snapshot.platform(self.record.platform_id);
        &platform.expect("a page's platform is never removed").code
    }

    /// Owner of the page.
    pub fn owner(&self) -> OrganizationView<'a> {
        self.view.organization(self.record.owner_id).expect("a page is visible only where its owner is")
    }

    /// The view that contains the page.
    pub fn view(&self) -> &'a View {
        self.view
    }

    /// Latest statistics of the page; `None` in views of the past.
    pub fn figures(&self) -> Option<&'a Figures> {
        self.view.snapshot.figures(self.record.id).filter(|_| self.view.as_of.is_none())
    }

    /// Co-owners of the page.
    pub fn co_owners(&self) -> Vec<OrganizationView<'a>> {
        self.record.co_owners.iter().filter_map(|id| self.view.organization(*id)).collect()
    }
}

impl View {
    /// Sum of the latest subscribers of these pages, and number of pages that have any; zeros in views of the
    /// past.
    pub fn subscribers(&self, pages: &RoaringBitmap) -> (u64, u64) {
        let known = &self.snapshot.figures;
        if self.as_of.is_some() {
            return (0, 0);
        }
        let add = |(sum, counted): (u64, u64), figures: &Figures| match figures.subscribers {
            Some(subscribers) => (sum + u64::from(subscribers), counted + 1),
            None => (sum, counted),
        };
        if pages.len() < known.len() as u64 / LOOKED_UP {
            return pages.iter().filter_map(|id| known.get(&id)).fold((0, 0), add);
        }
        // Both are sorted by id: for many pages, a merge join is faster than separate lookups.
        let mut wanted = pages.iter().peekable();
        let found = known.iter().filter_map(|(id, figures)| {
            while wanted.next_if(|page| page < id).is_some() {}
            wanted.next_if_eq(id).map(|_| figures)
        });
        found.fold((0, 0), add)
    }
}

impl Deref for PageView<'_> {
    type Target = Page;

    fn deref(&self) -> &Page {
        self.record
    }
}
