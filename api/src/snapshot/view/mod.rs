//! What one viewer may see of one snapshot. Visibility is decided here and nowhere else.

mod lookalike;
mod organization;
mod page;
mod reference;

use std::sync::Arc;

use roaring::RoaringBitmap;

pub use lookalike::skeleton;
pub use organization::{MAX_DEPTH, OrganizationView};
pub use page::{AliasMatch, PageView};
pub use reference::{PlatformView, SectorView, TerritoryView, name_in};

use super::{Selection, Snapshot};
use crate::address::AddressBook;

/// Who is looking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    /// Anyone.
    #[default]
    Public,
    /// A client that reviews: sees drafts, proposals and refusals, too.
    Reviewer,
}

/// One snapshot as one viewer sees it: pinned for the length of a request.
#[derive(Clone)]
pub struct View {
    snapshot: Arc<Snapshot>,
    viewer: Viewer,
}

impl View {
    /// Pins a snapshot for a viewer.
    pub fn new(snapshot: Arc<Snapshot>, viewer: Viewer) -> Self {
        Self { snapshot, viewer }
    }

    /// Place in the change log that all answers of this view are true at.
    pub fn seq(&self) -> i64 {
        self.snapshot.seq()
    }

    /// Rules of all platforms' addresses.
    pub fn address_book(&self) -> &AddressBook {
        self.snapshot.address_book()
    }

    /// All authorities that the viewer may see.
    pub fn authorities(&self) -> Selection {
        self.visible_organizations(&self.snapshot.authorities)
    }

    /// All institutions that the viewer may see.
    pub fn institutions(&self) -> Selection {
        self.visible_organizations(&self.snapshot.institutions)
    }

    /// All pages that the viewer may see.
    pub fn pages(&self) -> Selection {
        self.visible_pages(&self.snapshot.all_pages)
    }

    fn visible_organizations(&self, among: &RoaringBitmap) -> Selection {
        Selection::new(match self.viewer {
            Viewer::Public => among & &*self.snapshot.public_organizations,
            Viewer::Reviewer => among.clone(),
        })
    }

    fn visible_pages(&self, among: &RoaringBitmap) -> Selection {
        Selection::new(match self.viewer {
            Viewer::Public => among & &*self.snapshot.public_pages,
            Viewer::Reviewer => among.clone(),
        })
    }
}
