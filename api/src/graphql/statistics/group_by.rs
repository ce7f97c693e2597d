//! Dimensions to group statistics by.

use async_graphql::Enum;
use entities::territory::Kind;
use registry::{analytics::has_sums, view::View};

use crate::graphql::{
    error::{Error, Result},
    kit::group::{GroupDimension, check_dimensions, check_distinct},
};

/// Dimension to group statistics by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum AudienceGroupBy {
    /// Territory of the owner, of the kind `territoryKind`. If it lies in several of the kind, the innermost.
    Territory,
    /// Platform.
    Platform,
    /// Kind of the owner.
    Kind,
    /// Level of government of the owner; institutions have none.
    Level,
    /// Branch of government of the owner; institutions have none.
    Branch,
    /// Sector of the owner.
    Sector,
    /// Day, in the registry's time zone.
    Day,
    /// Calendar month, in the registry's time zone.
    Month,
}

impl AudienceGroupBy {
    fn dimension(self) -> Option<GroupDimension> {
        match self {
            Self::Territory => Some(GroupDimension::Territory),
            Self::Platform => Some(GroupDimension::Platform),
            Self::Kind => Some(GroupDimension::Kind),
            Self::Level => Some(GroupDimension::Level),
            Self::Branch => Some(GroupDimension::Branch),
            Self::Sector => Some(GroupDimension::Sector),
            Self::Day | Self::Month => None,
        }
    }
}

/// Dimensions to group by, except time.
///
/// # Errors
/// When there are too many, one is repeated, or sums by this kind of territory are not stored or empty.
pub fn dimensions(
    view: &View,
    group_by: &[AudienceGroupBy],
    territories: Kind,
) -> Result<Vec<GroupDimension>> {
    check_distinct(group_by)?;
    if !has_sums(territories) {
        return Err(Error::BadInput("`territoryKind` must be COUNTRY, DISTRICT or REGION.".into()));
    }
    let by: Vec<GroupDimension> = group_by.iter().filter_map(|by| by.dimension()).collect();
    check_dimensions(view, &by, territories)?;
    Ok(by)
}
