//! Why a row was not taken in.

use serde::Serialize;

/// Stable code of a refusal, for error files and programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum Code {
    MissingValue,
    BadValue,
    BadIdentifier,
    BadCheckDigit,
    PersonIdentifier,
    IdentifierMismatch,
    UnknownTerritory,
    ParentNotFound,
    TreeCycle,
    TreeTooDeep,
    FinalStatus,
    OwnerNotFound,
    OwnerAmbiguous,
    UrlNotAPage,
    PersonProfile,
    UnsupportedPlatform,
    PlatformMismatch,
    DuplicateInFile,
    DuplicateInRegistry,
    MarkNotAllowed,
    StaleRow,
}

impl Code {
    /// The code as files and programs read it.
    pub fn as_text(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(text)) => text,
            _ => unreachable!("a unit variant is written as a string"),
        }
    }
}

/// A refusal of one row.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) text: String,
    pub(super) suggestion: String,
}

/// Why work on a row stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The row's own fault: it goes to the error file.
    Refused(Refusal),
    /// Ours: the import ends.
    Failed(anyhow::Error),
}

pub(super) type RowResult<T> = Result<T, Stop>;

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// A refusal as an error, ready for `?`.
pub(super) fn refuse<T>(code: Code, text: impl Into<String>, suggestion: impl Into<String>) -> RowResult<T> {
    Err(Stop::Refused(Refusal { code, text: text.into(), suggestion: suggestion.into() }))
}
