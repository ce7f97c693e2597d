//! What became of the rows of a file, in numbers.

use entities::change::SubjectType;
use serde::{Deserialize, Serialize};

use super::row::Import;
use crate::snapshot::Subject;

/// What became of the subjects of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Tally {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub removed: u64,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Counts {
    pub rows: u64,
    /// Rows of which nothing was taken in.
    pub refused: u64,
    /// What was taken in otherwise than its row says.
    #[serde(default)]
    pub warnings: u64,
    pub territories: Tally,
    pub organizations: Tally,
    pub pages: Tally,
    #[serde(default)]
    pub exemptions: Tally,
}

impl Counts {
    pub(super) fn tally_mut(&mut self, kind: SubjectType) -> &mut Tally {
        match kind {
            SubjectType::Territory => &mut self.territories,
            SubjectType::Organization => &mut self.organizations,
            SubjectType::Exemption => &mut self.exemptions,
            _ => &mut self.pages,
        }
    }
}

impl Import {
    /// Counts what became of a subject by its first row.
    pub(super) fn count(&mut self, subject: Subject, is_new: bool, is_changed: bool) {
        let tally = self.counts.tally_mut(subject.0);
        match (is_new, is_changed) {
            (true, _) => tally.created += 1,
            (false, true) => tally.updated += 1,
            (false, false) => {
                tally.unchanged += 1;
                self.unchanged.insert(subject);
            }
        }
    }

    /// Counts what became of it later: by another row, or by the second pass.
    pub(super) fn count_again(&mut self, subject: Subject, is_changed: bool) {
        if is_changed && self.unchanged.remove(&subject) {
            let tally = self.counts.tally_mut(subject.0);
            tally.unchanged -= 1;
            tally.updated += 1;
        }
    }
}
