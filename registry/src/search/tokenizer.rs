//! Tokenizer and stemmer, shared by documents and queries.

use std::cell::RefCell;

use tantivy::tokenizer::{Language, RawTokenizer, Stemmer, TextAnalyzer, TokenStream};
use unicode_normalization::char::is_combining_mark;

use super::transliteration::{is_russian, plain, russian, standard, without_accent};

/// Longest word, in letters; longer ones are cut.
const MAX_LETTERS: usize = 40;

/// Words of a text in lower case, with `ё` as `е` and without accents; letters and digits are separate words.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut last_is_digit = false;
    let letters = text.chars().filter_map(standard).flat_map(char::to_lowercase).flat_map(without_accent);
    for letter in letters.filter(|letter| !is_combining_mark(*letter)) {
        let is_digit = letter.is_numeric();
        let is_between = !letter.is_alphanumeric();
        if (is_between || is_digit != last_is_digit) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !is_between && word.len() < 4 * MAX_LETTERS {
            word.push(letter);
        }
        last_is_digit = is_digit;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Sorted stems of a name without fillers, for comparing names.
pub fn name_stems(name: &str) -> Vec<String> {
    let significant = words(name).into_iter().filter(|word| !is_filler(word));
    let mut stems: Vec<String> = significant.map(|word| stems(&word).swap_remove(0)).collect();
    stems.sort();
    stems
}

/// Index terms of a word: its stem in normalised Latin letters. A word in Latin letters may be English or
/// transliterated Russian, and can have two.
pub(super) fn stems(word: &str) -> Vec<String> {
    if is_russian(word) {
        let stem = plain(&russian_stem(word));
        // The normalised «ыыы» would be a conjunction.
        return vec![if stem.len() < 2 && word.chars().count() > 2 { word.to_owned() } else { stem }];
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        // Leading zeros are ignored: `№ 05` is `№ 5`.
        let number = word.trim_start_matches('0');
        return vec![if number.is_empty() { "0" } else { number }.to_owned()];
    }
    let mut stems = vec![plain(&stem(Language::English, word))];
    let as_russian = plain(&russian_stem(&russian(word)));
    if !stems.contains(&as_russian) {
        stems.push(as_russian);
    }
    stems
}

/// Stem of a Russian word in Russian letters, also if transliterated; `None` for other words.
pub(super) fn base_stem(word: &str) -> Option<String> {
    in_russian(word).map(|word| russian_stem(&word))
}

/// Candidate stems of a name, longest first: the stemmer mistakes the endings of Ирбит and Талдом for verb endings.
pub(super) fn bases(word: &str) -> Vec<String> {
    let Some(word) = in_russian(word) else { return Vec::new() };
    let stem = russian_stem(&word);
    let open = word.strip_suffix(|c| "аеиоуыэюяь".contains(c)).unwrap_or(&word).to_owned();
    let mut bases = vec![word, open, stem];
    bases.splice(0..0, nominative(&bases[0]));
    bases.dedup();
    bases
}

/// Nominative of a name in another case that the stemmer does not recognise: Урай for Урая, Алтай for Алтая.
pub(super) fn nominative(word: &str) -> Option<String> {
    let rest = word.strip_suffix(['я', 'ю', 'е']).filter(|rest| rest.ends_with(['а', 'о', 'е', 'у']))?;
    (rest.chars().count() > 2).then(|| format!("{rest}й"))
}

fn in_russian(word: &str) -> Option<String> {
    let is_latin = word.bytes().all(|byte| byte.is_ascii_lowercase());
    if is_latin { Some(russian(word)) } else { is_russian(word).then(|| word.to_owned()) }
}

/// The unstemmed word in normalised Latin letters, for prefix search.
pub(super) fn form(word: &str) -> String {
    plain(word)
}

/// Stem of a Russian word. A final в is kept: the stemmer mistakes it for a verb ending in «минздрав».
fn russian_stem(word: &str) -> String {
    let stem = stem(Language::Russian, word);
    // A stem that would be a filler or one letter is not used: НАО.
    let is_lost = stem != word && (is_filler(&stem) || stem.chars().count() < 2);
    let is_cut = word.strip_suffix('в') == Some(&stem) || is_lost;
    if is_cut { word.to_owned() } else { stem }
}

fn stem(language: Language, word: &str) -> String {
    thread_local! {
        static RUSSIAN: RefCell<TextAnalyzer> = RefCell::new(analyzer(Language::Russian));
        static ENGLISH: RefCell<TextAnalyzer> = RefCell::new(analyzer(Language::English));
    }
    let stem = |analyzer: &RefCell<TextAnalyzer>| {
        let mut analyzer = analyzer.borrow_mut();
        let mut tokens = analyzer.token_stream(word);
        tokens.advance();
        tokens.token().text.clone()
    };
    match language {
        Language::Russian => RUSSIAN.with(stem),
        _ => ENGLISH.with(stem),
    }
}

fn analyzer(language: Language) -> TextAnalyzer {
    TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(language)).build()
}

/// Filler words, which are optional in queries.
pub(super) const FILLERS: [&str; 31] = [
    "и",
    "в",
    "во",
    "на",
    "по",
    "с",
    "со",
    "к",
    "о",
    "об",
    "для",
    "из",
    "от",
    "при",
    "the",
    "of",
    "and",
    "for",
    "in",
    "to",
    "a",
    "de",
    "et",
    "имени",
    "а",
    "г",
    "гор",
    "город",
    "города",
    "городе",
    "n",
];

/// Whether a word is a filler.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}
