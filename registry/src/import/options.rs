//! Options, progress and report of an import.

use std::path::PathBuf;

use anyhow::{Result, bail};
use entities::change::SubjectType;

use super::{counts::Counts, mapping::Mapping, plan::Plan};

/// Kind of the file's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Authorities and institutions.
    Organizations,
    /// Pages with their owners.
    Pages,
    /// Countries, districts, regions, municipalities, settlements.
    Territories,
    /// Exemptions of organizations from obligations to have pages.
    Exemptions,
}

impl Kind {
    /// Name of the kind on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Organizations => "organizations",
            Self::Pages => "pages",
            Self::Territories => "territories",
            Self::Exemptions => "exemptions",
        }
    }

    /// Type of the records.
    pub(super) fn subject_type(self) -> SubjectType {
        match self {
            Self::Organizations => SubjectType::Organization,
            Self::Pages => SubjectType::Page,
            Self::Territories => SubjectType::Territory,
            Self::Exemptions => SubjectType::Exemption,
        }
    }
}

/// Options of an import.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Options {
    pub file: PathBuf,
    pub kind: Kind,
    pub mapping: Mapping,
    /// Name of the source: `full` compares the file with the records of this source.
    pub source: String,
    /// Reports the changes without applying them.
    pub dry_run: bool,
    /// The file is complete: records of the source that it lacks are removed.
    pub full: bool,
    /// Remove records even if the removal guard would hold the import.
    pub confirm_removals: bool,
    pub error_file: PathBuf,
}

/// Progress of an import.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Progress {
    pub stage: Stage,
    /// Bytes while reading, then rows.
    pub done: u64,
    pub of: u64,
}

/// Stage of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Stage {
    Reading,
    DryRun,
    Writing,
}

impl Progress {
    pub(super) fn reading(done: u64, of: u64) -> Self {
        Self { stage: Stage::Reading, done, of }
    }
}

/// Result of an import or a dry run.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Report {
    /// Id of the job; `None` for a dry run.
    pub job_id: Option<i64>,
    pub counts: Counts,
    /// Set if the removal guard held the import; then nothing was applied.
    pub held: Option<Held>,
    /// Planned changes of a dry run or a held import.
    pub plan: Option<Plan>,
    /// With `full`, if the registry has no records of the source: the sources that it has.
    pub other_sources: Option<Vec<Box<str>>>,
}

/// Longest name of a source, in characters.
const MAX_SOURCE: usize = 100;

/// Refuses source names that would be ambiguous in the change log, or in lists of the codes that begin with them.
///
/// # Errors
/// When the name is invalid.
pub fn check_source(source: &str) -> Result<()> {
    let is_plain =
        source.trim() == source && !source.chars().any(|c| c.is_control() || matches!(c, '#' | ';'));
    if source.is_empty() || !is_plain || source.chars().count() > MAX_SOURCE {
        bail!(
            "`{}` is not a valid source name: use 1 to {MAX_SOURCE} characters, without `#`, `;`, control \
             characters and outer blanks.",
            source.chars().take(MAX_SOURCE).flat_map(char::escape_debug).collect::<String>()
        );
    }
    Ok(())
}

/// A removal that needs confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Held {
    pub removed: usize,
    pub of: usize,
}
