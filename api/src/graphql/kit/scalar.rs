//! Scalars of the schema.

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{NaiveDate, SecondsFormat, SubsecRound, Utc};

/// RFC 3339 timestamp in UTC, to the microsecond if it is not whole: `2026-11-22T07:06:00Z`.
#[derive(Clone, Copy)]
pub struct DateTime(pub chrono::DateTime<Utc>);

/// ISO 8601 calendar date: `2026-11-22`. Days begin and end in the registry's time zone.
#[derive(Clone, Copy)]
pub struct Date(pub NaiveDate);

/// Absolute URL.
pub struct Url(pub String);

/// Non-negative integer that may exceed the range of `Int`: JSON number up to 2^53.
#[derive(Clone, Copy)]
pub struct Count(pub u64);

/// Integer from -2^53 to 2^53.
pub struct WholeNumber(pub i64);

/// What to write for a scalar of the schema; empty for another one.
pub fn form(scalar: &str) -> &'static str {
    match scalar {
        "DateTime" => "write it as \"2026-11-22T07:06:00Z\"",
        "Date" => "write it as \"2026-11-22\", a day that exists",
        "Url" => "write a text",
        "Count" => "write an integer from 0 to 2^53",
        "WholeNumber" => "write an integer from -2^53 to 2^53",
        _ => "",
    }
}

/// Whether a value can be read; `true` if the scalar is not one of the schema's own.
pub fn can_read(scalar: &str, value: &Value) -> bool {
    match scalar {
        "DateTime" => DateTime::read(value).is_some(),
        "Date" => Date::read(value).is_some(),
        "Url" => matches!(value, Value::String(_)),
        "Count" => Count::read(value).is_some(),
        "WholeNumber" => WholeNumber::read(value).is_some(),
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
        chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| Self(time.to_utc()))
    }
}

impl Date {
    fn read(value: &Value) -> Option<Self> {
        let Value::String(text) = value else { return None };
        text.parse().ok().map(Self)
    }
}

impl Count {
    fn read(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else { return None };
        number.as_u64().map(Self)
    }
}

impl WholeNumber {
    fn read(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else { return None };
        number.as_i64().filter(|number| number.unsigned_abs() <= 1 << 53).map(Self)
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

/// Non-negative integer that may exceed the range of `Int`: JSON number up to 2^53.
#[Scalar(name = "Count", specified_by_url = "https://www.rfc-editor.org/rfc/rfc7493#section-2.2")]
impl ScalarType for Count {
    fn parse(value: Value) -> InputValueResult<Self> {
        Self::read(&value).ok_or_else(unreadable)
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// Integer from -2^53 to 2^53.
#[Scalar(name = "WholeNumber", specified_by_url = "https://www.rfc-editor.org/rfc/rfc7493#section-2.2")]
impl ScalarType for WholeNumber {
    fn parse(value: Value) -> InputValueResult<Self> {
        Self::read(&value).ok_or_else(unreadable)
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}
