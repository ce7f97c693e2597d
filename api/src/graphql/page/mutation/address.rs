//! Addresses of pages in inputs.

use async_graphql::{ID, InputObject, OneofObject};
use registry::page::PageAddress;

use crate::graphql::kit::{reference::NativePageRef, scalar::Url};

/// Where a page is, by exactly one of these fields.
#[derive(OneofObject)]
pub enum PageAddressInput {
    /// Address of the page in any form.
    Url(Url),
    /// Permanent id of the page on its platform, for a page without a handle.
    Native(NativePageRef),
    /// Handle of the page on its platform.
    Handle(PageHandleInput),
}

/// Handle of a page on its platform.
#[derive(InputObject)]
pub struct PageHandleInput {
    /// Code of the platform; default: the platform of the key.
    pub platform_code: Option<String>,
    /// Handle, as in the page's address.
    pub handle: String,
}

impl From<PageAddressInput> for PageAddress {
    fn from(address: PageAddressInput) -> Self {
        match address {
            PageAddressInput::Url(Url(url)) => Self::Url(url),
            PageAddressInput::Native(NativePageRef { platform_code, native_id: ID(native_id) }) => {
                Self::Native { platform_code, native_id }
            }
            PageAddressInput::Handle(PageHandleInput { platform_code, handle }) => {
                Self::Handle { platform_code, handle }
            }
        }
    }
}
