//! Read model: the whole registry in memory, immutable, one state per place in the change log.
//!
//! Knows the tables, not GraphQL and not HTTP. Readers go through [`View`], which hides what its
//! viewer may not see.

mod apply;
mod audience;
mod compare;
mod derive;
mod digest;
mod facet;
mod facet_keys;
mod filter;
mod former;
mod index;
mod invariants;
mod load;
mod lookup;
mod order;
mod record;
mod sets;
mod succession;
mod timeline;
mod touched;
mod view;

use std::sync::Arc;

use imbl::OrdMap;

use crate::address::AddressBook;
use derive::Derived;
use index::{Index, Sieve};
use sets::{Children, IdSet};
use touched::Touched;

pub use digest::{PageDigest, SEPARATOR};
pub use facet::{Dimension, FacetKey, marks, member_name, member_text, widgets};
pub use facet_keys::day_number;
pub use filter::{Clause, Filter};
pub use former::FormerKey;
pub use invariants::{Breach, Invariants};
pub use load::{load, load_within};
pub use order::{OrganizationOrder, PageOrder, collate};
pub use record::{
    Abbreviation, Alias, BatchSource, Client, Component, Exemption, FigureDigests, Figures, Identifier,
    IdentifierScheme, ImportJob, Indicator, IndicatorFigure, MarkState, Methodology, Mode, Names,
    ObligationRule, Organization, OtherName, OtherNameKind, Pack, Page, Platform, Rated, Rating, RatingTerms,
    Record, Scope, Sector, Segment, Segments, StatisticsBatch, Terms, Territory, month_number,
};
pub use sets::Selection;
pub use timeline::{Place, Timeline};
pub use touched::{Kinds, Needs};
pub use view::{
    AliasMatch, Between, Coverage, ExemptionView, Group, MAX_DEPTH, Obligation, ObligationRuleView,
    OrganizationView, PageView, Past, PlatformView, SectorView, Standing, Subject, TerritoryView, View,
    Viewer, Window, days_up_to, differences, name_in, visible_lifecycles, visible_statuses,
};

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
    indicators: Table<Indicator>,
    methodologies: Table<Methodology>,
    ratings: Table<Rating>,
    packs: Table<Pack>,
    /// By page id; kept flat, since every page has some.
    figures: OrdMap<u32, Figures>,
    segments: Segments,
    /// Times that figures of a month changed since this process began, by the month's number.
    months: OrdMap<i32, u64>,
    touched: Touched,
    address_book: Arc<AddressBook>,
    /// Codes, identifiers, keys and names, by fingerprint.
    index: Index,
    /// Which skeletons of handles are in the index: looking for look-alikes asks for a thousand.
    skeletons: Sieve,
    /// Keys and parents of the past.
    former: Index,
    territory_children: Children,
    organization_children: Children,
    founded: Children,
    territory_organizations: Children,
    owned_pages: Children,
    organization_exemptions: Children,
    /// From successors to those that they followed.
    predecessors: Children,
    authorities: IdSet,
    institutions: IdSet,
    public_organizations: IdSet,
    all_pages: IdSet,
    public_pages: IdSet,
    /// Facets, orders and digests; none while a registry is loaded or its log replayed.
    derived: Option<Derived>,
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
