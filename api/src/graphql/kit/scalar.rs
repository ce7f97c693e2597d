//! Scalars of the schema.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{NaiveDate, SecondsFormat, Utc};

/// Timestamp in UTC, as RFC 3339 writes it: `2026-11-22T07:06:00Z`.
pub struct DateTime(pub chrono::DateTime<Utc>);

/// Calendar day, as ISO 8601 writes it: `2026-11-22`.
#[derive(Clone, Copy)]
pub struct Date(pub NaiveDate);

/// Absolute web address.
pub struct Url(pub String);

/// Whole number that may pass 2,147,483,647: JSON number up to 2^53.
pub struct Count(pub u64);

/// Whole number from -2^53 to 2^53.
pub struct WholeNumber(pub i64);

/// Timestamp in UTC, as RFC 3339 writes it: `2026-11-22T07:06:00Z`.
#[Scalar(name = "DateTime")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(chrono::DateTime::parse_from_rfc3339(text)?.to_utc())),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// Calendar day, as ISO 8601 writes it: `2026-11-22`.
#[Scalar(name = "Date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(text.parse()?)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// Absolute web address.
#[Scalar(name = "Url")]
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

/// Whole number that may pass 2,147,483,647: JSON number up to 2^53.
#[Scalar(name = "Count")]
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

/// Whole number from -2^53 to 2^53.
#[Scalar(name = "WholeNumber")]
impl ScalarType for WholeNumber {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => match number.as_i64() {
                Some(number) if number.unsigned_abs() <= 1 << 53 => Ok(Self(number)),
                _ => Err(InputValueError::custom("is no whole number from -2^53 to 2^53")),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}
