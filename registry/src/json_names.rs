//! Names in JSON objects: each may occur once.

use std::collections::HashSet;

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};

/// Longest name in a message, in characters.
const MAX_SHOWN: usize = 100;

/// Checks that no object of a JSON text has a name twice.
///
/// # Errors
/// When one has, or the text is not JSON.
pub fn check_unique(text: &str) -> serde_json::Result<()> {
    serde_json::from_str(text).map(|OnceNamed| ())
}

/// A JSON value without duplicate names in objects: parsers differ in which of two values they use.
struct OnceNamed;

impl<'de> Deserialize<'de> for OnceNamed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceNamedVisitor)
    }
}

struct OnceNamedVisitor;

impl<'de> Visitor<'de> for OnceNamedVisitor {
    type Value = OnceNamed;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OnceNamed, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value::<OnceNamed>()?;
            if !names.insert(name.clone()) {
                let name: String = name.chars().take(MAX_SHOWN).collect();
                return Err(A::Error::custom(format_args!("the name `{name}` occurs twice")));
            }
        }
        Ok(OnceNamed)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OnceNamed, A::Error> {
        while items.next_element::<OnceNamed>()?.is_some() {}
        Ok(OnceNamed)
    }

    fn visit_str<E>(self, _: &str) -> Result<OnceNamed, E> {
        Ok(OnceNamed)
    }

    fn visit_bool<E>(self, _: bool) -> Result<OnceNamed, E> {
        Ok(OnceNamed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<OnceNamed, E> {
        Ok(OnceNamed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<OnceNamed, E> {
        Ok(OnceNamed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<OnceNamed, E> {
        Ok(OnceNamed)
    }

    fn visit_unit<E>(self) -> Result<OnceNamed, E> {
        Ok(OnceNamed)
    }
}
