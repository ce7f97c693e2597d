//! Errors and warnings of rows.

use serde::Serialize;

/// Stable error or warning code of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum Code {
    MalformedRow,
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
    OwnerEnded,
    UrlNotAPage,
    PersonProfile,
    UnsupportedPlatform,
    PlatformMismatch,
    DuplicateInFile,
    DuplicateInRegistry,
    HandleMoved,
    MarkNotAllowed,
    NameConflict,
    CodeConflict,
    StaleRow,
}

impl Code {
    /// The code as text, such as `BAD_VALUE`.
    pub fn as_text(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(text)) => text,
            _ => unreachable!("a unit variant is written as a string"),
        }
    }
}

/// A problem of a row: an error, which refuses the row, or a warning.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) text: String,
    pub(super) suggestion: String,
}

impl Problem {
    pub(super) fn new(code: Code, text: impl Into<String>, suggestion: impl Into<String>) -> Self {
        Self { code, text: cut(text.into()), suggestion: suggestion.into() }
    }
}

/// Cuts a text, which may quote a long cell, to `MAX_TEXT`.
fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Longest message, in characters.
const MAX_TEXT: usize = 600;

/// Why processing of a row stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The row is invalid: it goes to the error file and changes nothing.
    RowError(Problem),
    /// An internal error: the import stops.
    Failed(anyhow::Error),
}

pub(super) type RowResult<T> = Result<T, Stop>;

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// Returns a row error, for use with `?`.
pub(super) fn refuse<T>(code: Code, text: impl Into<String>, suggestion: impl Into<String>) -> RowResult<T> {
    Err(Stop::RowError(Problem::new(code, text, suggestion)))
}
