//! Reads a submitted row from a JSON object, with error messages that name the key and what to write.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};

use super::{
    export::COLUMNS,
    row_reader::{MAX_ECHO, MORE_COLUMNS, cut},
    submitted_row::SentRow,
};

/// Keys whose values are texts.
const TEXTS: [&str; 4] = ["pageId", "platform", "nativeId", "url"];
/// Keys whose values are timestamps.
const TIMESTAMPS: [&str; 2] = ["recordedAt", "lastPostAt"];

/// The row of a JSON object.
///
/// # Errors
/// What is wrong with it, when it is none.
pub(super) fn read(line: &[u8]) -> Result<SentRow, String> {
    serde_json::from_slice(line).map_err(|error| fault(line, &error))
}

/// Error message of an object that is not a row.
fn fault(line: &[u8], error: &serde_json::Error) -> String {
    let object: Map<String, Value> = match serde_json::from_slice(line) {
        Ok(object) => object,
        // Each line is parsed on its own.
        Err(error) => return format!("The line is not valid JSON; look at column {}.", error.column()),
    };
    let unknown = object.keys().find(|key| !columns().any(|column| column == *key));
    if let Some(key) = unknown {
        let known = columns().collect::<Vec<_>>().join(", ");
        return format!("The row has an unknown key `{}`. Known keys: {known}.", cut(key, MAX_ECHO));
    }
    if let Some(message) = object.iter().find_map(|(key, value)| of_value(key, value)) {
        return message;
    }
    if !object.contains_key("day") {
        return "The row lacks the key `day`.".to_owned();
    }
    // A parsed object has the last value of a key that is given twice.
    let message = error.to_string();
    match message.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next()) {
        Some(key) => format!("The row has the key `{key}` twice."),
        None => "The line is not a row of statistics.".to_owned(),
    }
}

/// Error message of a value that its key cannot have.
fn of_value(key: &str, value: &Value) -> Option<String> {
    let is_time = |text: &str| text.parse::<DateTime<Utc>>().is_ok();
    let (is_right, form) = match key {
        "day" => {
            let is_day = value.as_str().is_some_and(|text| text.parse::<NaiveDate>().is_ok());
            (is_day, "a day as \"2026-11-22\"")
        }
        _ if value.is_null() => (true, ""),
        _ if TEXTS.contains(&key) => (value.is_string(), "a text in quotes"),
        _ if TIMESTAMPS.contains(&key) => {
            (value.as_str().is_some_and(is_time), "a timestamp as \"2026-11-22T07:06:00Z\"")
        }
        _ => (value.is_i64(), "a whole number without quotes"),
    };
    (!is_right).then(|| format!("{key}: `{}`; write {form}.", cut(&value.to_string(), MAX_ECHO)))
}

fn columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().chain(MORE_COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::{columns, read};

    #[test]
    fn a_row_that_cannot_be_read_is_told_by_its_key_and_what_to_write() {
        for (line, expected) in [
            (r#"{"day": "2026-11-22", "zzz": 1}"#, "unknown key `zzz`. Known keys: pageId, "),
            (
                r#"{"day": "2026-11-22", "views": "5"}"#,
                "views: `\"5\"`; write a whole number without quotes.",
            ),
            (r#"{"day": "2026-11-22", "views": 1.5}"#, "views: `1.5`; write a whole number"),
            (r#"{"day": "2026-11-22", "nativeId": 1}"#, "nativeId: `1`; write a text in quotes."),
            (r#"{"day": "22.11.2026"}"#, "write a day as \"2026-11-22\"."),
            (r#"{"day": null}"#, "day: `null`; write a day"),
            (r#"{"day": "2026-11-22", "recordedAt": "x"}"#, "write a timestamp as"),
            (r#"{"views": 1}"#, "lacks the key `day`"),
            (r#"{"day": "2026-11-22", "views": 1, "views": 2}"#, "the key `views` twice"),
            (r#"{"day": "#, "not valid JSON"),
        ] {
            let message = read(line.as_bytes()).expect_err(line);
            assert!(message.contains(expected), "{line}: {message}");
        }
    }

    #[test]
    fn every_known_key_is_read() {
        for key in columns().filter(|key| *key != "day") {
            let line = format!("{{\"day\": \"2026-11-22\", \"{key}\": null}}");
            assert!(read(line.as_bytes()).is_ok(), "{key}");
        }
    }
}
