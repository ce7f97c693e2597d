//! Names in JSON objects: each may occur once.

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, map::Entry};

/// Longest name in a message, in characters.
const MAX_SHOWN: usize = 100;

/// Parses a JSON text in which no object has a name twice: parsers differ in which of two values they use.
///
/// # Errors
/// A data error when an object has a name twice, a syntax error when the text is not JSON.
pub fn parse(text: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(text).map(|OnceNamed(value)| value)
}

/// A JSON value without duplicate names in objects.
struct OnceNamed(Value);

impl<'de> Deserialize<'de> for OnceNamed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceNamedVisitor).map(Self)
    }
}

struct OnceNamedVisitor;

impl<'de> Visitor<'de> for OnceNamedVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            match object.entry(name) {
                Entry::Vacant(entry) => _ = entry.insert(map.next_value::<OnceNamed>()?.0),
                Entry::Occupied(entry) => {
                    let name: String = entry.key().chars().take(MAX_SHOWN).collect();
                    return Err(A::Error::custom(format_args!("the name `{name}` occurs twice")));
                }
            }
        }
        Ok(Value::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(OnceNamed(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_bool<E>(self, is_so: bool) -> Result<Value, E> {
        Ok(Value::Bool(is_so))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::parse;

    #[test]
    fn a_text_without_duplicate_names_is_what_it_says() {
        for text in [
            r#"{"a": {"a": [1, -2, 1.5, 1e5, 18446744073709551615, true, null, "\u0041\n"]}, "b": {"a": {}}}"#,
            r#"[{"a": 1}, {"a": 2}]"#,
            "7",
        ] {
            let expected: Value = serde_json::from_str(text).expect(text);
            assert_eq!(parse(text.as_bytes()).expect(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_that_occurs_twice_in_an_object_is_a_data_error_that_names_it() {
        for text in [r#"{"a": 1, "a": 1}"#, r#"[{"b": {"a": 1, "c": 2, "\u0061": null}}]"#] {
            let error = parse(text.as_bytes()).expect_err(text);
            assert!(error.is_data() && error.to_string().contains("the name `a` occurs twice"), "{error}");
        }
        let long = format!("{{\"{0}\": 1, \"{0}\": 2}}", "я".repeat(1_000));
        assert!(parse(long.as_bytes()).expect_err("twice").to_string().chars().count() < 200);
        for text in ["{", "", "{\"a\": 1e999}", &"[".repeat(1_000)] {
            assert!(!parse(text.as_bytes()).expect_err(text).is_data(), "{text}");
        }
        assert!(!parse(b"\"\xff\"").expect_err("no UTF-8").is_data());
    }
}
