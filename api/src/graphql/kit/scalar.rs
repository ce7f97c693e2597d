//! Scalars of the schema.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
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

/// RFC 3339 timestamp in UTC, to the microsecond if it is not whole: `2026-11-22T07:06:00Z`.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => chrono::DateTime::parse_from_rfc3339(text)
                .map(|time| Self(time.to_utc()))
                .map_err(|_| InputValueError::custom("write it as `2024-03-01T00:00:00Z`")),
            _ => Err(InputValueError::expected_type(value)),
        }
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
        match &value {
            Value::String(text) => text
                .parse()
                .map(Self)
                .map_err(|_| InputValueError::custom("write it as `2024-03-01`, a day that exists")),
            _ => Err(InputValueError::expected_type(value)),
        }
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
            other => Err(InputValueError::expected_type(other)),
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
        match &value {
            Value::Number(number) => {
                number.as_u64().map(Self).ok_or_else(|| InputValueError::expected_type(value))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// Integer from -2^53 to 2^53.
#[Scalar(name = "WholeNumber", specified_by_url = "https://www.rfc-editor.org/rfc/rfc7493#section-2.2")]
impl ScalarType for WholeNumber {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => match number.as_i64() {
                Some(number) if number.unsigned_abs() <= 1 << 53 => Ok(Self(number)),
                _ => Err(InputValueError::custom("must be an integer from -2^53 to 2^53")),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}
