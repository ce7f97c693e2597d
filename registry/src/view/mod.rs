//! What one viewer may see of one snapshot, at present or as of a past timestamp. All reads of the snapshot
//! go through it; reads of the change log are restricted by its column `audience` (`change_log/feed.rs`).

mod client;
mod conditions;
mod coverage;
mod difference;
mod digest;
mod feed_scope;
mod group;
mod list;
mod lookalike;
mod organization;
mod page;
mod partition;
mod past;
mod reference;
mod viewer;
mod window;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use roaring::RoaringBitmap;

pub use coverage::{Coverage, Obligation, ObligationStatus};
pub use difference::{differences, field_text};
pub(crate) use digest::PastState;
pub use digest::{PastStates, RegistryDigest};
pub use feed_scope::FeedScope;
pub(crate) use feed_scope::Owners;
pub use group::{Between, DimensionValue, Group, days_up_to, visible_lifecycles, visible_statuses};
pub use organization::OrganizationView;
pub use page::{AliasMatch, PageView};
pub use past::{AsOf, Subject};
pub use reference::{ExemptionView, ObligationRuleView, PlatformView, SectorView, TerritoryView, name_in};
pub use viewer::Viewer;
pub use window::{Slice, Window};

use crate::{
    address::AddressBook,
    calendar::{self, TimeZone},
    model::Segments,
    snapshot::{Snapshot, Timeline, TimelinePosition},
};

/// One snapshot as one viewer sees it, pinned for the duration of a request.
#[derive(Clone)]
pub struct View {
    snapshot: Arc<Snapshot>,
    viewer: Viewer,
    as_of: Option<Arc<AsOf>>,
    /// Timestamp of the snapshot, if it is a past state.
    restored_at: Option<DateTime<Utc>>,
}

impl View {
    /// Pins a snapshot for a viewer.
    pub fn new(snapshot: Arc<Snapshot>, viewer: Viewer) -> Self {
        Self { snapshot, viewer, as_of: None, restored_at: None }
    }

    /// The same view as of a past state.
    pub fn at(&self, as_of: Arc<AsOf>) -> Self {
        Self { as_of: Some(as_of), ..self.without_limits() }
    }

    /// The past state that the view shows; `None` for the present.
    pub fn as_of(&self) -> Option<&AsOf> {
        self.as_of.as_deref()
    }

    /// Past timestamp that the view shows; `None` for the present.
    pub fn past_at(&self) -> Option<DateTime<Utc>> {
        self.as_of.as_ref().map(|as_of| as_of.at()).or(self.restored_at)
    }

    /// Timestamp that the view shows.
    pub fn timestamp(&self) -> DateTime<Utc> {
        self.past_at().unwrap_or_else(Utc::now)
    }

    /// Reporting time zone of the registry, always the present one.
    pub fn time_zone(&self) -> TimeZone {
        self.snapshot.time_zone()
    }

    /// Day that the view shows, in the registry's time zone: today, or the day of its past timestamp.
    pub fn day(&self) -> NaiveDate {
        self.time_zone().day_of(self.timestamp())
    }

    /// Whether a record is valid since before the day on which the registry first recorded it.
    pub fn is_backdated(&self, valid_from: Option<NaiveDate>, created_at: DateTime<Utc>) -> bool {
        valid_from.is_some_and(|day| day < self.time_zone().day_of(created_at))
    }

    /// Last day of which the view shows statistics: that of its past timestamp; at present, the last one that has begun
    /// anywhere, because it can be reported.
    pub fn last_day(&self) -> NaiveDate {
        match self.past_at() {
            Some(_) => self.day(),
            None => calendar::last_day_begun(Utc::now()),
        }
    }

    /// Statistics segments.
    pub fn segments(&self) -> &Segments {
        self.snapshot.segments()
    }

    /// Region that a territory is or lies in; `None` for territories above regions.
    pub fn region_of(&self, territory_id: i64) -> Option<i64> {
        self.snapshot.region_of(territory_id)
    }

    /// Number of times that the statistics of a month changed since this process started.
    pub fn month_version(&self, month: i32) -> u64 {
        self.snapshot.month_version(month)
    }

    /// Number of times that pages with statistics were hidden or shown since this process started.
    pub fn visibility_version(&self) -> u64 {
        self.snapshot.visibility_version()
    }

    /// Whether aggregates count a page: only pages that are public at present, for every viewer.
    pub fn is_summed_up(&self, page_id: u32) -> bool {
        self.snapshot.is_shown(page_id.into())
    }

    /// Those of these pages that aggregates count.
    pub fn summed_up(&self, pages: &RoaringBitmap) -> RoaringBitmap {
        pages & &*self.snapshot.public_pages
    }

    /// Sequence number of the view and hash of the log there.
    pub fn position(&self) -> TimelinePosition {
        self.snapshot.position()
    }

    /// Timestamp of the last change of the snapshot; 1970-01-01 before the first change.
    pub fn changed_at(&self) -> DateTime<Utc> {
        self.snapshot.changed_at()
    }

    /// Hash of the change log at the snapshot's sequence number; empty before the first change.
    pub fn hash(&self) -> &[u8] {
        self.snapshot.hash()
    }

    /// Timeline of the database that the view belongs to.
    pub fn timeline(&self) -> &Timeline {
        self.snapshot.timeline()
    }

    /// Visibility class of the view.
    pub fn viewer(&self) -> Viewer {
        self.viewer
    }

    /// Sequence number of the change log that all results of this view are consistent with.
    pub fn seq(&self) -> i64 {
        self.as_of.as_ref().map_or_else(|| self.snapshot.seq(), |as_of| as_of.seq())
    }

    /// Language of names for which none was asked for: that of the pack that was loaded first, in which its first sector is
    /// named. `None` if no pack has sectors.
    pub fn language(&self) -> Option<&str> {
        let sector = self.snapshot.sectors().values().next()?;
        sector.names.iter().find(|(_, name)| **name == sector.name).map(|(language, _)| &**language)
    }

    /// Address rules of all platforms, always in their present state.
    pub fn address_book(&self) -> &AddressBook {
        self.snapshot.address_book()
    }
}
