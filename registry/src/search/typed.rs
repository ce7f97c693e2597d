//! Words of a query, with correction of the keyboard layout and of mistyped short forms.

use anyhow::Result;

use super::{
    short_forms::ShortForms,
    terms::Terms,
    tokenizer::{stems, words},
    transliteration::{is_russian, other_layout},
};

/// Most words of a query that are used.
const MAX_WORDS: usize = 16;
/// Longest chunk that may be a word in both keyboard layouts by chance, in characters.
const MAX_SHORT: usize = 3;

/// Words of a query as typed and as interpreted, in the keyboard layout in which each chunk is known. Words beyond
/// `MAX_WORDS` have an empty interpretation.
pub(super) fn typed_words(
    terms: &Terms<'_>,
    short_forms: &ShortForms,
    text: &str,
) -> Result<Vec<(String, String)>> {
    let lower = text.to_lowercase();
    let shown = text.split_whitespace();
    let chunks: Vec<Chunk<'_>> =
        lower.split_whitespace().zip(shown).map(|(text, shown)| Chunk::new(text, shown)).collect();
    let reader = Reader { terms, short_forms };
    let is_mixed_up = reader.is_mixed_up(&chunks)?;
    let may_short_be_other = is_mixed_up || reader.may_short_be_other(&chunks)?;
    let count = chunks.len();
    let (mut typed, mut is_last_other) = (Vec::new(), false);
    for (index, chunk) in chunks.into_iter().enumerate() {
        let is_last = index + 1 == count;
        // After words in one layout, an incomplete word is not tried in the other.
        let may_begin = is_last && !is_russian(chunk.text) && (index == 0 || is_last_other || is_mixed_up);
        // A chunk in the wrong layout is unknown as typed, and known in the other layout.
        let is_other = (chunk.is_long() || may_short_be_other)
            && chunk.may_be_other()
            && (is_mixed_up || !reader.knows(&chunk.own, is_last)?)
            && reader.knows_other(&chunk.other, may_begin)?;
        is_last_other = is_other;
        let is_one = chunk.own.len() == 1;
        for word in if is_other { chunk.other } else { chunk.own } {
            // A mistyped short form or word of an expansion is corrected.
            let is_known = reader.knows(std::slice::from_ref(&word), is_last)?;
            let corrected = if is_known { None } else { short_forms.corrected(&word) };
            let shown = match (is_other, is_one) {
                (true, _) => chunk.shown.to_owned(),
                (false, true) => chunk.shown.trim_matches(|c: char| !c.is_alphanumeric()).to_owned(),
                (false, false) => word.clone(),
            };
            typed.push((shown, corrected.map(str::to_owned).unwrap_or(word)));
        }
    }
    typed.iter_mut().skip(MAX_WORDS).for_each(|(_, read)| read.clear());
    Ok(typed)
}

/// A part of the query between blanks.
struct Chunk<'a> {
    /// In lower case.
    text: &'a str,
    /// As it was typed.
    shown: &'a str,
    /// Its words.
    own: Vec<String>,
    /// Words typed with the same keys in the other layout.
    other: Vec<String>,
}

impl<'a> Chunk<'a> {
    fn new(text: &'a str, shown: &'a str) -> Self {
        let other = other_layout(text).map(|other| words(&other)).unwrap_or_default();
        Self { text, shown, own: words(text), other }
    }

    /// Whether it may be in the wrong layout. Latin words typed in the Russian layout are rare, so such a chunk must
    /// give a single word.
    fn may_be_other(&self) -> bool {
        !is_russian(self.text) || self.other.len() == 1
    }

    /// Whether it is too long to be a word in the other layout by chance.
    fn is_long(&self) -> bool {
        self.text.chars().count() > MAX_SHORT
    }

    /// Whether it contains symbols that are letters in the Russian layout.
    fn is_signed(&self) -> bool {
        self.text.chars().count() > 1 && self.text.trim_matches(is_quoting).contains(is_letter_key)
    }
}

struct Reader<'a> {
    terms: &'a Terms<'a>,
    short_forms: &'a ShortForms,
}

impl Reader<'_> {
    /// Whether symbols in a word are letters of the other layout; then the whole query is in the wrong layout.
    fn is_mixed_up(&self, chunks: &[Chunk<'_>]) -> Result<bool> {
        self.any(chunks, |chunk| {
            Ok(chunk.is_signed() && chunk.other.len() == 1 && self.knows(&chunk.other, false)?)
        })
    }

    /// Whether short chunks may be in the wrong layout: there are no longer chunks, or a longer chunk is known only in
    /// the other layout, or no longer chunk is known and the query has no Russian letters.
    fn may_short_be_other(&self, chunks: &[Chunk<'_>]) -> Result<bool> {
        if !chunks.iter().any(Chunk::is_long) {
            return Ok(true);
        }
        let is_known = self.any(chunks, |chunk| Ok(chunk.is_long() && self.knows(&chunk.own, true)?))?;
        if !is_known && !chunks.iter().any(|chunk| is_russian(chunk.text)) {
            return Ok(true);
        }
        self.any(chunks, |chunk| {
            Ok(chunk.is_long() && !self.knows(&chunk.own, false)? && self.knows(&chunk.other, true)?)
        })
    }

    fn any(&self, chunks: &[Chunk<'_>], is_so: impl Fn(&Chunk<'_>) -> Result<bool>) -> Result<bool> {
        chunks.iter().try_fold(false, |found, chunk| Ok(found || is_so(chunk)?))
    }

    /// The same, or whether all words occur in short forms or expansions.
    fn knows_other(&self, words: &[String], is_last: bool) -> Result<bool> {
        let are_known = !words.is_empty() && words.iter().all(|word| self.short_forms.has_word(word));
        Ok(are_known || self.knows(words, is_last)?)
    }

    /// Whether every word is in the index or a short form, or for the last one, a prefix of a word.
    fn knows(&self, words: &[String], is_last: bool) -> Result<bool> {
        for (index, word) in words.iter().enumerate() {
            let is_short = stems(word).into_iter().any(|stem| !self.short_forms.meanings(&[stem]).is_empty());
            let is_begun = is_last && index + 1 == words.len();
            if !is_short && !self.terms.has(word, is_begun)? {
                return Ok(false);
            }
        }
        Ok(!words.is_empty())
    }
}

/// Symbols of the Latin layout whose keys are letters in the Russian layout.
fn is_letter_key(key: char) -> bool {
    matches!(key, '[' | ']' | '{' | '}' | ';' | ':' | '\'' | '"' | ',' | '.' | '<' | '>' | '`' | '~')
}

/// Punctuation that may surround a word in any language.
fn is_quoting(sign: char) -> bool {
    matches!(sign, '"' | '\'' | ',' | '.' | ':' | ';' | '[' | ']')
}
