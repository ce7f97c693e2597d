//! Query analysis: from the text to clauses and exact names.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{
    derivation::related,
    document::{beginning_key, exact_key, spelt_key, stem_key},
    reading::{Clause, Reading},
    short_forms::{ShortForms, phrase, phrases},
    terms::Terms,
    tokenizer::bases,
    typed::typed_words,
};

/// A word in more than one of so many documents is common.
const COMMON: u64 = 3;
/// Divisor of the maximum rarity that gives the least rarity of a discriminating word: in a national registry, a word
/// in one of 25 documents.
const DISCRIMINATING: f32 = 4.0;
/// Longest part of a query that is looked up as a whole name, in words.
const MAX_PART: usize = 8;

/// An analysed query.
#[derive(Clone, Default)]
pub(super) struct Analysis {
    pub(super) clauses: Vec<Clause>,
    /// Words that are not in the index.
    pub(super) ignored: Vec<String>,
    /// Known words, as typed and as interpreted.
    pub(super) known: Vec<(String, String)>,
    /// Exact keys of names that the whole query may be.
    pub(super) exact: BTreeSet<String>,
    /// Keys of the query as a short form of the beginning of names.
    pub(super) begun: BTreeSet<String>,
    /// Parts of the query that are whole names, each with its number of words.
    pub(super) parts: Vec<(String, usize)>,
    /// Exact spellings of rare words, to separate names that have the same transliteration.
    pub(super) spelt: Vec<String>,
}

impl Analysis {
    /// Whether the unknown words have more weight than the known ones.
    pub(super) fn is_mostly_ignored(&self, documents: u64) -> bool {
        let unknown = (documents as f32 + 1.0).ln() * self.ignored.len() as f32;
        let known: f32 =
            self.clauses.iter().filter(|clause| !clause.may_lack()).map(|clause| clause.rarity).sum();
        unknown > known
    }

    /// Whether no known word is discriminating.
    pub(super) fn is_unspecific(&self, documents: u64) -> bool {
        let threshold = (documents as f32 + 1.0).ln() / DISCRIMINATING;
        self.clauses.iter().all(|clause| clause.is_filler || clause.is_kind || clause.rarity < threshold)
    }
}

/// Analyses a query.
pub(super) fn analyse(terms: &Terms<'_>, short_forms: &ShortForms, text: &str) -> Result<Analysis> {
    let (shown, typed): (Vec<String>, Vec<String>) =
        typed_words(terms, short_forms, text)?.into_iter().unzip();
    let is_typing = !text.ends_with(char::is_whitespace);
    let reading = Reading { terms, short_forms, typed: &typed, is_typing };
    let mut analysis = Analysis::default();
    let mut index = 0;
    while index < typed.len() {
        let (clause, length) = if typed[index].is_empty() { (None, 1) } else { reading.next(index)? };
        let words = shown[index..index + length].iter().cloned();
        match clause {
            Some(clause) => {
                analysis.clauses.push(Clause { words: words.collect(), ..clause });
                let known = shown[index..index + length].iter().zip(&typed[index..index + length]);
                analysis.known.extend(known.map(|(shown, read)| (shown.clone(), read.clone())));
            }
            None => analysis.ignored.extend(words),
        }
        index += length;
    }
    analysis.exact = exact(short_forms, &analysis.known);
    analysis.begun = own_keys(short_forms, &analysis.known);
    analysis.parts = parts(terms, short_forms, &analysis.known)?;
    analysis.spelt = spelt(terms, &analysis.known)?;
    let common = terms.searcher.num_docs() / COMMON;
    analysis.clauses.iter_mut().for_each(|clause| clause.is_common = clause.frequency > common);
    if analysis.clauses.iter().all(Clause::may_lack) {
        // If all words are optional, the rarest is required.
        if let Some(rarest) =
            analysis.clauses.iter_mut().min_by_key(|clause| (clause.is_filler, clause.frequency))
        {
            (rarest.is_filler, rarest.is_common) = (false, false);
        }
    }
    Ok(analysis)
}

/// Keys of the exact spelling of rare words.
fn spelt(terms: &Terms<'_>, words: &[(String, String)]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (_, read) in words {
        let own = match spelt_key(read) {
            Some(key) if terms.exact_frequency(&key)? > 0 => Some(key),
            _ => None,
        };
        // If names have only the adjective of a place, use the adjective.
        let adjectives = || {
            bases(read).iter().flat_map(|base| related(base)).flatten().map(|stem| stem_key(&stem)).collect()
        };
        let keys: Vec<String> = own.map_or_else(adjectives, |own| vec![own]);
        for key in keys {
            if terms.is_rare(&key)? {
                found.push(key);
            }
        }
    }
    Ok(found)
}

/// Parts of at least two words that are whole names, each with its number of words.
fn parts(
    terms: &Terms<'_>,
    short_forms: &ShortForms,
    words: &[(String, String)],
) -> Result<Vec<(String, usize)>> {
    let mut found = Vec::new();
    for length in 2..words.len().min(MAX_PART + 1) {
        for part in words.windows(length) {
            let key = exact_key(&short_forms.significant(&phrase(&as_read(part))));
            if terms.exact_frequency(&key)? > 0 {
                found.push((key, length));
            }
        }
    }
    Ok(found)
}

/// Interpreted words joined by blanks.
fn as_read(words: &[(String, String)]) -> String {
    words.iter().map(|(_, read)| read.as_str()).collect::<Vec<_>>().join(" ")
}

/// Keys of the whole query as a short form of the beginning of a name.
fn own_keys(short_forms: &ShortForms, words: &[(String, String)]) -> BTreeSet<String> {
    phrases(&as_read(words))
        .iter()
        .map(|whole| beginning_key(&exact_key(&short_forms.significant(whole))))
        .collect()
}

/// Exact keys of names that the words may be: the words themselves, their expansions and their short forms.
pub(super) fn exact(short_forms: &ShortForms, words: &[(String, String)]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for whole in phrases(&as_read(words)) {
        let significant = short_forms.significant(&whole);
        let meanings = short_forms.meanings(&whole).iter().chain(short_forms.meanings(&significant));
        found.extend(meanings.map(|meaning| exact_key(&short_forms.significant(meaning))));
        found.insert(exact_key(&significant));
    }
    found
}
