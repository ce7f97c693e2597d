//! Cells of a table: text in CSV, values in NDJSON and Parquet.

use std::borrow::Cow;

use async_graphql::resolver_utils::EnumType;
use chrono::{DateTime, NaiveDate, SecondsFormat, SubsecRound, Utc};
use registry::{csv_writer::CsvCell, parquet_writer::Value, snapshot::member_text};
use sea_orm::ActiveEnum;
use serde::{Serialize, Serializer};

/// Separator of the items of a list in CSV.
const SEPARATOR: &str = "; ";

/// Cell of a table.
#[derive(Debug, PartialEq)]
pub(crate) enum Cell {
    /// Unknown, or not applicable.
    Empty,
    Text(String),
    Whole(u64),
    Signed(i64),
    Decimal(f64),
    Boolean(bool),
    Day(NaiveDate),
    Timestamp(DateTime<Utc>),
    List(Vec<String>),
}

impl Cell {
    /// A part of a whole, from 0 to 1; empty if the whole is 0.
    pub(super) fn share(part: u64, whole: u64) -> Self {
        if whole == 0 { Self::Empty } else { Self::Decimal(part as f64 / whole as f64) }
    }

    /// A timestamp with all its digits, so that an import of the file does not change it.
    pub(super) fn exact(at: Option<DateTime<Utc>>) -> Self {
        at.map_or(Self::Empty, Self::Timestamp)
    }

    /// Name of an enum value, as in the API.
    pub(super) fn member(member: &impl ActiveEnum<Value = String>) -> Self {
        Self::Text(member_text(member))
    }

    /// Name of a value of an enum of the API.
    pub(super) fn value<T: EnumType>(value: T) -> Self {
        T::items().iter().find(|item| item.value == value).map_or(Self::Empty, |item| item.name.into())
    }

    /// The cell in CSV.
    pub(super) fn csv(&self, decimal: char) -> CsvCell<Cow<'_, str>> {
        CsvCell::Plain(match self {
            Self::Text(text) => return CsvCell::Text(Cow::Borrowed(text)),
            Self::List(items) => return CsvCell::Text(Cow::Owned(items.join(SEPARATOR))),
            Self::Empty => Cow::Borrowed(""),
            Self::Whole(number) => Cow::Owned(number.to_string()),
            Self::Signed(number) => Cow::Owned(number.to_string()),
            Self::Decimal(number) if decimal == '.' => Cow::Owned(number.to_string()),
            Self::Decimal(number) => Cow::Owned(number.to_string().replace('.', &decimal.to_string())),
            Self::Boolean(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
            Self::Day(day) => Cow::Owned(day.to_string()),
            Self::Timestamp(at) => Cow::Owned(iso(*at)),
        })
    }

    /// The cell in Parquet.
    pub(super) fn typed(&self) -> Value<'_> {
        match self {
            Self::Empty => Value::Null,
            Self::Text(text) => Value::Text(text),
            Self::Whole(number) => Value::Integer(i64::try_from(*number).unwrap_or(i64::MAX)),
            Self::Signed(number) => Value::Integer(*number),
            Self::Decimal(number) => Value::Float(*number),
            Self::Boolean(flag) => Value::Boolean(*flag),
            Self::Day(day) => Value::Day(*day),
            Self::Timestamp(at) => Value::Timestamp(*at),
            Self::List(items) => Value::Texts(items),
        }
    }
}

/// A timestamp in RFC 3339, with the digits that it has.
fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
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
    /// The timestamp to the second.
    fn from(at: DateTime<Utc>) -> Self {
        Self::Timestamp(at.trunc_subsecs(0))
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
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
            Self::Signed(number) => serializer.serialize_i64(*number),
            Self::Decimal(number) => serializer.serialize_f64(*number),
            Self::Boolean(flag) => serializer.serialize_bool(*flag),
            Self::Day(day) => serializer.collect_str(day),
            Self::Timestamp(at) => serializer.serialize_str(&iso(*at)),
            Self::List(items) => items.serialize(serializer),
        }
    }
}
