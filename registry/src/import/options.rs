//! What an import is asked to do, and what it answers.

use std::path::PathBuf;

use entities::change::SubjectType;

use super::{counts::Counts, mapping::Mapping, plan::Plan};

/// What the file is a file of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Authorities and institutions.
    Organizations,
    /// Pages, with the organizations that keep them.
    Pages,
    /// Countries, districts, regions, municipalities, settlements.
    Territories,
    /// Decisions that free organizations from obligations to keep pages.
    Exemptions,
}

impl Kind {
    /// The word for it, as the command line has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Organizations => "organizations",
            Self::Pages => "pages",
            Self::Territories => "territories",
            Self::Exemptions => "exemptions",
        }
    }

    /// Type of the records that it is about.
    pub(super) fn subject_type(self) -> SubjectType {
        match self {
            Self::Organizations => SubjectType::Organization,
            Self::Pages => SubjectType::Page,
            Self::Territories => SubjectType::Territory,
            Self::Exemptions => SubjectType::Exemption,
        }
    }
}

/// What to import, and how.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Options {
    pub file: PathBuf,
    pub kind: Kind,
    pub mapping: Mapping,
    /// Name of the source: what `full` compares the file with.
    pub source: String,
    /// Say what would happen, and write nothing.
    pub dry_run: bool,
    /// The file is all that the source holds.
    pub full: bool,
    /// Remove even so much that it looks like a mistake.
    pub confirm_removals: bool,
    pub error_file: PathBuf,
}

/// How far an import came.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Progress {
    pub stage: Stage,
    /// Bytes while the file is read, rows after that.
    pub done: u64,
    pub of: u64,
}

/// What an import is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Stage {
    Reading,
    Trying,
    Writing,
}

impl Progress {
    pub(super) fn reading(done: u64, of: u64) -> Self {
        Self { stage: Stage::Reading, done, of }
    }
}

/// What an import did, or would do.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Report {
    /// Number of the job; none of a trial.
    pub job_id: Option<i64>,
    pub counts: Counts,
    /// Whether the import was held because it would remove too much; nothing was then applied.
    pub held: Option<Held>,
    /// What would change, of a trial and of an import that was held.
    pub plan: Option<Plan>,
    /// With `full`, where the registry has nothing of the source to compare the file with: sources that it has.
    pub other_sources: Option<Vec<Box<str>>>,
}

/// A removal that waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Held {
    pub removed: usize,
    pub of: usize,
}
