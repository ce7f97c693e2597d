//! Messages of the parsers of JSON and TOML in words of our own: what is wrong, and what to write.

/// Error messages of the TOML and date parsers for invalid dates.
const OF_DATES: [&str; 5] = [
    "date string",
    "input contains invalid characters",
    "input is out of range",
    "premature end of input",
    "trailing input",
];

/// Message on a TOML text that cannot be read, with its line.
pub(crate) fn of_toml(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
    let line = before.matches('\n').count() + 1;
    let message = error.message();
    if OF_DATES.iter().any(|words| message.contains(words)) {
        return format!("line {line}: write dates as \"2024-01-31\", in quotes");
    }
    format!("line {line}: {}", in_words(message))
}

/// A message of serde on a key or a value; any other message is returned as it is.
pub(crate) fn in_words(message: &str) -> String {
    if let Some(name) = quoted(message, "unknown field `") {
        return match known_values(message) {
            Some(known) => format!("unknown key `{name}`; the known keys are {known}"),
            None => format!("unknown key `{name}`"),
        };
    }
    if let (Some(name), Some(known)) = (quoted(message, "unknown variant `"), known_values(message)) {
        return format!("`{name}` is not a known value; the values are {known}");
    }
    if let Some(name) = quoted(message, "missing field `") {
        return format!("the key `{name}` is missing");
    }
    if let Some(name) = quoted(message, "duplicate field `") {
        return format!("the key `{name}` is given twice");
    }
    let of_value = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    match of_value.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((found, expected)) => {
            format!("write {}, not {}", expected_in_words(expected), found_in_words(found))
        }
        None if message.starts_with("data did not match any variant") => {
            "the value has none of the allowed forms".to_owned()
        }
        None => message.to_owned(),
    }
}

/// The values that a message of serde lists after an unknown one.
pub(crate) fn known_values(message: &str) -> Option<String> {
    let (_, known) = message.split_once("`, expected ")?;
    Some(known.strip_prefix("one of ").unwrap_or(known).replace("` or `", "`, `"))
}

/// The name after the beginning of a message.
fn quoted<'a>(message: &'a str, begin: &str) -> Option<&'a str> {
    message.strip_prefix(begin)?.split('`').next()
}

fn found_in_words(found: &str) -> String {
    let number = ["integer ", "floating point ", "boolean "].iter().find_map(|kind| found.strip_prefix(kind));
    match found {
        "sequence" => "a list".to_owned(),
        "map" => "a group of keys".to_owned(),
        "unit value" => "null".to_owned(),
        _ => number.or_else(|| found.strip_prefix("string ")).unwrap_or(found).to_owned(),
    }
}

fn expected_in_words(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number of at least 0",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" | "a borrowed string" | "a character" => "a text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a group of keys",
        _ if expected.starts_with("struct ") => "a group of keys",
        _ if expected.starts_with("tuple ") => "a list",
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::{in_words, of_toml};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only read from text")]
    struct Head {
        code: String,
        version: u32,
        #[serde(default)]
        kind: Option<Kind>,
        #[serde(default)]
        names: BTreeMap<String, String>,
        #[serde(default)]
        day: Option<chrono::NaiveDate>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    enum Kind {
        Country,
        Region,
    }

    #[test]
    fn a_mistake_in_a_file_is_reported_with_its_line_and_what_to_write() {
        for (text, expected) in [
            ("code = \"a\"\nversion = \"x\"", "line 2: write a whole number from 0 to 4294967295, not \"x\""),
            ("code = 1\nversion = 1", "line 1: write a text in quotes, not `1`"),
            (
                "code = \"a\"\nversion = 1\nvillage = 2",
                "line 3: unknown key `village`; the known keys are `code`, `version`",
            ),
            (
                "code = \"a\"\nversion = 1\nkind = \"VILLAGE\"",
                "`VILLAGE` is not a known value; the values are `COUNTRY`, `REGION`",
            ),
            ("code = \"a\"\nversion = 1\nnames = 3", "line 3: write a group of keys, not `3`"),
            ("code = \"a\"\nversion = 1\nday = \"2024-01\"", "line 3: write dates as \"2024-01-31\""),
            ("code = \"a\"", "the key `version` is missing"),
        ] {
            let error = toml::from_str::<Head>(text).expect_err(text);
            let message = of_toml(text, &error);
            assert!(message.contains(expected), "{message}");
            assert!(!message.contains("expected"), "{message}");
        }
    }

    #[test]
    fn what_is_no_message_of_serde_is_left_as_it_is() {
        assert_eq!(in_words("unclosed table"), "unclosed table");
    }
}
