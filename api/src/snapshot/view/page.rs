//! Pages as a viewer sees them.

use std::ops::Deref;

use entities::page_alias::Kind;

use super::{OrganizationView, View, Viewer};
use crate::{
    address::Key,
    snapshot::{Alias, Page},
};

/// A page as a viewer sees it.
#[derive(Clone, Copy)]
pub struct PageView<'a> {
    pub(super) view: &'a View,
    pub(super) record: &'a Page,
}

/// A page found by a handle that is not its own current one.
pub struct AliasMatch<'a> {
    /// Page that has or had the handle.
    pub page: PageView<'a>,
    /// The handle and when it led to the page.
    pub alias: &'a Alias,
}

impl View {
    /// Page with this id, if the viewer may see it.
    pub fn page(&self, id: i64) -> Option<PageView<'_>> {
        self.see_page(self.snapshot.page(id)?)
    }

    /// Page with this key, if the viewer may see it.
    pub fn page_by_key(&self, platform_id: i64, key: &Key) -> Option<PageView<'_>> {
        let record = match key {
            Key::NativeId(native_id) => self.snapshot.page_by_native_id(platform_id, native_id),
            Key::Handle(handle) => self.snapshot.page_by_handle(platform_id, handle),
        };
        self.see_page(record?)
    }

    /// Page with this native id as the platform writes it, if the viewer may see it.
    pub fn page_by_native_id(&self, platform_id: i64, native_id: &str) -> Option<PageView<'_>> {
        self.see_page(self.snapshot.page_by_native_id(platform_id, native_id)?)
    }

    /// Page that has this handle beside its own, or else one that had it before.
    pub fn page_by_alias(&self, platform_id: i64, handle: &str) -> Option<AliasMatch<'_>> {
        let pages = self.snapshot.pages_by_alias(platform_id, handle);
        let matches = pages.filter_map(|record| self.see_page(record)).filter_map(|page| {
            let alias = page.record.aliases.iter().find(|alias| &*alias.handle == handle)?;
            Some(AliasMatch { page, alias })
        });
        matches
            .max_by_key(|found| (found.alias.kind == Kind::Parallel, found.alias.until, found.page.record.id))
    }

    pub(super) fn see_page<'a>(&'a self, record: &'a Page) -> Option<PageView<'a>> {
        let is_visible = match self.viewer {
            Viewer::Reviewer => true,
            Viewer::Public => self.snapshot.public_pages.contains(crate::snapshot::sets::bit(record.id)),
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

    /// Organization that answers for the page.
    pub fn owner(&self) -> OrganizationView<'a> {
        self.view.organization(self.record.owner_id).expect("a page is visible only where its owner is")
    }

    /// Organizations that keep the page together with its owner.
    pub fn co_owners(&self) -> Vec<OrganizationView<'a>> {
        self.record.co_owners.iter().filter_map(|id| self.view.organization(*id)).collect()
    }
}

impl Deref for PageView<'_> {
    type Target = Page;

    fn deref(&self) -> &Page {
        self.record
    }
}
