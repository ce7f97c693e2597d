//! References to pages and organizations, as whoever writes gives them.

use std::sync::Arc;

use crate::{
    author::Author,
    global_id,
    model::{Organization, Page},
    snapshot::Snapshot,
    verification::page_at,
    view::View,
};

/// A page, by one of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageReference {
    /// Global id.
    Id(String),
    /// Address in any form.
    Url(String),
    /// Permanent id on a platform; default: the platform of the author.
    Native {
        /// Code of the platform.
        platform_code: Option<String>,
        /// Permanent id.
        native_id: String,
    },
}

/// An organization, by one of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganizationReference {
    /// Global id.
    Id(String),
    /// Code in this registry.
    Code(String),
    /// Identifier, which several units can share.
    Identifier {
        /// Code of the identifier's scheme.
        scheme_code: String,
        /// Value of the identifier.
        value: String,
    },
}

/// Why a reference names no record that the author may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceError {
    /// There is no such record that the author may see.
    NotFound,
    /// Several organizations have the identifier.
    Ambiguous,
    /// The author sees the record, but may not write it: it is of another platform, organization or territory.
    NotAllowed,
}

impl PageReference {
    /// The page, which the author may write.
    ///
    /// # Errors
    /// When there is none, or the author may not write it.
    pub fn resolve(&self, snapshot: &Snapshot, author: &Author) -> Result<Arc<Page>, ReferenceError> {
        let view = View::new(Arc::new(snapshot.clone()), author.viewer());
        let platform = |code: &Option<String>| match code {
            Some(code) => snapshot.platform_by_code(code).map(|platform| platform.id),
            None => author.platform_id(),
        };
        let found = match self {
            Self::Id(id) => global_id::key("Page", id).and_then(|id| view.page(id)),
            Self::Url(url) => page_at(&view, url),
            Self::Native { platform_code, native_id } => {
                platform(platform_code).and_then(|id| view.page_by_native_id(id, native_id))
            }
        };
        let page = found.and_then(|page| snapshot.page(page.id)).ok_or(ReferenceError::NotFound)?;
        match author.reaches_page(snapshot, page) {
            true => Ok(page.clone()),
            false => Err(ReferenceError::NotAllowed),
        }
    }
}

impl OrganizationReference {
    /// The organization, which the author may write.
    ///
    /// # Errors
    /// When there is none, several have the identifier, or the author may not write it.
    pub fn resolve(&self, snapshot: &Snapshot, author: &Author) -> Result<Arc<Organization>, ReferenceError> {
        let organization = self.find(snapshot, author)?;
        match author.reaches_organization(snapshot, &organization) {
            true => Ok(organization),
            false => Err(ReferenceError::NotAllowed),
        }
    }

    /// The organization, which the author may see.
    ///
    /// # Errors
    /// When there is none, or several have the identifier.
    pub fn find(&self, snapshot: &Snapshot, author: &Author) -> Result<Arc<Organization>, ReferenceError> {
        let view = View::new(Arc::new(snapshot.clone()), author.viewer());
        let found = match self {
            Self::Id(id) => global_id::key("Organization", id).and_then(|id| view.organization(id)),
            Self::Code(code) => view.organization_by_code(code),
            Self::Identifier { scheme_code, value } => {
                let mut found = view.organizations_by_identifier(scheme_code, value);
                if found.len() > 1 {
                    return Err(ReferenceError::Ambiguous);
                }
                found.pop()
            }
        };
        found.and_then(|found| snapshot.organization(found.id)).cloned().ok_or(ReferenceError::NotFound)
    }
}
