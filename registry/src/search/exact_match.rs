//! Queries that identify a record: addresses of pages, identifiers, codes.

use std::collections::HashSet;

use super::{
    document::Hit,
    service::MatchedBy,
    tokenizer::{is_filler, stems, words},
    transliteration::{other_layout, plain, standard},
};
use crate::{address::Key, view::View};

/// Longest text that may be an address, identifier or code, in bytes.
const MAX_LENGTH: usize = 200;
/// Longest code in which missing zeros are restored, in bytes.
const MAX_CODE: usize = 24;
/// Shortest extra word that is reported if the hit lacks it.
const MIN_WORD: usize = 3;
/// Shortest word among others that may be an identifier.
const MIN_NUMBER: usize = 6;

/// Records that the text identifies, and how they matched; `None` if the text is words.
pub(super) fn find(view: &View, text: &str) -> Option<(MatchedBy, Vec<Hit>)> {
    let text: String = text.trim().chars().filter_map(standard).collect();
    let text = text.as_str();
    if text.len() > MAX_LENGTH {
        return None;
    }
    if text.contains(['/', '@']) || text.contains('.') && !text.contains(char::is_whitespace) {
        if let Some(page) = crate::verification::page_at(view, text) {
            return Some((MatchedBy::Address, vec![Hit::Page(page.id), Hit::Organization(page.owner().id)]));
        }
        // The address of an unregistered page has no text to search for.
        if text.contains('/') && view.address_book().resolve(text).is_ok() {
            return Some((MatchedBy::Address, Vec::new()));
        }
    }
    // A code, also without surrounding punctuation.
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    if let Some(found) = view.organization_by_code(text).or_else(|| view.organization_by_code(bare)) {
        return Some((MatchedBy::Identifier, vec![Hit::Organization(found.id)]));
    }
    let numbered = by_number(view, text);
    if !numbered.is_empty() {
        return Some((MatchedBy::Identifier, numbered));
    }
    let by_id = view.platforms().filter_map(|platform| view.page_by_native_id(platform.id, text));
    let mut pages: Vec<Hit> = by_id.map(|page| Hit::Page(page.id)).collect();
    // Only handles that are not plain words: a word finds more by text search.
    let is_handle = text.contains(|c: char| c.is_ascii_digit()) && text.contains(['_', '-', '.']);
    if is_handle && pages.is_empty() {
        let bare = text.trim_start_matches('@').to_lowercase();
        for handle in [format!("@{bare}"), bare] {
            let handle = Key::Handle(handle.into());
            let at = view.platforms().filter_map(|platform| view.page_by_key(platform.id, &handle));
            pages.extend(at.flat_map(|page| [Hit::Page(page.id), Hit::Organization(page.owner().id)]));
        }
    }
    (!pages.is_empty()).then_some((MatchedBy::Identifier, pages))
}

/// Extra words of the text that occur neither in the names nor the territories of the hit, nor in scheme names.
pub(super) fn lacking(view: &View, text: &str, hit: Hit) -> Vec<String> {
    let organization = match hit {
        Hit::Organization(id) => view.organization(id),
        Hit::Page(id) => view.page(id).map(|page| page.owner()),
    };
    let Some(organization) = organization else { return Vec::new() };
    let registers =
        view.schemes().flat_map(|scheme| scheme.names.values().chain([&scheme.name, &scheme.code]));
    let territory = organization.territory();
    let places = std::iter::successors(territory, |it| it.parent());
    let places: Vec<String> = places
        .flat_map(|it| it.names.values().chain([&it.name]).map(|name| name.to_string()).collect::<Vec<_>>())
        .collect();
    let known: HashSet<String> = organization
        .names()
        .chain(places.iter().map(String::as_str))
        .chain(registers.map(|name| &**name))
        .flat_map(words)
        .flat_map(|word| stems(&word))
        .collect();
    let beside = text.split_whitespace().filter(|word| !word.contains(['/', '@', '.']));
    let bare = beside.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let bare = bare.filter(|word| word.chars().count() >= MIN_WORD && word.chars().all(char::is_alphabetic));
    let lacks = |word: &&str| {
        words(word)
            .iter()
            .all(|word| !is_filler(word) && stems(word).iter().all(|stem| !known.contains(stem)))
    };
    bare.filter(lacks).map(str::to_owned).collect()
}

/// Organizations by an identifier in the text: alone, with blanks, after the name of its scheme, or among other words.
fn by_number(view: &View, text: &str) -> Vec<Hit> {
    let mut found: Vec<Hit> = Vec::new();
    let numbers = numbers(view, text);
    let lost: Vec<String> = numbers.iter().flat_map(|number| with_lost_zeros(number)).collect();
    for number in numbers.into_iter().chain(lost) {
        // Most queries have no digits: look these up without variants.
        let is_number = number.contains(|c: char| c.is_ascii_digit());
        let keyboards = is_number.then(|| {
            let lower = number.to_lowercase();
            let other = other_layout(&lower).map(|it| it.to_uppercase());
            // Letters typed in the other alphabet: `28РС0004`.
            [Some(number.to_uppercase()), other, Some(plain(&lower).to_uppercase())].into_iter().flatten()
        });
        for number in std::iter::once(number).chain(keyboards.into_iter().flatten()) {
            for scheme in view.schemes() {
                let same = view.organizations_by_identifier(&scheme.code, &number);
                found.extend(same.into_iter().map(|organization| Hit::Organization(organization.id)));
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Variants of an alphanumeric code with one to three missing leading zeros restored: `28RS004` is `28RS0004`.
fn with_lost_zeros(code: &str) -> Vec<String> {
    let is_mixed = code.contains(char::is_alphabetic) && code.contains(|c: char| c.is_ascii_digit());
    if !is_mixed || code.len() > MAX_CODE || code.contains(char::is_whitespace) {
        return Vec::new();
    }
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = code.as_bytes();
    let starts =
        (0..bytes.len()).filter(|at| is_digit(bytes.get(*at)) && !(*at > 0 && is_digit(bytes.get(at - 1))));
    let filled = starts
        .flat_map(|at| ["0", "00", "000"].map(|zeros| format!("{}{zeros}{}", &code[..at], &code[at..])));
    filled.collect()
}

/// Parts of a text that may be an identifier.
fn numbers(view: &View, text: &str) -> Vec<String> {
    let is_digits =
        |text: &str| text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '-' | '.'));
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    let mut numbers = vec![text.to_owned(), bare.to_owned()];
    let lower = text.to_lowercase();
    let names = view.schemes().flat_map(|scheme| scheme.names.values().chain([&scheme.name, &scheme.code]));
    for name in names.map(|name| name.to_lowercase()) {
        if let Some(rest) = lower.strip_prefix(name.as_str()) {
            let rest =
                rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '№' | '-' | '='));
            numbers.push(rest.to_owned());
        }
    }
    let holds_digit =
        |word: &&str| word.chars().count() >= MIN_NUMBER && word.contains(|c: char| c.is_ascii_digit());
    let words = text
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';' | '/' | '(' | ')'))
        .filter(holds_digit);
    for word in words {
        numbers.push(word.to_owned());
        // A case number begins with the code of its court: `48RS0021-01-2024-000123-45`.
        let first = word.split('-').next().filter(|first| *first != word && holds_digit(first));
        numbers.extend(first.map(str::to_owned));
    }
    // Digits separated by blanks, hyphens or dots, with words before or after.
    let digits: String = text.chars().filter(|c| c.is_ascii_digit()).collect();
    let between = text.trim_matches(|c: char| !c.is_ascii_digit());
    if digits.len() >= MIN_NUMBER && is_digits(between) {
        numbers.push(digits);
    }
    numbers
}
