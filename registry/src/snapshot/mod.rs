//! Read model: the whole registry in memory, immutable, one state per sequence number of the change log.
//!
//! Depends on the tables, not on GraphQL or HTTP. Reads go through [`View`], which applies visibility.

mod apply;
mod audience;
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
mod keys;
mod last_modified;
mod lines;
mod load;
mod lookup;
mod name_order;
pub(crate) mod order;
mod proposals;
mod reach;
mod restore;
mod segments;
pub(crate) mod sets;
mod succession;
mod time_zone;
mod timeline;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use imbl::OrdMap;

use crate::{
    address::AddressBook,
    calendar::TimeZone,
    model::{
        Abbreviation, Client, Exemption, Figures, IdentifierScheme, Indicator, Methodology, ObligationRule,
        Organization, Pack, Page, Platform, Proposal, Rating, Sector, Segments, Territory,
    },
};
use derive::Derived;
use index::{BloomFilter, Index};
use last_modified::LastModified;
use sets::{Children, IdSet};

pub use confusables::skeletons;
pub use digest::RecordDigest;
pub use facet::{Dimension, FacetKey, marks, member_name, member_text, widgets};
pub use facet_keys::{day_number, second_number};
pub use filter::{Clause, Filter};
pub use historical_keys::FormerKey;
pub use invariants::{Breach, Invariants, MAX_DEPTH};
pub use last_modified::{Dependencies, Kinds};
pub use load::{load, load_within};
pub use name_order::collate;
pub use order::{Direction, Order, OrganizationField, OrganizationOrder, PageField, PageOrder, Place};
pub(crate) use restore::Ids;
pub use sets::Selection;
pub use timeline::{Timeline, TimelinePosition};

/// Rows of one table by id.
pub type Table<T> = OrdMap<i64, Arc<T>>;

/// One immutable state of the registry. Cloning is cheap: maps share what did not change.
#[derive(Clone, Default)]
pub struct Snapshot {
    seq: i64,
    /// Hash of the change log at that sequence number; empty before the first change.
    hash: Box<[u8]>,
    /// Timestamp of the last applied change.
    changed_at: DateTime<Utc>,
    /// Recent sequence numbers that this process has seen, with their hashes, ascending; with gaps.
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
    proposals: Table<Proposal>,
    /// Reporting time zone.
    time_zone: TimeZone,
    /// Latest statistics by page id; stored by value, because almost every page has some.
    pub(crate) figures: OrdMap<u32, Figures>,
    segments: Segments,
    /// Number of changes to a month's statistics since this process started, by month number.
    months: OrdMap<i32, u64>,
    /// Number of visibility changes of pages with statistics since this process started.
    hidden_or_shown: u64,
    last_modified: LastModified,
    address_book: Arc<AddressBook>,
    /// Codes, identifiers, keys and names, by fingerprint.
    index: Index,
    /// Bloom filter of the skeletons in the index: one search for confusable handles probes a thousand.
    skeletons: BloomFilter,
    /// Historical keys and parents.
    former: Index,
    pub(crate) territory_children: Children,
    pub(crate) organization_children: Children,
    pub(crate) founded: Children,
    pub(crate) territory_organizations: Children,
    pub(crate) owned_pages: Children,
    organization_exemptions: Children,
    page_proposals: Children,
    organization_proposals: Children,
    /// Predecessors by successor.
    pub(crate) predecessors: Children,
    pub(crate) authorities: IdSet,
    pub(crate) institutions: IdSet,
    pub(crate) public_organizations: IdSet,
    pub(crate) all_pages: IdSet,
    pub(crate) public_pages: IdSet,
    /// Facets, orders and hashes; `None` while a registry is loaded or its log is replayed.
    pub(crate) derived: Option<Derived>,
    /// Whether it is a past state that was restored for counts, see `restore.rs`.
    counts_only: bool,
}

impl Snapshot {
    /// Sequence number of the last applied change; 0 before the first change.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Hash of the change log at that sequence number; empty before the first change.
    pub fn hash(&self) -> &[u8] {
        &self.hash
    }

    /// Number of organizations and of pages, including hidden ones.
    pub fn sizes(&self) -> (usize, usize) {
        (self.organizations.len(), self.pages.len())
    }

    /// Number of public organizations and of public pages.
    pub fn public_sizes(&self) -> (u64, u64) {
        (self.public_organizations.len(), self.public_pages.len())
    }

    /// Address rules of all platforms.
    pub fn address_book(&self) -> &AddressBook {
        &self.address_book
    }
}
