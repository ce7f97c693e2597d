//! What one viewer may see of one snapshot, now or at a moment of the past. Readers of the
//! snapshot go through it; what is read of the log itself has its audience in a column (`change_log/feed.rs`).

mod coverage;
mod difference;
mod group;
mod list;
mod lookalike;
mod organization;
mod page;
mod past;
mod reference;

use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use coverage::{Coverage, Obligation, Standing};
pub use difference::differences;
pub use group::{Between, Group, days_up_to, visible_lifecycles, visible_statuses};
pub use list::Window;
pub use organization::OrganizationView;
pub use page::{AliasMatch, PageView};
pub use past::{Past, Subject};
pub use reference::{ExemptionView, ObligationRuleView, PlatformView, SectorView, TerritoryView, name_in};

use crate::{
    address::AddressBook,
    model::{Client, Page, Scope, Segments},
    snapshot::{PageDigest, Place, Snapshot, Timeline},
};

/// Who is looking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    /// Anyone.
    #[default]
    Public,
    /// A client that reviews: sees drafts, proposals and refusals, too.
    Reviewer,
}

impl From<&Client> for Viewer {
    fn from(client: &Client) -> Self {
        if client.scopes.contains(&Scope::Review) { Self::Reviewer } else { Self::Public }
    }
}

/// One snapshot as one viewer sees it: pinned for the length of a request.
#[derive(Clone)]
pub struct View {
    snapshot: Arc<Snapshot>,
    viewer: Viewer,
    past: Option<Arc<Past>>,
}

impl View {
    /// Pins a snapshot for a viewer.
    pub fn new(snapshot: Arc<Snapshot>, viewer: Viewer) -> Self {
        Self { snapshot, viewer, past: None }
    }

    /// The same registry for the same viewer, as it was.
    pub fn at(&self, past: Arc<Past>) -> Self {
        Self { past: Some(past), ..self.clone() }
    }

    /// The moment of the past that is seen; none for the present.
    pub fn past(&self) -> Option<&Past> {
        self.past.as_deref()
    }

    /// Moment that the view shows.
    pub fn moment(&self) -> DateTime<Utc> {
        self.past.as_ref().map_or_else(Utc::now, |past| past.at())
    }

    /// Segments that figures were counted among.
    pub fn segments(&self) -> &Segments {
        self.snapshot.segments()
    }

    /// Region that a territory is or lies in; none for those above all regions.
    pub fn region_of(&self, territory_id: i64) -> Option<i64> {
        self.snapshot.region_of(territory_id)
    }

    /// Times that the figures of a month changed since this process began.
    pub fn month_version(&self, month: i32) -> u64 {
        self.snapshot.month_version(month)
    }

    /// Times that pages with figures were hidden or shown since this process began.
    pub fn visibility_version(&self) -> u64 {
        self.snapshot.visibility_version()
    }

    /// Whether sums of figures count a page: those that everyone may see, whoever asks, as the registry stands.
    pub fn is_summed_up(&self, page_id: u32) -> bool {
        self.snapshot.is_shown(page_id.into())
    }

    /// Digest of the public pages of a platform, or of all; the same for every viewer.
    pub fn public_digest(&self, platform_id: Option<i64>) -> PageDigest {
        self.snapshot.digest(platform_id)
    }

    /// What such a digest takes in of a page as it is now; none where not everyone may see it.
    pub fn public_digest_line(&self, id: i64) -> Option<String> {
        let page = self.snapshot.page(id).filter(|page| self.snapshot.is_shown(page.id));
        page.map(|page| self.snapshot.digest_line(page))
    }

    /// What such a digest takes in of a page.
    pub fn digest_line(&self, page: &Page) -> String {
        self.snapshot.digest_line(page)
    }

    /// Where in which history it is.
    pub fn place(&self) -> Place {
        self.snapshot.place()
    }

    /// Hash of the change log at the place of the view; empty before the first change.
    pub fn hash(&self) -> &[u8] {
        self.snapshot.hash()
    }

    /// Which history of the database the view is of.
    pub fn timeline(&self) -> &Timeline {
        self.snapshot.timeline()
    }

    /// Who is looking.
    pub fn viewer(&self) -> Viewer {
        self.viewer
    }

    /// Place in the change log that all answers of this view are true at.
    pub fn seq(&self) -> i64 {
        self.past.as_ref().map_or_else(|| self.snapshot.seq(), |past| past.seq())
    }

    /// Rules of all platforms' addresses, as they are today.
    pub fn address_book(&self) -> &AddressBook {
        self.snapshot.address_book()
    }
}
