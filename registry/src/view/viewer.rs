//! Visibility classes, and what of hidden records each may see.

use entities::organization::Status;
use roaring::RoaringBitmap;

use super::View;
use crate::{
    model::{Client, Organization, Page, Reach, Scope},
    snapshot::{Clause, Dimension, Filter},
};

/// Visibility class of the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// Anyone.
    #[default]
    Public,
    /// A client with the scope `pages:review`: also sees drafts, proposals and rejected pages.
    Reviewer,
    /// The same within limits: outside of them, and where limits cannot be applied, it is the public. They cannot be applied to
    /// the change log, to past states, to counts of the whole registry and to the search index.
    LimitedReviewer(Reach),
}

impl From<&Client> for Viewer {
    fn from(client: &Client) -> Self {
        match Reach::from(client) {
            _ if !client.has(Scope::Review) => Self::Public,
            reach if reach.is_whole() => Self::Reviewer,
            reach => Self::LimitedReviewer(reach),
        }
    }
}

impl Viewer {
    /// Whether the viewer sees everything that only operators may see.
    pub fn is_reviewer(self) -> bool {
        self == Self::Reviewer
    }

    /// The viewer where limits cannot be applied.
    pub fn without_limits(self) -> Self {
        match self {
            Self::LimitedReviewer(_) => Self::Public,
            viewer => viewer,
        }
    }
}

impl View {
    /// The same view where limits of the viewer cannot be applied.
    pub fn without_limits(&self) -> Self {
        Self { viewer: self.viewer.without_limits(), ..self.clone() }
    }

    /// Whether the viewer may see an organization although it is hidden.
    pub(super) fn reviews_organization(&self, organization: &Organization) -> bool {
        match self.viewer {
            Viewer::Public => false,
            Viewer::Reviewer => true,
            // A platform has pages, and no organizations.
            Viewer::LimitedReviewer(reach) => {
                reach.platform_id.is_none() && reach.has_organization(&self.snapshot, organization)
            }
        }
    }

    /// Whether the viewer may see a page although it is hidden, by itself or with its owner.
    pub(super) fn reviews_page(&self, page: &Page) -> bool {
        match self.viewer {
            Viewer::Public => false,
            Viewer::Reviewer => true,
            Viewer::LimitedReviewer(reach) => {
                reach.has_page(&self.snapshot, page) && self.organization(page.owner_id).is_some()
            }
        }
    }

    /// Those of these organizations that the viewer may see at present.
    pub(super) fn seen_organizations(&self, ids: RoaringBitmap) -> RoaringBitmap {
        let public = &*self.snapshot.public_organizations;
        match self.viewer {
            Viewer::Public => ids & public,
            Viewer::Reviewer => ids,
            Viewer::LimitedReviewer(reach) if reach.platform_id.is_some() => ids & public,
            Viewer::LimitedReviewer(reach) => {
                let reviewed = self.select_organizations(&filter_of(reach), &ids - public);
                (ids & public) | reviewed
            }
        }
    }

    /// Those of these pages that the viewer may see at present.
    pub(super) fn seen_pages(&self, ids: RoaringBitmap) -> RoaringBitmap {
        let public = &*self.snapshot.public_pages;
        match self.viewer {
            Viewer::Public => ids & public,
            Viewer::Reviewer => ids,
            Viewer::LimitedReviewer(reach) => {
                let mut reviewed = self.select_pages(&filter_of(reach), &ids - public);
                if reach.platform_id.is_some() {
                    let hidden = [Status::Draft, Status::Withdrawn].map(|status| status as u32);
                    reviewed -= self.derived().page_facets.any(Dimension::Status, &hidden);
                }
                (ids & public) | reviewed
            }
        }
    }
}

/// The limits as conditions on pages, and on organizations if no platform is among them.
fn filter_of(reach: Reach) -> Filter {
    let mut filter = Filter::default();
    for (dimension, id) in [
        (Dimension::Platform, reach.platform_id),
        (Dimension::Below, reach.organization_id),
        (Dimension::Territory, reach.territory_id),
    ] {
        if let Some(id) = id {
            filter.add(Clause::AnyOf(dimension, vec![id as u32]));
        }
    }
    filter
}
