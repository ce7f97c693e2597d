//! Scalars of the schema.

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{NaiveDate, SecondsFormat, SubsecRound, Utc};
use registry::calendar;

use crate::graphql::error::{Error, Result};

/// Largest integer that every JSON parser reads exactly.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// RFC 3339 timestamp in UTC, to the microsecond if it is not whole: `2026-11-22T07:06:00Z`.
#[derive(Clone, Copy)]
pub struct DateTime(pub chrono::DateTime<Utc>);

/// ISO 8601 calendar date: `2026-11-22`. Days begin and end in the registry's time zone.
#[derive(Clone, Copy)]
pub struct Date(pub NaiveDate);

/// Absolute URL.
pub struct Url(pub String);

/// Integer from -2^53+1 to 2^53-1, a JSON number.
#[derive(Clone, Copy)]
pub struct SafeInt(pub i64);

/// What to write for a scalar of the schema, or for `Int`; empty for another one.
pub fn form(scalar: &str) -> &'static str {
    match scalar {
        "DateTime" => "write it as \"2026-11-22T07:06:00Z\"",
        "Date" => "write it as \"2026-11-22\", a day that exists",
        "Url" => "write a text",
        "SafeInt" => "write an integer from -2^53+1 to 2^53-1",
        "Int" => "write an integer from -2^31 to 2^31-1",
        _ => "",
    }
}

/// Whether a value can be read; `true` if the scalar is neither one of the schema's own nor `Int`.
pub fn can_read(scalar: &str, value: &Value) -> bool {
    match scalar {
        "DateTime" => DateTime::read(value).is_some(),
        "Date" => Date::read(value).is_some(),
        "Url" => matches!(value, Value::String(_)),
        "SafeInt" => SafeInt::read(value).is_some(),
        "Int" => {
            matches!(value, Value::Number(number) if number.as_i64().is_some_and(|it| i32::try_from(it).is_ok()))
        }
        _ => true,
    }
}

/// Error of a value that cannot be read.
fn unreadable<T: InputType>() -> InputValueError<T> {
    InputValueError::custom(form(&T::type_name()))
}

impl DateTime {
    fn read(value: &Value) -> Option<Self> {
        let Value::String(text) = value else { return None };
        calendar::parse_timestamp(text).map(Self)
    }
}

impl Date {
    fn read(value: &Value) -> Option<Self> {
        let Value::String(text) = value else { return None };
        calendar::parse_day(text).map(Self)
    }
}

impl SafeInt {
    fn read(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else { return None };
        number.as_i64().filter(|number| (-MAX_SAFE..=MAX_SAFE).contains(number)).map(Self)
    }

    /// The number of an argument that may not be negative.
    ///
    /// # Errors
    /// If it is negative: the message names the argument.
    pub fn not_negative(self, argument: &str) -> Result<i64> {
        match self.0 {
            0.. => Ok(self.0),
            _ => Err(Error::BadInput(format!("`{argument}` must not be negative."))),
        }
    }
}

impl From<u64> for SafeInt {
    fn from(number: u64) -> Self {
        Self(i64::try_from(number).map_or(MAX_SAFE, |number| number.min(MAX_SAFE)))
    }
}

/// RFC 3339 timestamp in UTC, to the microsecond if it is not whole: `2026-11-22T07:06:00Z`.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        Self::read(&value).ok_or_else(unreadable)
    }

    fn to_value(&self) -> Value {
        // The registry counts in microseconds; of a time that was just measured, the rest is noise.
        Value::String(self.0.trunc_subsecs(6).to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// ISO 8601 calendar date: `2026-11-22`. Days begin and end in the registry's time zone.
#[Scalar(name = "Date", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        Self::read(&value).ok_or_else(unreadable)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// Absolute URL.
#[Scalar(name = "Url", specified_by_url = "https://url.spec.whatwg.org/#absolute-url-string")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            _ => Err(unreadable()),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Integer from -2^53+1 to 2^53-1, a JSON number.
#[Scalar(name = "SafeInt", specified_by_url = "https://www.rfc-editor.org/rfc/rfc7493#section-2.2")]
impl ScalarType for SafeInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        Self::read(&value).ok_or_else(unreadable)
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}
