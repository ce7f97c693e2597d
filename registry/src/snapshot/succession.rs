//! Successors of merged organizations.

use entities::organization::Status;

use super::{MAX_DEPTH, Snapshot};

impl Snapshot {
    /// Final successor of a merged organization through mergers with one successor each; otherwise itself.
    fn goes_on(&self, id: i64) -> i64 {
        let next = |id: &i64| match self.organization(*id).map(|it| (it.status, it.successors.as_slice()))? {
            (Status::Merged, [one]) => Some(*one),
            _ => None,
        };
        std::iter::successors(Some(id), next).take(MAX_DEPTH + 1).last().unwrap_or(id)
    }

    /// Organization that takes over the pages of a merged one: its final successor if active, otherwise itself.
    pub fn takes_pages_of(&self, id: i64) -> i64 {
        let last = self.goes_on(id);
        let works = self.organization(last).is_some_and(|it| it.status == Status::Active);
        if works { last } else { id }
    }

    /// Organizations that were merged into this one alone, directly or transitively.
    pub fn merged_into(&self, id: i64) -> Vec<i64> {
        let goes_into = |merged: i64, id: i64| {
            let known = self.organization(merged);
            known.is_some_and(|it| it.status == Status::Merged && *it.successors == [id])
        };
        let (mut found, mut open) = (Vec::new(), vec![id]);
        while let Some(id) = open.pop() {
            for merged in self.predecessors.ids(id).filter(|merged| goes_into(*merged, id)) {
                if !found.contains(&merged) {
                    found.push(merged);
                    open.push(merged);
                }
            }
        }
        found
    }
}
