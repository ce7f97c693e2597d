//! Escapes of characters in strings that the library's parser lacks: `\u{1F600}`, and pairs of surrogates, `\uD83D\uDE00`
//! (GraphQL specification of September 2025, 2.9.4 "String Value").
//!
//! They are replaced by the characters before the parser reads the text. Spaces after the string take the columns that are left,
//! so that positions stay the same.

use std::{borrow::Cow, iter::repeat_n};

use super::{limit_error::LimitError, tokenizer};

/// Code units that begin a pair of surrogates, and those that end it.
const HIGH: std::ops::Range<u32> = 0xD800..0xDC00;
const LOW: std::ops::Range<u32> = 0xDC00..0xE000;

/// Replaces these escapes in the strings of a document; those in block strings are plain text.
///
/// # Errors
/// When an escape is no character, as a surrogate without the other one.
pub(super) fn replace(text: &str) -> Result<Cow<'_, str>, LimitError> {
    if !["\\u{", "\\uD", "\\ud"].iter().any(|escape| text.contains(escape)) {
        return Ok(Cow::Borrowed(text));
    }
    let (mut replaced, mut copied) = (String::with_capacity(text.len()), 0);
    for (start, token) in tokenizer::tokens(text) {
        if token.starts_with('"') && !token.starts_with("\"\"\"") && token.contains("\\u") {
            replaced.push_str(&text[copied..start]);
            if !write(token, &mut replaced) {
                let before = &text[..start];
                let line = before.matches('\n').count() + 1;
                return Err(LimitError::Escape(line));
            }
            copied = start + token.len();
        }
    }
    replaced.push_str(&text[copied..]);
    Ok(Cow::Owned(replaced))
}

/// Writes a string with its escapes replaced, and spaces after it; `false` if one of them is no character.
fn write(string: &str, replaced: &mut String) -> bool {
    let (start, mut rest) = (replaced.len(), string);
    while let Some((before, escape)) = rest.split_once('\\') {
        replaced.push_str(before);
        rest = match read(escape) {
            Escape::Replaced(character, after) => {
                match character {
                    '"' => replaced.push_str("\\\""),
                    '\\' => replaced.push_str("\\\\"),
                    '\n' => replaced.push_str("\\n"),
                    '\r' => replaced.push_str("\\r"),
                    other => replaced.push(other),
                }
                after
            }
            Escape::Kept => {
                // The character after a backslash may be another one.
                let mut after = escape.chars();
                replaced.push('\\');
                replaced.extend(after.next());
                after.as_str()
            }
            Escape::NoCharacter => return false,
        };
    }
    replaced.push_str(rest);
    let columns = replaced[start..].chars().count();
    replaced.extend(repeat_n(' ', string.chars().count().saturating_sub(columns)));
    true
}

/// What is done with an escape.
enum Escape<'a> {
    /// It is replaced by a character; the rest of the string follows.
    Replaced(char, &'a str),
    /// The parser reads or refuses it.
    Kept,
    NoCharacter,
}

/// Reads the escape that begins with a backslash before this text.
fn read(text: &str) -> Escape<'_> {
    let (number, after) = if let Some(digits) = text.strip_prefix("u{") {
        let end = digits.bytes().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(digits.len());
        let (digits, rest) = digits.split_at(end);
        let Some(after) = rest.strip_prefix('}').filter(|_| !digits.is_empty()) else { return Escape::Kept };
        (u32::from_str_radix(digits, 16).unwrap_or(u32::MAX), after)
    } else {
        match unit(text) {
            Some((high, after)) if HIGH.contains(&high) => {
                match after.strip_prefix('\\').and_then(unit).filter(|(low, _)| LOW.contains(low)) {
                    Some((low, after)) => (0x10000 + ((high - HIGH.start) << 10) + (low - LOW.start), after),
                    None => return Escape::NoCharacter,
                }
            }
            Some((low, _)) if LOW.contains(&low) => return Escape::NoCharacter,
            _ => return Escape::Kept,
        }
    };
    char::from_u32(number).map_or(Escape::NoCharacter, |character| Escape::Replaced(character, after))
}

/// The code unit of an escape with four digits, and the text after it.
fn unit(text: &str) -> Option<(u32, &str)> {
    let (digits, after) = text.strip_prefix('u')?.split_at_checked(4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some((u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::parse::parse;

    /// The value of the argument of the only field of a document, and the column of the field after it.
    fn read_back(literal: &str) -> (String, usize) {
        let document = parse(&format!("{{ a(b: {literal}) c }}")).expect("a document");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let items = &operation.node.selection_set.node.items;
        let async_graphql::parser::types::Selection::Field(field) = &items[0].node else { panic!("a field") };
        let value = field.node.arguments[0].1.node.clone().into_const().expect("a value");
        let async_graphql::Value::String(text) = value else { panic!("a string") };
        (text, items[1].pos.column)
    }

    #[test]
    fn escapes_are_characters_and_positions_stay() {
        for (literal, text) in [
            (r#""\uD83D\uDE00!""#, "\u{1F600}!"),
            (r#""\ud83d\ude00""#, "\u{1F600}"),
            (r#""é\u{1F600}\u{1f600}""#, "é\u{1F600}\u{1F600}"),
            (r#""\u{22}\u{5C}\u{A}\u{D}\u{0041}\u0041""#, "\"\\\n\rAA"),
            (r#""\u{00000000000000041}\u{10FFFF}""#, "A\u{10FFFF}"),
            (r#""\\u{41}\u{41}\\uD83D""#, "\\u{41}A\\uD83D"),
            (r#""""\u{41} \uD83D""""#, r"\u{41} \uD83D"),
        ] {
            let column = "{ a(b: ) c".chars().count() + literal.chars().count();
            assert_eq!(read_back(literal), (text.to_owned(), column), "{literal}");
        }
    }

    #[test]
    fn what_is_no_character_is_refused() {
        for literal in [
            r"\uD83D",
            r"\uD83D!",
            r"\uDE00",
            r"\uD83D\u0041",
            r"\uD83D\n",
            r"\u{D83D}\u{DE00}",
            r"\u{110000}",
            r"\u{FFFFFFFFFFFF}",
        ] {
            let error = parse(&format!("{{ a\n(b: \"{literal}\") }}")).expect_err("no character");
            assert_eq!(error, LimitError::Escape(2), "{literal}");
        }
        for literal in [r"\u{}", r"\u{G}", r"\u{41", r"\uD8", r"\uDéé", r"\u+123\u{41}", "\\"] {
            let error = parse(&format!("{{ a(b: \"{literal}\") }}")).expect_err("a syntax error");
            assert!(matches!(error, LimitError::Syntax(_)), "{literal}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_replaced_or_refused(text in "[{}\"\\\\uUdD8aE0é \n]{0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn every_character_can_be_escaped(character: char) {
            let number = u32::from(character);
            prop_assert_eq!(read_back(&format!("\"\\u{{{number:x}}}\"")).0, character.to_string());
        }
    }
}
