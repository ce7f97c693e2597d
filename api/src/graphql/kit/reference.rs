//! References to pages and organizations in inputs.

use async_graphql::{ID, InputObject, OneofObject};
use registry::record_reference::{OrganizationReference, PageReference};

use super::{checked::Checked, scalar::Url};

/// Reference to a page, by exactly one of these fields.
#[derive(OneofObject)]
pub enum PageRef {
    /// Global id of the page.
    Id(ID),
    /// Address of the page in any form.
    Url(Checked<Url>),
    /// Permanent id of the page on its platform.
    Native(NativePageRef),
}

/// Reference to a page by its permanent id on its platform.
#[derive(InputObject)]
pub struct NativePageRef {
    /// Code of the platform; default: the platform of the key.
    pub platform_code: Option<String>,
    /// Permanent id of the page on the platform.
    pub native_id: ID,
}

/// Reference to an organization, by exactly one of these fields.
#[derive(OneofObject)]
pub enum OrganizationRef {
    /// Global id of the organization.
    Id(ID),
    /// Code of the organization in this registry.
    Code(String),
    /// Identifier of the organization.
    Identifier(IdentifierRef),
}

/// Reference to an organization by its identifier.
#[derive(InputObject)]
pub struct IdentifierRef {
    /// Code of the identifier's scheme.
    pub scheme_code: String,
    /// Value of the identifier; spaces and missing leading zeros are accepted.
    pub value: String,
}

impl From<OrganizationRef> for OrganizationReference {
    fn from(reference: OrganizationRef) -> Self {
        match reference {
            OrganizationRef::Id(ID(id)) => Self::Id(id),
            OrganizationRef::Code(code) => Self::Code(code),
            OrganizationRef::Identifier(IdentifierRef { scheme_code, value }) => {
                Self::Identifier { scheme_code, value }
            }
        }
    }
}

/// The page that a reference names; an address that cannot be read names none.
pub fn page_reference(reference: PageRef) -> PageReference {
    match reference {
        PageRef::Id(ID(id)) => PageReference::Id(id),
        PageRef::Url(url) => PageReference::Url(url.0.map(|Url(url)| url).unwrap_or_default()),
        PageRef::Native(NativePageRef { platform_code, native_id: ID(native_id) }) => {
            PageReference::Native { platform_code, native_id }
        }
    }
}
