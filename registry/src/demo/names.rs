//! Names and handles from templates.

use std::collections::BTreeMap;

use rand::Rng;

use crate::identifier::SchemeRules;
use entities::organization_identifier::State;

/// Fills the placeholders of a template.
pub(super) fn fill(template: &str, holes: &[(&str, &str)]) -> String {
    holes.iter().fold(template.to_owned(), |text, (hole, value)| text.replace(&format!("{{{hole}}}"), value))
}

/// Replaces each `#` with a random digit.
pub(super) fn digits(random: &mut impl Rng, template: &str) -> String {
    template
        .chars()
        .map(|c| if c == '#' { char::from(b'0' + random.random_range(0..10)) } else { c })
        .collect()
}

/// An identifier with a valid check digit in place of the template's `?`.
pub(super) fn identifier(random: &mut impl Rng, rules: &SchemeRules, template: &str) -> Option<String> {
    let body = digits(random, template);
    let candidates = (b'0'..=b'9').map(|digit| body.replace('?', &char::from(digit).to_string()));
    candidates
        .into_iter()
        .find(|value| matches!(rules.verify(value), Ok((_, State::Valid | State::Unverified))))
}

/// Transliterates a name to letters and digits that a handle may contain.
pub(super) fn latin(transliteration: &BTreeMap<char, String>, name: &str, most: usize) -> String {
    let mut latin = String::new();
    for letter in name.to_lowercase().chars() {
        match transliteration.get(&letter) {
            Some(written) => latin.push_str(written),
            None if letter.is_ascii_alphanumeric() => latin.push(letter),
            None => {}
        }
        if latin.len() >= most {
            break;
        }
    }
    latin
}
