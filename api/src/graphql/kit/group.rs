//! Dimensions to group by, and keys of groups.

use async_graphql::{Enum, SimpleObject};
use registry::{
    snapshot::{Dimension, FacetKey, member_name},
    view::View,
};

/// Maximum number of groups in one response.
pub const MAX_GROUPS: usize = 5_000;
/// Maximum number of dimensions in one `groupBy`.
pub const MAX_DIMENSIONS: usize = 3;

/// Value of a group in one dimension.
#[derive(SimpleObject)]
pub struct GroupKey {
    /// Dimension of the value.
    pub dimension: GroupDimension,
    /// Code of the territory, platform or sector; otherwise, the name of the enum value.
    pub code: String,
    /// Name of the territory, platform or sector; otherwise, the same as `code`.
    pub name: String,
}

/// Dimension to group by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupDimension {
    /// Territory of the organization; by default, its region.
    Territory,
    /// Platform of the page; for organizations, each platform on which they have an official page.
    Platform,
    /// Kind of the organization.
    Kind,
    /// Level of government of the organization; institutions have none.
    Level,
    /// Branch of government of the organization; institutions have none.
    Branch,
    /// Sector of the organization.
    Sector,
    /// Lifecycle stage of the page.
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

/// Keys of a group, with codes and names.
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
