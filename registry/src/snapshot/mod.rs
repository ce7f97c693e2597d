//! Read model: the whole registry in memory, immutable, one state per place in the change log.
//!
//! Knows the tables, not GraphQL and not HTTP. Readers go through [`View`], which hides what its
//! viewer may not see.

mod apply;
mod compare;
mod confusables;
pub(crate) mod derive;
mod digest;
pub(crate) mod facet;
pub(crate) mod facet_keys;
mod filter;
pub(crate) mod historical_keys;
pub(crate) mod index;
mod invariants;
mod last_modified;
mod load;
mod lookup;
pub(crate) mod order;
mod segments;
pub(crate) mod sets;
mod succession;
mod timeline;

use std::sync::Arc;

use imbl::OrdMap;

use crate::{
    address::AddressBook,
    model::{
        Abbreviation, Client, Exemption, Figures, IdentifierScheme, Indicator, Methodology, ObligationRule,
        Organization, Pack, Page, Platform, Rating, Sector, Segments, Territory,
    },
};
use derive::Derived;
use index::{Index, Sieve};
use last_modified::LastModified;
use sets::{Children, IdSet};

pub use confusables::skeletons;
pub use digest::{PageDigest, SEPARATOR};
pub use facet::{Dimension, FacetKey, marks, member_name, member_text, widgets};
pub use facet_keys::day_number;
pub use filter::{Clause, Filter};
pub use historical_keys::FormerKey;
pub use invariants::{Breach, Invariants, MAX_DEPTH};
pub use last_modified::{Dependencies, Kinds};
pub use load::{load, load_within};
pub use order::{OrganizationOrder, PageOrder, collate};
pub use sets::Selection;
pub use timeline::{Place, Timeline};

/// Rows of one table by id.
pub type Table<T> = OrdMap<i64, Arc<T>>;

/// One immutable state of the registry. Cloning is cheap: maps share what did not change.
#[derive(Clone, Default)]
pub struct Snapshot {
    seq: i64,
    /// Hash of the change log at that place; empty before the first change.
    hash: Box<[u8]>,
    /// Places of the log that this process has seen, with their hashes, the newest last; not all of them.
    trail: imbl::Vector<(i64, Box<[u8]>)>,
    timeline: Timeline,
    territories: Table<Territory>,
    sectors: Table<Sector>,
    schemes: Table<IdentifierScheme>,
    platforms: Table<Platform>,
    organizations: Table<Organization>,
    pages: Table<Page>,
    clients: Table<Client>,
    obligation_rules: Table<ObligationRule>,
    exemptions: Table<Exemption>,
    abbreviations: Table<Abbreviation>,
    pub(crate) indicators: Table<Indicator>,
    pub(crate) methodologies: Table<Methodology>,
    ratings: Table<Rating>,
    packs: Table<Pack>,
    /// By page id; kept flat, since every page has some.
    pub(crate) figures: OrdMap<u32, Figures>,
    segments: Segments,
    /// Times that figures of a month changed since this process began, by the month's number.
    months: OrdMap<i32, u64>,
    /// Times that a page with figures was hidden or shown since then.
    hidden_or_shown: u64,
    last_modified: LastModified,
    address_book: Arc<AddressBook>,
    /// Codes, identifiers, keys and names, by fingerprint.
    index: Index,
    /// Which skeletons of handles are in the index: looking for look-alikes asks for a thousand.
    skeletons: Sieve,
    /// Keys and parents of the past.
    former: Index,
    pub(crate) territory_children: Children,
    pub(crate) organization_children: Children,
    pub(crate) founded: Children,
    pub(crate) territory_organizations: Children,
    pub(crate) owned_pages: Children,
    organization_exemptions: Children,
    /// From successors to those that they followed.
    pub(crate) predecessors: Children,
    pub(crate) authorities: IdSet,
    pub(crate) institutions: IdSet,
    pub(crate) public_organizations: IdSet,
    pub(crate) all_pages: IdSet,
    pub(crate) public_pages: IdSet,
    /// Facets, orders and digests; none while a registry is loaded or its log replayed.
    pub(crate) derived: Option<Derived>,
}

impl Snapshot {
    /// Place in the change log that this state is true at; 0 before the first change.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Hash of the change log at that place; empty before the first change.
    pub fn hash(&self) -> &[u8] {
        &self.hash
    }

    /// Number of organizations and of pages, whoever may see them.
    pub fn sizes(&self) -> (usize, usize) {
        (self.organizations.len(), self.pages.len())
    }

    /// The same of those that everyone may see.
    pub fn public_sizes(&self) -> (u64, u64) {
        (self.public_organizations.len(), self.public_pages.len())
    }

    /// Rules of all platforms' addresses.
    pub fn address_book(&self) -> &AddressBook {
        &self.address_book
    }
}
