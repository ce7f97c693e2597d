//! Reads a submitted row from a JSON object, with error messages that name the key and what to write.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::{
    export::COLUMNS,
    figure::Rejection,
    row_reader::{MAX_ECHO, MORE_COLUMNS, RowFault, cut},
    submitted_row::{FORMER_PLATFORM_CODE, SentRow},
};
use crate::calendar::parse_day;

/// Keys whose values are texts.
const TEXTS: [&str; 4] = ["pageId", "platformCode", FORMER_PLATFORM_CODE, "url"];
/// Key whose value is a text or a whole number, as in GraphQL.
const NATIVE_ID: &str = "nativeId";
/// Keys whose values are timestamps.
const TIMESTAMPS: [&str; 2] = ["recordedAt", "lastPostAt"];

/// The row of a JSON object.
///
/// # Errors
/// What is wrong with it, when it is none.
pub(super) fn read(line: &[u8]) -> Result<SentRow, RowFault> {
    serde_json::from_slice(line).or_else(|error| match with_quoted_id(line) {
        Some(line) => serde_json::from_slice(&line).map_err(|error| fault(&line, &error)),
        None => Err(fault(line, &error)),
    })
}

/// The only key of a row that is read as it is written.
#[derive(Deserialize)]
struct WithId<'a> {
    #[serde(borrow, rename = "nativeId")]
    native_id: &'a RawValue,
}

/// The line with its native id in quotes, if that is a whole number. Its digits are taken as they are: a number type would not
/// hold all of them.
fn with_quoted_id(line: &[u8]) -> Option<Vec<u8>> {
    let id = serde_json::from_slice::<WithId<'_>>(line).ok()?.native_id.get();
    let digits = id.strip_prefix('-').unwrap_or(id);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let begin = id.as_ptr().addr() - line.as_ptr().addr();
    let (before, after) = (line.get(..begin)?, line.get(begin + id.len()..)?);
    Some([before, b"\"", id.as_bytes(), b"\"", after].concat())
}

/// Fault of an object that is not a row.
fn fault(line: &[u8], error: &serde_json::Error) -> RowFault {
    let object: Map<String, Value> = match serde_json::from_slice(line) {
        Ok(object) => object,
        // Each line is parsed on its own.
        Err(error) => {
            return format!("The line is not valid JSON; look at column {}.", error.column()).into();
        }
    };
    message(&object, line).map(RowFault::Malformed).or_else(|| out_of_range(&object)).unwrap_or_else(|| {
        // A parsed object has the last value of a key that is given twice.
        let message = error.to_string();
        match message.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next()) {
            Some(key) => format!("The row has the key `{key}` twice.").into(),
            None => "The line is not a row of statistics.".to_owned().into(),
        }
    })
}

/// Error message of the first key or value that a row, written in this line, cannot have.
fn message(object: &Map<String, Value>, line: &[u8]) -> Option<String> {
    let is_known = |key: &str| key == FORMER_PLATFORM_CODE || columns().any(|column| column == key);
    let unknown = object.keys().find(|key| !is_known(key));
    if let Some(key) = unknown {
        let known = columns().collect::<Vec<_>>().join(", ");
        return Some(format!("The row has an unknown key `{}`. Known keys: {known}.", cut(key, MAX_ECHO)));
    }
    let lacks_day = || (!object.contains_key("day")).then(|| "The row lacks the key `day`.".to_owned());
    let wrong = object.iter().find_map(|(key, value)| Some((key, value, expected(key, value)?)));
    let of_value = |(key, value, form): (&String, &Value, &str)| {
        format!("{key}: `{}`; write {form}.", cut(&written(line, key, value), MAX_ECHO))
    };
    wrong.map(of_value).or_else(lacks_day)
}

/// A value as it is written in a line: a number is not shown as the one that it is read as, such as `1e5` as `100000.0`.
fn written(line: &[u8], key: &str, value: &Value) -> String {
    let values = || serde_json::from_slice::<BTreeMap<String, &RawValue>>(line).ok();
    let number = value.is_number().then(|| Some(values()?.get(key)?.get().to_owned())).flatten();
    number.unwrap_or_else(|| value.to_string())
}

/// Rejection of the first number that no value can have.
fn out_of_range(object: &Map<String, Value>) -> Option<RowFault> {
    object.values().find_map(beyond).map(RowFault::Rejected)
}

/// Rejection of a number beyond the range of [`i64`].
fn beyond(value: &Value) -> Option<Rejection> {
    let number = value.as_f64().filter(|_| !value.is_i64())?;
    match () {
        () if number >= i64::MAX as f64 => Some(Rejection::TooLarge),
        () if number <= i64::MIN as f64 => Some(Rejection::Negative),
        () => None,
    }
}

/// What to write for a key; `None` if it can have the value.
fn expected(key: &str, value: &Value) -> Option<&'static str> {
    let is_time = |text: &str| text.parse::<DateTime<Utc>>().is_ok();
    let (is_right, form) = match key {
        "day" => {
            let is_day = value.as_str().and_then(parse_day).is_some();
            (is_day, "a day as \"2026-11-22\"")
        }
        _ if value.is_null() => (true, ""),
        NATIVE_ID => (value.is_string(), "a text in quotes, or a whole number"),
        _ if TEXTS.contains(&key) => (value.is_string(), "a text in quotes"),
        _ if TIMESTAMPS.contains(&key) => {
            (value.as_str().is_some_and(is_time), "a timestamp as \"2026-11-22T07:06:00Z\"")
        }
        _ => (value.is_i64() || beyond(value).is_some(), "a whole number without quotes"),
    };
    (!is_right).then_some(form)
}

fn columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().chain(MORE_COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::{FORMER_PLATFORM_CODE, Rejection, RowFault, columns, read};

    #[test]
    fn a_row_that_cannot_be_read_is_reported_with_its_key_and_what_to_write() {
        for (line, expected) in [
            (r#"{"day": "2026-11-22", "zzz": 1}"#, "unknown key `zzz`. Known keys: pageId, "),
            (
                r#"{"day": "2026-11-22", "views": "5"}"#,
                "views: `\"5\"`; write a whole number without quotes.",
            ),
            (r#"{"day": "2026-11-22", "views": 1.5}"#, "views: `1.5`; write a whole number"),
            (
                r#"{"day": "2026-11-22", "nativeId": 1.5}"#,
                "nativeId: `1.5`; write a text in quotes, or a whole",
            ),
            (
                r#"{"day": "2026-11-22", "nativeId": 1e5}"#,
                "nativeId: `1e5`; write a text in quotes, or a whole number.",
            ),
            (r#"{"day": "2026-11-22", "views":1.50 }"#, "views: `1.50`; write a whole number"),
            (r#"{"views": 12E-1, "day": "2026-11-22"}"#, "views: `12E-1`; write a whole number"),
            (r#"{"day": "2026-11-22", "nativeId": [1]}"#, "nativeId: `[1]`; write a text in quotes, or a"),
            (r#"{"day": "2026-11-22", "nativeId": 1, "views": "5"}"#, "views: `\"5\"`; write a whole number"),
            (r#"{"day": "2026-11-22", "pageId": 1, "nativeId": 1}"#, "pageId: `1`; write a text in quotes."),
            (r#"{"day": "22.11.2026"}"#, "write a day as \"2026-11-22\"."),
            (r#"{"day": null}"#, "day: `null`; write a day"),
            (r#"{"day": "2026-11-22", "recordedAt": "x"}"#, "write a timestamp as"),
            (r#"{"views": 1}"#, "lacks the key `day`"),
            (r#"{"day": "2026-11-22", "views": 1, "views": 2}"#, "the key `views` twice"),
            (
                r#"{"day": "2026-11-22", "platform": "vk", "platformCode": "vk"}"#,
                "the key `platformCode` twice",
            ),
            (r#"{"day": "#, "not valid JSON"),
        ] {
            let RowFault::Malformed(message) = read(line.as_bytes()).expect_err(line) else {
                panic!("{line} is malformed")
            };
            assert!(message.contains(expected), "{line}: {message}");
        }
    }

    #[test]
    fn a_native_id_may_be_a_whole_number_of_any_length() {
        for id in ["0", "-25", "310000001", "9007199254740993", "18446744073709551616", &"9".repeat(60)] {
            for line in [
                format!("{{\"nativeId\": {id}, \"day\": \"2026-11-22\"}}"),
                format!(
                    " {{\"day\": \"2026-11-22\", \"url\": \"\\u0022nativeId\\u0022: 1\",\t\"nativeId\":{id} }}\n"
                ),
                format!("{{\"nativeId\": \"{id}\", \"day\": \"2026-11-22\"}}"),
            ] {
                let row = read(line.as_bytes()).expect(&line);
                assert_eq!(row.native_id.as_deref(), Some(id), "{line}");
            }
        }
    }

    #[test]
    fn a_number_beyond_all_limits_is_rejected_as_such() {
        for (number, expected) in [
            ("9223372036854775808", Rejection::TooLarge),
            ("18446744073709551616", Rejection::TooLarge),
            ("1000000000000000000000000000000", Rejection::TooLarge),
            ("-9223372036854775809", Rejection::Negative),
            ("-1e30", Rejection::Negative),
        ] {
            let line = format!("{{\"day\": \"2026-11-22\", \"views\": {number}}}");
            assert_eq!(read(line.as_bytes()), Err(RowFault::Rejected(expected)), "{line}");
        }
    }

    #[test]
    fn every_known_key_is_read() {
        for key in columns().chain([FORMER_PLATFORM_CODE]).filter(|key| *key != "day") {
            let line = format!("{{\"day\": \"2026-11-22\", \"{key}\": null}}");
            assert!(read(line.as_bytes()).is_ok(), "{key}");
        }
    }
}
