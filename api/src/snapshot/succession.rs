//! Who goes on for an organization that was merged.

use entities::organization::Status;

use super::{MAX_DEPTH, Snapshot};

impl Snapshot {
    /// The one organization that goes on for one that was merged, through all that were merged since; or else itself.
    pub fn goes_on(&self, id: i64) -> i64 {
        let next = |id: &i64| match self.organization(*id).map(|it| (it.status, it.successors.as_slice()))? {
            (Status::Merged, [one]) => Some(*one),
            _ => None,
        };
        std::iter::successors(Some(id), next).take(MAX_DEPTH + 1).last().unwrap_or(id)
    }
}
