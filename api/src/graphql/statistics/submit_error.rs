//! Codes of submitted statistics: of the input as a whole, and of its rows.

use async_graphql::{Enum, SimpleObject};
use registry::statistics::submit::Rejection;

/// Code of an error in the input of `statisticsSubmit`.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatisticsSubmitErrorCode {
    /// There are no rows.
    NoRows,
    /// There are more than 1,000 rows.
    TooManyRows,
    /// `source` is empty, too long, or has control characters.
    BadSource,
    /// `idempotencyKey` is empty, too long, or has control characters.
    BadIdempotencyKey,
    /// Other rows were sent with the same `idempotencyKey` within a day.
    IdempotencyMismatch,
}

/// Error in the input of `statisticsSubmit` as a whole.
#[derive(SimpleObject)]
pub struct StatisticsSubmitError {
    /// Stable code of the error.
    pub code: StatisticsSubmitErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input.
    pub field: Vec<String>,
}

impl StatisticsSubmitError {
    /// Error in a field of the input.
    pub fn new(code: StatisticsSubmitErrorCode, message: impl Into<String>, field: &str) -> Self {
        Self { code, message: message.into(), field: vec!["input".into(), field.to_owned()] }
    }
}

/// Code of the reason why a row of statistics is rejected.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatisticsRowErrorCode {
    /// A value cannot be read: a day, a timestamp, a URL or a number.
    Malformed,
    /// The registry has no such page.
    PageNotFound,
    /// Two references of the row name different pages; only in files, since `PageRef` is one reference.
    ContradictoryReference,
    /// The page is not on the platform of the key.
    OtherPlatform,
    /// The owner of the page is not of the organization or the territory of the key.
    OtherOwner,
    /// The day has not begun anywhere yet.
    InFuture,
    /// The day is before the page's first record.
    BeforeFirstSeen,
    /// A day or a timestamp is before 1990, or a timestamp is in the future.
    TimeOutOfRange,
    /// A value is negative.
    Negative,
    /// A value is above the limit of its metric.
    TooLarge,
    /// The row has no values.
    NoFigures,
    /// The registry has values of that day with a later `recordedAt`.
    OlderThanKnown,
}

impl From<Rejection> for StatisticsRowErrorCode {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::PageNotFound => Self::PageNotFound,
            Rejection::ContradictoryReference => Self::ContradictoryReference,
            Rejection::OtherPlatform => Self::OtherPlatform,
            Rejection::OtherOwner => Self::OtherOwner,
            Rejection::InFuture => Self::InFuture,
            Rejection::BeforeFirstSeen => Self::BeforeFirstSeen,
            Rejection::TimeOutOfRange => Self::TimeOutOfRange,
            Rejection::Negative => Self::Negative,
            Rejection::TooLarge => Self::TooLarge,
            Rejection::NoFigures => Self::NoFigures,
            Rejection::OlderThanKnown => Self::OlderThanKnown,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType;
    use registry::statistics::submit::{Rejection, UnreadableRow};

    use super::StatisticsRowErrorCode;

    #[test]
    fn a_row_has_the_same_code_in_a_mutation_and_in_a_file() {
        let name = |code: StatisticsRowErrorCode| {
            StatisticsRowErrorCode::items().iter().find(|item| item.value == code).map(|item| item.name)
        };
        for rejection in [
            Rejection::PageNotFound,
            Rejection::ContradictoryReference,
            Rejection::OtherPlatform,
            Rejection::OtherOwner,
            Rejection::InFuture,
            Rejection::BeforeFirstSeen,
            Rejection::TimeOutOfRange,
            Rejection::Negative,
            Rejection::TooLarge,
            Rejection::NoFigures,
            Rejection::OlderThanKnown,
        ] {
            assert_eq!(name(rejection.into()), Some(rejection.code()));
        }
        assert_eq!(name(StatisticsRowErrorCode::Malformed), Some(UnreadableRow::CODE));
    }
}
