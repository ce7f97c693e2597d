//! Dimensions to group by.

use async_graphql::{Enum, resolver_utils::EnumType};
use entities::territory::Kind;
use registry::{
    snapshot::{Dimension, member_text},
    view::{Group, View},
};

use crate::graphql::error::{Error, Result};

/// Maximum number of groups of a field, in a series of all its points.
pub const MAX_GROUPS: usize = 5_000;
/// Maximum number of dimensions in one `groupBy`.
const MAX_DIMENSIONS: usize = 3;

/// Dimension to group by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupDimension {
    /// Territory of the organization; by default, its region. If it lies in several of the kind, the innermost.
    Territory,
    /// Platform of the page; for organizations, each platform on which they have an official page: the groups count them
    /// several times.
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

/// Partitions a group by dimensions, of which there is at least one, into at most `most` groups.
///
/// # Errors
/// When the dimensions are rejected by [`check_dimensions`], or there would be too many groups.
pub fn cut(
    view: &View,
    whole: Group,
    by: &[GroupDimension],
    territories: Kind,
    most: usize,
) -> Result<Vec<Group>> {
    check_dimensions(view, by, territories)?;
    let dimensions: Vec<Dimension> = by.iter().map(|by| (*by).into()).collect();
    view.cut(whole, &dimensions, territories, most).ok_or_else(too_many_groups)
}

/// Error of a query that would have too many groups.
pub fn too_many_groups() -> Error {
    Error::BadInput(format!(
        "There are more than {MAX_GROUPS} groups; filter, group by less, or shorten a series."
    ))
}

/// Checks the dimensions of a `groupBy`.
///
/// # Errors
/// When there are too many, one is repeated, or the registry has no territories of the kind to group by.
pub fn check_dimensions(view: &View, by: &[GroupDimension], territories: Kind) -> Result<()> {
    if by.len() > MAX_DIMENSIONS {
        return Err(Error::BadInput(format!("`groupBy` must hold at most {MAX_DIMENSIONS} dimensions.")));
    }
    check_distinct(by)?;
    let has = |kind: Kind| view.territories(kind).next().is_some();
    if !by.contains(&GroupDimension::Territory) || has(territories) {
        return Ok(());
    }
    let kinds: Vec<String> = Kind::EACH.iter().filter(|kind| has(**kind)).map(member_text).collect();
    let kinds = if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") };
    let missing = member_text(&territories);
    let text = format!("The registry has no territories of the kind {missing} to group by; it has {kinds}.");
    Err(Error::BadInput(text))
}

/// Checks that no value of a `groupBy` is repeated.
///
/// # Errors
/// When one is; the message names it.
pub fn check_distinct<T: EnumType>(by: &[T]) -> Result<()> {
    let is_repeated = |value: &T| by.iter().filter(|it| *it == value).count() > 1;
    match T::items().iter().find(|item| is_repeated(&item.value)) {
        Some(item) => Err(Error::BadInput(format!("`groupBy` holds {} more than once.", item.name))),
        None => Ok(()),
    }
}
