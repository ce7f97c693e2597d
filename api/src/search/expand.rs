//! From the words of a query to what is looked for: layouts, short forms, joined and split words, typing errors.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{
    document::exact_key,
    reading::{Clause, Reading},
    short_forms::{ShortForms, phrases},
    terms::Terms,
    typed::typed_words,
};

/// A word in one of so many documents says little.
const COMMON: u64 = 3;
/// A query, read.
pub(super) struct Analysis {
    pub(super) clauses: Vec<Clause>,
    /// Words that are nowhere in the registry.
    pub(super) ignored: Vec<String>,
    /// Names that the whole query may be.
    pub(super) exact: BTreeSet<String>,
}

impl Analysis {
    /// Whether what was not found says more than what was.
    pub(super) fn is_mostly_ignored(&self, documents: u64) -> bool {
        let unknown = (documents as f32 + 1.0).ln() * self.ignored.len() as f32;
        let known: f32 =
            self.clauses.iter().filter(|clause| !clause.may_lack()).map(|clause| clause.rarity).sum();
        unknown > known
    }

    /// Whether all that was found is in every third document.
    pub(super) fn is_common(&self, documents: u64) -> bool {
        self.clauses.iter().all(|clause| clause.is_filler || clause.frequency > documents / COMMON)
    }
}

/// Reads a query.
pub(super) fn analyse(terms: &Terms<'_>, short_forms: &ShortForms, text: &str) -> Result<Analysis> {
    let (shown, typed): (Vec<String>, Vec<String>) =
        typed_words(terms, short_forms, text)?.into_iter().unzip();
    let is_typing = !text.ends_with(char::is_whitespace);
    let reading = Reading { terms, short_forms, typed: &typed, is_typing };
    let mut analysis = Analysis { clauses: Vec::new(), ignored: Vec::new(), exact: BTreeSet::new() };
    let (mut place, mut known) = (0, Vec::new());
    while place < typed.len() {
        let (clause, length) = reading.next(place)?;
        let words = shown[place..place + length].iter().cloned();
        match clause {
            Some(clause) => {
                analysis.clauses.push(Clause { words: words.collect(), ..clause });
                known.extend(typed[place..place + length].iter().map(String::as_str));
            }
            None => analysis.ignored.extend(words),
        }
        place += length;
    }
    analysis.ignored.dedup();
    analysis.exact = exact(short_forms, &known);
    let common = terms.searcher.num_docs() / COMMON;
    analysis.clauses.iter_mut().for_each(|clause| clause.is_common = clause.frequency > common);
    if analysis.clauses.iter().all(Clause::may_lack) {
        // Of words that all say little, the rarest says most.
        if let Some(rarest) = analysis.clauses.iter_mut().min_by_key(|clause| clause.frequency) {
            (rarest.is_filler, rarest.is_common) = (false, false);
        }
    }
    Ok(analysis)
}

/// Names that the whole query may be: its own words, and what they are short for or are called in short.
fn exact(short_forms: &ShortForms, typed: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for whole in phrases(&typed.join(" ")) {
        let telling = short_forms.telling(&whole);
        let meanings = short_forms.meanings(&whole).iter().chain(short_forms.meanings(&telling));
        found.extend(meanings.map(|meaning| exact_key(&short_forms.telling(meaning))));
        found.insert(exact_key(&telling));
    }
    found
}
