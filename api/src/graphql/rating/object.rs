//! GraphQL types of places.

use async_graphql::{ContextSelectionSet, Enum, SimpleObject, Union};
use entities::organization;
use registry::{
    analytics::leaderboard::{Kind, Place},
    view::View,
};

use crate::graphql::{
    authority::Authority,
    institution::Institution,
    kit::{
        scalar::{Count, WholeNumber},
        sequential::{Answer, InTurn, Ready, in_turn},
    },
    page::Page,
    territory::Territory,
};

/// What gets a place.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaderboardKind {
    /// Pages.
    Page,
    /// Organizations of both kinds, by all pages that they own.
    Organization,
    /// Authorities, by all pages that they own.
    Authority,
    /// Institutions, by all pages that they own.
    Institution,
    /// Regions, by the pages of all organizations there.
    Region,
}

impl From<LeaderboardKind> for Kind {
    fn from(kind: LeaderboardKind) -> Self {
        match kind {
            LeaderboardKind::Page => Self::Page,
            LeaderboardKind::Organization => Self::Organization(None),
            LeaderboardKind::Authority => Self::Organization(Some(organization::Kind::Authority)),
            LeaderboardKind::Institution => Self::Organization(Some(organization::Kind::Institution)),
            LeaderboardKind::Region => Self::Region,
        }
    }
}

/// What has a place.
#[derive(Union)]
pub enum LeaderboardSubject<'a> {
    /// Official page of an organization.
    Page(Page<'a>),
    /// Body of state or local power.
    Authority(Authority<'a>),
    /// Body that an authority founded or that is subordinate to it.
    Institution(Institution<'a>),
    /// Region.
    Territory(Territory<'a>),
}

impl InTurn for LeaderboardSubject<'_> {
    fn in_turn<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> Answer<'a> {
        match self {
            Self::Page(page) => page.in_turn(ctx),
            Self::Authority(authority) => authority.in_turn(ctx),
            Self::Institution(institution) => institution.in_turn(ctx),
            Self::Territory(territory) => territory.in_turn(ctx),
        }
    }
}

impl<'a> LeaderboardSubject<'a> {
    /// The subject, if the viewer may see it.
    pub(super) fn new(view: &'a View, kind: Kind, id: i64) -> Option<Self> {
        Some(match kind {
            Kind::Page => Self::Page(Page(view.page(id)?)),
            Kind::Region => Self::Territory(Territory(view.territory(id)?)),
            Kind::Organization(_) => match view.organization(id)? {
                found if found.kind == organization::Kind::Authority => Self::Authority(found.into()),
                found => Self::Institution(found.into()),
            },
        })
    }
}

/// Place of a subject on a leaderboard.
#[derive(SimpleObject)]
pub struct LeaderboardPlace<'a> {
    /// The place: one more than the number of those with more; equal ones share it.
    pub rank: Count,
    /// Value that the place goes by.
    pub value: f64,
    /// Place in as many months right before; null where the subject had no value then.
    pub former_rank: Option<Count>,
    /// Places gained since then, negative where they were lost; null where there is no former place.
    pub change: Option<WholeNumber>,
    /// Who or what has the place.
    pub subject: Ready<LeaderboardSubject<'a>>,
}

in_turn!(LeaderboardPlace<'_>);

impl<'a> LeaderboardPlace<'a> {
    /// A place with its subject, if the viewer may see it.
    pub(super) fn new(view: &'a View, kind: Kind, place: Place) -> Option<Self> {
        let change =
            |former: u64| Some(WholeNumber(i64::try_from(former).ok()? - i64::try_from(place.rank).ok()?));
        Some(Self {
            rank: Count(place.rank),
            value: place.value,
            former_rank: place.former_rank.map(Count),
            change: place.former_rank.and_then(change),
            subject: Ready(LeaderboardSubject::new(view, kind, place.id)?),
        })
    }
}
