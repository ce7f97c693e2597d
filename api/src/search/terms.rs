//! Terms of the index that a word of a query may stand for: its stems, words that begin so, words that it may be mistyped
//! for.

use anyhow::Result;
use tantivy::{
    Searcher, Term,
    query::{ConstScoreQuery, FuzzyTermQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    index::Fields,
    standing::StandingQuery,
    words::{form, stems},
};

/// Shortest word in which a typing error is looked for, and shortest beginning that is completed.
const MIN_FUZZY: usize = 5;
const MIN_PREFIX: usize = 3;
/// Shortest word in which two errors are looked for, and shortest whose first letter may be the wrong one.
const MIN_FUZZIER: usize = 9;
/// Shorter beginnings stand for so many words that only the most frequent are taken.
const SHORT_PREFIX: usize = 4;
/// Most terms that a beginning or a mistyped word stands for.
const MAX_COMPLETIONS: usize = 24;
const MAX_CORRECTIONS: usize = 8;
/// What a whole word as it stands counts beside the standings' worths, what a beginning counts, and the share that is left
/// to a mistyped word.
const WHOLE: f32 = 2.0;
const BEGINNING: f32 = 1.2;
const MISTYPED: f32 = 0.5;
/// A word in one of so many documents is no beginning of another one.
const FREQUENT: u64 = 50;

/// The index as a query looks words up in it.
pub(super) struct Terms<'a> {
    pub(super) searcher: &'a Searcher,
    pub(super) fields: &'a Fields,
    /// Whether only names count, and not where a body is or what else it is called.
    pub(super) only_names: bool,
}

impl Terms<'_> {
    /// Whether the index has the word, or the beginning of one where it is the last.
    pub(super) fn has(&self, word: &str, is_last: bool) -> Result<bool> {
        if self.known(word)?.next().is_some() {
            return Ok(true);
        }
        Ok(is_last && word.chars().count() >= MIN_PREFIX && self.begins_a_word(&form(word))?)
    }

    /// Stems of the word that the index has, each with the number of its documents.
    fn known(&self, word: &str) -> Result<impl Iterator<Item = (String, u64)> + use<>> {
        let stems = stems(word).into_iter();
        let counted: Vec<_> = stems
            .map(|stem| Ok((stem.clone(), self.frequency(self.fields.words, &stem)?)))
            .collect::<Result<_>>()?;
        Ok(counted.into_iter().filter(|(_, frequency)| *frequency > 0))
    }

    /// Queries for a word, and the number of documents that have it as it stands.
    pub(super) fn of_word(&self, word: &str, is_last: bool) -> Result<(Vec<Box<dyn Query>>, u64)> {
        let known: Vec<(String, u64)> = self.known(word)?.collect();
        let frequency = known.iter().map(|(_, frequency)| frequency).sum();
        let mut any: Vec<Box<dyn Query>> = Vec::new();
        for (stem, _) in &known {
            any.push(self.standing(stem, 1.0)?);
        }
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let may_go_on = is_last && frequency < self.searcher.num_docs() / FREQUENT + 1;
        if may_go_on && !is_number && word.chars().count() >= MIN_PREFIX {
            let beginning = form(word);
            for term in self.completions(&beginning)? {
                let worth = if term == beginning { WHOLE } else { BEGINNING };
                any.push(self.form(&term, worth)?);
            }
        }
        Ok((any, frequency))
    }

    /// Queries for words that this one may be mistyped for.
    pub(super) fn mistyped(&self, word: &str) -> Result<Vec<Box<dyn Query>>> {
        // Letters as they are compared: in Latin ones, those that stand twice once.
        let letters = form(word).chars().count().min(word.chars().count());
        if letters < MIN_FUZZY || word.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Vec::new());
        }
        for errors in 1..=if letters >= MIN_FUZZIER { 2 } else { 1 } {
            let mut any: Vec<Box<dyn Query>> = Vec::new();
            for stem in stems(word) {
                for term in self.corrections(self.fields.words, &stem, errors)? {
                    any.push(self.standing(&term, MISTYPED)?);
                }
            }
            for term in self.corrections(self.fields.forms, &form(word), errors)? {
                any.push(self.form(&term, BEGINNING * MISTYPED)?);
            }
            if !any.is_empty() {
                return Ok(any);
            }
        }
        Ok(Vec::new())
    }

    /// The stem, worth what it is worth where it stands.
    pub(super) fn standing(&self, stem: &str, share: f32) -> Result<Box<dyn Query>> {
        let words = self.fields.words;
        let share = share * self.rarity(self.frequency(words, stem)?);
        Ok(Box::new(StandingQuery::new(Term::from_field_text(words, stem), share, self.only_names)))
    }

    /// The word as it stands in any name.
    fn form(&self, form: &str, worth: f32) -> Result<Box<dyn Query>> {
        let forms = self.fields.forms;
        // A form that is a stem as well is as frequent as the stem.
        let frequency = self.frequency(self.fields.words, form)?.max(self.frequency(forms, form)?);
        let query = TermQuery::new(Term::from_field_text(forms, form), IndexRecordOption::Basic);
        Ok(Box::new(ConstScoreQuery::new(Box::new(query), worth * self.rarity(frequency))))
    }

    /// What a word in so many documents says, as BM25 has it.
    pub(super) fn rarity(&self, frequency: u64) -> f32 {
        let (documents, frequency) = (self.searcher.num_docs() as f32, frequency as f32);
        (1.0 + (documents - frequency + 0.5).max(0.0) / (frequency + 0.5)).ln()
    }

    /// Number of documents with a stem.
    pub(super) fn stem_frequency(&self, stem: &str) -> Result<u64> {
        self.frequency(self.fields.words, stem)
    }

    fn frequency(&self, field: Field, term: &str) -> Result<u64> {
        Ok(self.searcher.doc_freq(&Term::from_field_text(field, term))?)
    }

    fn begins_a_word(&self, beginning: &str) -> Result<bool> {
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.fields.forms)?;
            let mut terms = inverted.terms().range().ge(beginning).into_stream()?;
            if terms.advance() && terms.key().starts_with(beginning.as_bytes()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Words that begin so, the most frequent first.
    fn completions(&self, beginning: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.fields.forms)?;
            let mut terms = inverted.terms().range().ge(beginning).into_stream()?;
            while terms.advance() && terms.key().starts_with(beginning.as_bytes()) {
                found.push((String::from_utf8_lossy(terms.key()).into_owned(), terms.value().doc_freq));
            }
        }
        let most = if beginning.len() < SHORT_PREFIX { MAX_COMPLETIONS / 6 } else { MAX_COMPLETIONS };
        Ok(most_frequent(found, most))
    }

    /// Words that are so many typing errors away, the most frequent first. Whoever mistypes a short word seldom mistypes its
    /// first letter, and most words that differ in it are others.
    fn corrections(&self, field: Field, word: &str, errors: u8) -> Result<Vec<String>> {
        let automaton = FuzzyTermQuery::new(Term::from_field_text(field, word), errors, true).automaton()?;
        let first = word.chars().next().filter(|_| word.chars().count() < MIN_FUZZIER);
        let mut found = Vec::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(field)?;
            let mut terms = inverted.terms().search(&automaton).into_stream()?;
            while terms.advance() {
                found.push((String::from_utf8_lossy(terms.key()).into_owned(), terms.value().doc_freq));
            }
        }
        found.retain(|(term, _)| first.is_none_or(|first| term.starts_with(first)));
        Ok(most_frequent(found, MAX_CORRECTIONS))
    }
}

fn most_frequent(mut found: Vec<(String, u32)>, most: usize) -> Vec<String> {
    // One term has an entry in each segment; those of a segment come in order, which a stable sort makes use of.
    found.sort();
    found.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            earlier.1 += later.1;
        }
        is_same
    });
    let by_frequency =
        |left: &(String, u32), right: &(String, u32)| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0));
    if found.len() > most {
        found.select_nth_unstable_by(most, by_frequency);
        found.truncate(most);
    }
    found.sort_unstable_by(by_frequency);
    found.into_iter().map(|(term, _)| term).collect()
}
