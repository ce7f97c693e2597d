//! What coverage is asked of: the same question can be asked of several states of the registry.

use registry::{
    snapshot::Filter,
    view::{Coverage as Counts, DimensionValue, Group, View},
    worker_pool,
};

use super::Coverage;
use crate::graphql::{
    error::Result,
    kit::group::{self, GroupDimension},
    territory::TerritoryKind,
};

/// What coverage is asked of.
#[derive(Clone)]
pub struct Question {
    /// Conditions that the organizations must meet, with the codes of the present.
    pub(super) filter: Filter,
    /// Dimensions to group by.
    pub(super) by: Vec<GroupDimension>,
    /// Kind of territory to group by.
    pub(super) territories: TerritoryKind,
}

impl Question {
    /// Coverage on the day of a view, in at most `most` groups.
    ///
    /// # Errors
    /// When the dimensions are rejected, or there would be too many groups.
    pub(super) fn answer(self, view: View, most: usize) -> Result<Coverage> {
        let total = view.coverage(view.day(), &view.filter_then(&self.filter));
        let groups = match self.by.as_slice() {
            [] => Vec::new(),
            by => cut(&view, &total, (by, self.territories), most)?,
        };
        Ok(Coverage { view, question: self, total, groups })
    }
}

/// Partitions the counts of all organizations by dimensions.
fn cut(
    view: &View,
    total: &Counts,
    (by, territories): (&[GroupDimension], TerritoryKind),
    most: usize,
) -> Result<Vec<(Vec<DimensionValue>, Counts)>> {
    let whole = Group::of_organizations(&total.obliged | &total.exempt);
    let counts = group::cut(view, whole, by, territories.into(), most)?.into_iter().map(|group| {
        worker_pool::yield_if_due();
        let organizations = group.organizations.unwrap_or_default();
        let counts = Counts {
            obliged: &organizations & &total.obliged,
            exempt: &organizations & &total.exempt,
            covered: &organizations & &total.covered,
        };
        (group.keys, counts)
    });
    Ok(counts.collect())
}
