//! Addresses of pages in inputs, and the pages of the registry that have them already.

use std::sync::Arc;

use entities::page_alias::Kind;

use super::error::{PageError, PageErrorCode as Code};
use crate::{
    address::{Address, AddressError, Key},
    author::Author,
    model::Page,
    snapshot::Snapshot,
};

/// Where a page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageAddress {
    /// Address in any form.
    Url(String),
    /// Permanent id on a platform; default: the platform of the author.
    Native {
        /// Code of the platform.
        platform_code: Option<String>,
        /// Permanent id.
        native_id: String,
    },
    /// Handle on a platform; default: the platform of the author.
    Handle {
        /// Code of the platform.
        platform_code: Option<String>,
        /// Handle, as in the page's address.
        handle: String,
    },
}

/// Keys of a page on its platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PageKeys {
    pub(super) platform_id: i64,
    pub(super) native_id: Option<Box<str>>,
    pub(super) handle: Option<Box<str>>,
}

impl PageAddress {
    /// The key that the address names, on a platform that the author reaches.
    ///
    /// # Errors
    /// When it is not the address of a page: a profile of a person, a post, another site; or of another platform.
    pub(super) fn resolve(&self, snapshot: &Snapshot, author: &Author) -> Result<Address, PageError> {
        let address = match self {
            Self::Url(url) => {
                let resolved = snapshot.address_book().resolve(url);
                resolved.map_err(|error| PageError::not_a_page(url, error, "address.url"))?
            }
            Self::Native { platform_code, native_id } => {
                let field = "address.native.platformCode";
                let platform_id = platform(snapshot, author, platform_code.as_deref(), field)?;
                let native_id = self::native_id(snapshot, platform_id, native_id, "address.native.nativeId")?;
                Address { platform_id, key: Key::NativeId(native_id) }
            }
            Self::Handle { platform_code, handle } => {
                let field = "address.handle.platformCode";
                let platform_id = platform(snapshot, author, platform_code.as_deref(), field)?;
                let resolved = of_handle(snapshot, platform_id, handle.trim());
                resolved.map_err(|error| PageError::not_a_page(handle, error, "address.handle.handle"))?
            }
        };
        match author.reaches_platform(address.platform_id) {
            true => Ok(address),
            false => Err(PageError::not_allowed("pages of this platform", "address")),
        }
    }
}

impl PageKeys {
    /// Keys of an address, and the native id that is given beside it.
    ///
    /// # Errors
    /// When the id is not possible on the platform, or the address has another one.
    pub(super) fn new(snapshot: &Snapshot, address: Address, given: Option<&str>) -> Result<Self, PageError> {
        let Address { platform_id, key } = address;
        let given = given.map(|id| native_id(snapshot, platform_id, id, "nativeId")).transpose()?;
        match (key, given) {
            (Key::NativeId(own), Some(given)) if own != given => {
                let text = format!("The address has the id {own}, not {given}; correct one of them.");
                Err(PageError::new(Code::OtherNativeId, text, "nativeId"))
            }
            (Key::NativeId(own), _) => Ok(Self { platform_id, native_id: Some(own), handle: None }),
            (Key::Handle(handle), native_id) => Ok(Self { platform_id, native_id, handle: Some(handle) }),
        }
    }

    /// A permanent id alone.
    pub(super) fn of_id(platform_id: i64, native_id: Box<str>) -> Self {
        Self { platform_id, native_id: Some(native_id), handle: None }
    }

    /// Keys of a page.
    pub(super) fn of(page: &Page) -> Self {
        let (native_id, handle) = (page.native_id.clone(), page.handle.clone());
        Self { platform_id: page.platform_id, native_id, handle }
    }

    /// Checks that no other live page has one of the keys.
    ///
    /// # Errors
    /// When one has: the error names it.
    pub(super) fn are_free(&self, snapshot: &Snapshot, author: &Author, own: i64) -> Result<(), PageError> {
        let is_other = |page: &&Arc<Page>| page.is_live() && page.id != own;
        if let Some(other) = self.with_native_id(snapshot).filter(is_other) {
            return Err(self.taken(snapshot, author, Code::AlreadyRegistered, other));
        }
        match self.with_handle(snapshot, own) {
            Some(other) => Err(self.taken(snapshot, author, Code::HandleTaken, other)),
            None => Ok(()),
        }
    }

    /// Checks that the registry does not have the page: neither a live page, nor a former one with the same id. A
    /// former page with the handle is another one only if ids tell.
    ///
    /// # Errors
    /// When it has: the error names the page.
    pub(super) fn are_new(&self, snapshot: &Snapshot, author: &Author) -> Result<(), PageError> {
        if let Some(known) = self.with_native_id(snapshot) {
            return Err(self.taken(snapshot, author, Code::AlreadyRegistered, known));
        }
        let is_another = |page: &Arc<Page>| match (&self.native_id, &page.native_id) {
            (Some(own), Some(known)) => own != known,
            _ => false,
        };
        if let Some(live) = self.with_handle(snapshot, 0) {
            let code = if is_another(live) { Code::HandleTaken } else { Code::AlreadyRegistered };
            return Err(self.taken(snapshot, author, code, live));
        }
        let former = self.handle.as_ref().and_then(|it| snapshot.page_by_handle(self.platform_id, it));
        match former.filter(|_| self.native_id.is_none()) {
            Some(former) => Err(self.taken(snapshot, author, Code::AlreadyRegistered, former)),
            None => Ok(()),
        }
    }

    /// The live page with the native id, or else the newest one.
    fn with_native_id<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Arc<Page>> {
        snapshot.page_by_native_id(self.platform_id, self.native_id.as_deref()?)
    }

    /// The live page with the handle, also as a parallel one, other than `own`.
    fn with_handle<'a>(&self, snapshot: &'a Snapshot, own: i64) -> Option<&'a Arc<Page>> {
        let handle = self.handle.as_deref()?;
        let is_other = |page: &&Arc<Page>| page.is_live() && page.id != own;
        let leads_to = |page: &&Arc<Page>| {
            page.aliases.iter().any(|alias| *alias.handle == *handle && alias.kind == Kind::Parallel)
        };
        let parallel = || {
            let mut pages = snapshot.pages_by_alias(self.platform_id, handle);
            pages.find(|page| is_other(page) && leads_to(page))
        };
        snapshot.page_by_handle(self.platform_id, handle).filter(is_other).or_else(parallel)
    }

    /// The error that another page has one of the keys.
    fn taken(&self, snapshot: &Snapshot, author: &Author, code: Code, other: &Page) -> PageError {
        let named = named(snapshot, author, other);
        let text = match (code, other.is_live()) {
            (Code::HandleTaken, _) => {
                format!("The handle is that of {named}. If it has passed on, rename that page first.")
            }
            (_, true) => format!("The registry has the page: it is {named}."),
            (_, false) if self.native_id.is_some() => format!(
                "The registry has the page: it is {named}, which was archived or rejected. Take it under review \
                 again with `pageRestore`."
            ),
            (_, false) => format!(
                "The address is that of {named}, which was archived or rejected. Take it under review again with \
                 `pageRestore`, or give `nativeId` if the address is another page's now."
            ),
        };
        let field = if code == Code::HandleTaken { "address" } else { "" };
        PageError::new(code, text, field).about(other.id)
    }
}

/// A native id in its normal form.
///
/// # Errors
/// When it is not possible on the platform.
pub(super) fn native_id(
    snapshot: &Snapshot,
    platform_id: i64,
    text: &str,
    field: &str,
) -> Result<Box<str>, PageError> {
    snapshot.address_book().native_id(platform_id, text.trim()).ok_or_else(|| {
        let text = "It is not a permanent id of this platform; copy the id that the platform shows.";
        PageError::new(Code::InvalidNativeId, text, field)
    })
}

/// Id of a platform by its code; without one, that of the author.
fn platform(snapshot: &Snapshot, author: &Author, code: Option<&str>, field: &str) -> Result<i64, PageError> {
    let own =
        || author.platform_id().ok_or_else(|| PageError::invalid("Give the code of the platform.", field));
    let Some(code) = code else { return own() };
    let known = snapshot.platform_by_code(code).map(|platform| platform.id);
    known.ok_or_else(|| {
        let text = "There is no such platform; `platforms` lists all codes.";
        PageError::new(Code::UnsupportedPlatform, text, field)
    })
}

/// The key of a handle, as its address would be read: the address may lead to a person, or have an id in place of a
/// handle.
fn of_handle(snapshot: &Snapshot, platform_id: i64, handle: &str) -> Result<Address, AddressError> {
    let book = snapshot.address_book();
    let platform = book.platform(platform_id).ok_or(AddressError::UnknownPlatform)?;
    let folded = platform.handle(handle)?;
    match platform.canonical_url(None, Some(&folded)) {
        Some(url) => book.resolve(&url),
        None => Ok(Address { platform_id, key: Key::Handle(folded) }),
    }
}

/// A page in a message; one that the author may not see has no title.
fn named(snapshot: &Snapshot, author: &Author, page: &Page) -> String {
    if !author.sees_page(snapshot, page) {
        return "a page that only keys with the scope `pages:review` see".into();
    }
    let platform = snapshot.address_book().platform(page.platform_id);
    let url = platform.and_then(|it| it.canonical_url(page.native_id.as_deref(), page.handle.as_deref()));
    let url = url.map(|url| format!(", {url}")).unwrap_or_default();
    format!("page {} (“{}”{url})", page.id, page.title)
}
