//! Why a row was not taken in, or not as it stands.

use serde::Serialize;

/// Stable code of what is wrong with a row, for error files and programs.
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

/// What is wrong with a row: the whole of it is refused for it, or it is a warning.
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

/// A text that may repeat a cell is cut to a length that can be read.
fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Most characters of what is told of a row.
const MAX_TEXT: usize = 600;

/// Why work on a row stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The row's own fault: it goes to the error file, and leaves nothing in the registry.
    Refused(Problem),
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
    Err(Stop::Refused(Problem::new(code, text, suggestion)))
}
