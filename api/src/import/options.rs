//! What an import is asked to do, and what it answers.

use std::path::PathBuf;

use super::{mapping::Mapping, row::Counts};

/// What the file is a file of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
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
    pub bytes_done: u64,
    pub bytes_in_all: u64,
    pub rows: u64,
    /// Which time the file is read: 1 or 2.
    pub pass: usize,
}

/// What an import did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Report {
    pub counts: Counts,
    /// Whether the import was held because it would remove too much; nothing was then applied.
    pub held: Option<Held>,
}

/// A removal that waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Held {
    pub removed: usize,
    pub of: usize,
}
