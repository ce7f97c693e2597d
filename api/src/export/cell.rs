//! Cells of a table: text in CSV, values in NDJSON.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use registry::snapshot::member_text;
use sea_orm::ActiveEnum;
use serde::{Serialize, Serializer};

/// Decimal places of numbers that are not whole: 10 to this power.
const DECIMALS: f64 = 10_000.0;
/// Separator of the items of a list in CSV.
const SEPARATOR: &str = "; ";

/// Cell of a table.
#[derive(Debug, PartialEq)]
pub(crate) enum Cell {
    /// Unknown, or not applicable.
    Empty,
    Text(String),
    Whole(u64),
    Decimal(f64),
    List(Vec<String>),
}

impl Cell {
    /// A number with four decimal places.
    pub(super) fn decimal(number: f64) -> Self {
        Self::Decimal((number * DECIMALS).round() / DECIMALS)
    }

    /// A timestamp with all its digits, so that an import of the file does not change it.
    pub(super) fn exact(at: Option<DateTime<Utc>>) -> Self {
        at.map_or(Self::Empty, |at| Self::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
    }

    /// Name of an enum value, as in the API.
    pub(super) fn member(member: &impl ActiveEnum<Value = String>) -> Self {
        Self::Text(member_text(member))
    }

    /// Text of the cell in CSV.
    pub(super) fn csv(&self, decimal: char) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Whole(number) => Cow::Owned(number.to_string()),
            Self::Decimal(number) if decimal == '.' => Cow::Owned(number.to_string()),
            Self::Decimal(number) => Cow::Owned(number.to_string().replace('.', &decimal.to_string())),
            Self::List(items) => Cow::Owned(items.join(SEPARATOR)),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(at: DateTime<Utc>) -> Self {
        Self::Text(at.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Text(day.to_string())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Whole(number) => serializer.serialize_u64(*number),
            Self::Decimal(number) => serializer.serialize_f64(*number),
            Self::List(items) => items.serialize(serializer),
        }
    }
}
