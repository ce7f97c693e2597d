//! What groups of counts are made by, and how a group is named.

use async_graphql::{Enum, SimpleObject};
use registry::{
    snapshot::{Dimension, FacetKey, member_name},
    view::View,
};

/// Most groups in one answer.
pub const MAX_GROUPS: usize = 5_000;
/// Most dimensions that groups are made by at once.
pub const MAX_DIMENSIONS: usize = 3;

/// Value that the members of a group have in common.
#[derive(SimpleObject)]
pub struct GroupKey {
    /// Respect in which they have it in common.
    pub dimension: GroupDimension,
    /// Code of the value: of a territory, platform or sector, or the name of an enum's value.
    pub code: String,
    /// Name of the value; its code where it has no name.
    pub name: String,
}

/// Respect in which the members of a group have something in common.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupDimension {
    /// Territory that the organization works in: by default its region.
    Territory,
    /// Platform of the page; for organizations, one that they have an official page on.
    Platform,
    /// Kind of the organization.
    Kind,
    /// Level of power of the organization; institutions have none.
    Level,
    /// Branch of power of the organization; institutions have none.
    Branch,
    /// Sector of the organization.
    Sector,
    /// Stage of the page's life.
    Lifecycle,
    /// State of the page's mark.
    Mark,
    /// State of the page's feedback widget.
    Widget,
}

impl From<GroupDimension> for Dimension {
    fn from(dimension: GroupDimension) -> Self {
        match dimension {
            GroupDimension::Territory => Self::Territory,
            GroupDimension::Platform => Self::Platform,
            GroupDimension::Kind => Self::Kind,
            GroupDimension::Level => Self::Level,
            GroupDimension::Branch => Self::Branch,
            GroupDimension::Sector => Self::Sector,
            GroupDimension::Lifecycle => Self::Lifecycle,
            GroupDimension::Mark => Self::Mark,
            GroupDimension::Widget => Self::Widget,
        }
    }
}

/// Names the values of a group.
pub fn named(view: &View, by: &[GroupDimension], keys: &[FacetKey]) -> Vec<GroupKey> {
    let pairs = by.iter().zip(keys).map(|(dimension, (_, value))| {
        let (code, name) = code_and_name(view, *dimension, *value);
        GroupKey { dimension: *dimension, code, name }
    });
    pairs.collect()
}

fn code_and_name(view: &View, dimension: GroupDimension, value: u32) -> (String, String) {
    let id = i64::from(value);
    let both = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    let found = match dimension {
        GroupDimension::Territory => view.territory(id).map(|it| both(&it.code, &it.name)),
        GroupDimension::Platform => view.platform(id).map(|it| both(&it.code, &it.name)),
        GroupDimension::Sector => view.sector(id).map(|it| both(&it.code, &it.name)),
        other => member_name(other.into(), value).map(|name| (name.clone(), name)),
    };
    found.unwrap_or_default()
}
