//! GraphQL types of leaderboard entries.

use async_graphql::{ContextSelectionSet, Enum, SimpleObject, Union};
use entities::organization;
use registry::{
    analytics::leaderboard::{Kind, RankedEntry},
    view::View,
};

use crate::graphql::{
    authority::Authority,
    institution::Institution,
    kit::{
        scalar::SafeInt,
        sequential::{ResolveFuture, ResolveSequentially, SequentialObject, resolve_sequentially},
    },
    page::Page,
    territory::Territory,
};

/// Kind of subject that is ranked.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaderboardKind {
    /// Pages.
    Page,
    /// Organizations of both kinds, by the pages that they own.
    Organization,
    /// Authorities, by the pages that they own.
    Authority,
    /// Institutions, by the pages that they own.
    Institution,
    /// Regions, by the pages of all organizations in them.
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

/// Ranked subject.
#[derive(Union)]
pub enum LeaderboardSubject<'a> {
    /// Official page of an organization.
    Page(Page<'a>),
    /// State or local government body.
    Authority(Authority<'a>),
    /// Body that an authority founded or that is subordinate to it.
    Institution(Institution<'a>),
    /// Region.
    Territory(Territory<'a>),
}

impl ResolveSequentially for LeaderboardSubject<'_> {
    fn resolve_sequentially<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> ResolveFuture<'a> {
        match self {
            Self::Page(page) => page.resolve_sequentially(ctx),
            Self::Authority(authority) => authority.resolve_sequentially(ctx),
            Self::Institution(institution) => institution.resolve_sequentially(ctx),
            Self::Territory(territory) => territory.resolve_sequentially(ctx),
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

/// Leaderboard entry: a ranked subject.
#[derive(SimpleObject)]
pub struct LeaderboardEntry<'a> {
    /// Rank: 1 plus the number of subjects with a higher value; ties share a rank.
    pub rank: SafeInt,
    /// Value of the metric.
    pub value: f64,
    /// Rank in the preceding period of the same number of months; null if the subject had no value in it.
    pub former_rank: Option<SafeInt>,
    /// `formerRank` minus `rank`, positive for a rise; null if `formerRank` is null.
    pub change: Option<SafeInt>,
    /// Ranked subject.
    pub subject: SequentialObject<LeaderboardSubject<'a>>,
}

resolve_sequentially!(LeaderboardEntry<'_>);

impl<'a> LeaderboardEntry<'a> {
    /// An entry with its subject, if the viewer may see it.
    pub(super) fn new(view: &'a View, kind: Kind, entry: RankedEntry) -> Option<Self> {
        Some(Self {
            rank: SafeInt::from(entry.rank),
            value: entry.value,
            former_rank: entry.former_rank.map(SafeInt::from),
            change: entry.change().map(SafeInt),
            subject: SequentialObject(LeaderboardSubject::new(view, kind, entry.id)?),
        })
    }
}
