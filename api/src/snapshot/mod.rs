//! Read model: the whole registry in memory, immutable, one state per place in the change log.
//!
//! Knows the tables, not GraphQL and not HTTP. Readers go through [`View`], which hides what its
//! viewer may not see.

mod apply;
mod index;
mod load;
mod lookup;
mod record;
mod sets;
mod view;

use std::sync::Arc;

use imbl::OrdMap;

use crate::address::AddressBook;
use index::{Index, Sieve};
use sets::{Children, IdSet};

pub use load::load;
pub use record::{
    Alias, Client, Identifier, IdentifierScheme, MarkState, Names, Organization, OtherName, OtherNameKind,
    Page, Platform, Record, Scope, Sector, Territory,
};
pub use sets::Selection;
pub use view::{
    AliasMatch, MAX_DEPTH, OrganizationView, PageView, PlatformView, SectorView, TerritoryView, View, Viewer,
    name_in,
};

/// Rows of one table by id.
pub type Table<T> = OrdMap<i64, Arc<T>>;

/// One immutable state of the registry. Cloning is cheap: maps share what did not change.
#[derive(Clone, Default)]
pub struct Snapshot {
    seq: i64,
    territories: Table<Territory>,
    sectors: Table<Sector>,
    schemes: Table<IdentifierScheme>,
    platforms: Table<Platform>,
    organizations: Table<Organization>,
    pages: Table<Page>,
    clients: Table<Client>,
    address_book: Arc<AddressBook>,
    /// Codes, identifiers, keys and names, by fingerprint.
    index: Index,
    /// Which skeletons of handles are in the index: looking for look-alikes asks for a thousand.
    skeletons: Sieve,
    territory_children: Children,
    organization_children: Children,
    founded: Children,
    territory_organizations: Children,
    owned_pages: Children,
    authorities: IdSet,
    institutions: IdSet,
    public_organizations: IdSet,
    all_pages: IdSet,
    public_pages: IdSet,
}

impl Snapshot {
    /// Place in the change log that this state is true at; 0 before the first change.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Number of organizations and of pages, whoever may see them.
    pub fn sizes(&self) -> (usize, usize) {
        (self.organizations.len(), self.pages.len())
    }

    /// Rules of all platforms' addresses.
    pub fn address_book(&self) -> &AddressBook {
        &self.address_book
    }
}
