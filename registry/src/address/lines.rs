//! Detects addresses that are cut in two by a line break or a blank.

use std::sync::LazyLock;

use regex::Regex;

use super::text::{ADDRESS_LIKE, pattern};

/// A line that begins with a time of day or a telephone number.
static OTHER_LINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:\d{1,2}:\d{2}\b|\d{1,2} ?\()"));

/// Whether a blank may have cut an address in two, so that its first half must not be taken for the whole. A
/// line break may always have cut it; a space only if the text has just two words.
pub(super) fn is_cut(text: &str, words: &[&str], index: usize) -> bool {
    let (Some(word), Some(next)) = (words.get(index), words.get(index + 1)) else { return false };
    // Complete addresses, one per line; a mention has no second half.
    if ADDRESS_LIKE.is_match(next) || word.starts_with('@') || !next.contains(char::is_alphanumeric) {
        return false;
    }
    let is_open = word.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '-' | '='));
    let goes_on = next.starts_with(|c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '.' | '%' | '?' | '&' | '=')
    });
    let end = word.as_ptr() as usize - text.as_ptr() as usize + word.len();
    let lines = text[end..].chars().take_while(|c| c.is_whitespace()).filter(|c| *c == '\n').count();
    let rest = text[end..].trim_start().split(['\n', '\r']).next().unwrap_or_default();
    // An address is cut only between adjacent lines; a label, a time, an e-mail address or a telephone number
    // is not a second half.
    let is_apart = lines > 1 || next.ends_with([':', ',']) || next.contains('@') || OTHER_LINE.is_match(rest);
    is_open
        && goes_on
        && ((lines == 1 && !word.ends_with('.') && !is_apart) || (lines == 0 && words.len() == 2))
}
