//! Fields that an input object has twice (GraphQL specification, 5.6.3 "Input Object Field Uniqueness"). The parser keeps only
//! the last one, so they are looked for in the text.

use std::collections::HashMap;

use async_graphql::{Pos, ServerError};

use super::{MAX_ERRORS, error};
use crate::document::tokenizer::tokens;

/// Checks the text of a document that was parsed.
pub(super) fn check(text: &str) -> Vec<ServerError> {
    let (mut errors, mut open, mut parentheses, mut last) = (Vec::new(), Vec::new(), 0_usize, (0, ""));
    for (at, token) in tokens(text) {
        match token {
            "(" | "[" | "{" => {
                parentheses += usize::from(token == "(");
                // Within parentheses, braces enclose the fields of an input object: the names so far and their offsets.
                let is_object = token == "{" && parentheses > 0;
                open.push(is_object.then(HashMap::new));
            }
            ")" | "]" | "}" => {
                parentheses = parentheses.saturating_sub(usize::from(token == ")"));
                open.pop();
            }
            ":" => {
                let (start, name) = last;
                if let Some(Some(names)) = open.last_mut()
                    && let Some(first) = names.insert(name, start)
                {
                    let message = format!("The input field `{name}` is given twice; give it once.");
                    errors.push(error(message, vec![position(text, first), position(text, start)]));
                }
            }
            _ => {}
        }
        if errors.len() == MAX_ERRORS {
            break;
        }
        last = (at, token);
    }
    errors
}

/// Line and column of an offset.
fn position(text: &str, offset: usize) -> Pos {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit(['\n', '\r']).next().unwrap_or_default().chars().count() + 1;
    Pos { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_an_input_object_is_given_once() {
        for text in [
            "{ a(b: { c: 1, d: [{ c: 1 }, { c: 2 }] }) { c: d c: d } e(b: { c: 1 }, b: 2) }",
            "query($a: A = { b: 1 }, $b: A = { b: 1 }) { a(text: \"{ b: 1, b: 2 }\") # ({ b: 1, b: 2 })\n }",
            "{ a(b: { c: { d: 1 }, d: { c: 1 } }) @skip(if: true) { b: c } }",
        ] {
            assert!(check(text).is_empty(), "{text}");
        }
        for (text, first, second) in [
            ("{ a(b: { c: 1, c: 1 }) }", (1, 10), (1, 16)),
            ("{ a(b: [{ d: { c: 1 },\n  e: \"é\", d: 2 }]) }", (1, 11), (2, 11)),
            ("query($a: A @b(c: { d: 1 }) = { d: 1 d: 2 }) { a }", (1, 33), (1, 38)),
        ] {
            let found = check(text);
            let [error] = &found[..] else { panic!("{text}: {found:?}") };
            assert_eq!(error.locations, vec![Pos::from(first), Pos::from(second)], "{text}");
        }
    }
}
