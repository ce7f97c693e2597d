//! Corrections of mistyped query words.

use anyhow::Result;
use tantivy::{Term, query::FuzzyTermQuery, schema::Field};

use super::{
    found::Found,
    frequency,
    terms::{BEGINNING, Terms, most_frequent},
    tokenizer::{form, stems},
};

/// Shortest word or stem that is corrected, in letters.
const MIN_FUZZY: usize = 5;
/// Shortest prefix that is corrected, in letters.
const MIN_FUZZY_PREFIX: usize = 7;
/// Shortest word in which two errors, or an error in the first letter, are corrected.
const MIN_FUZZIER: usize = 9;
/// Ending of the stems of most adjectives of places; does not discriminate.
const OF_PLACES: &str = "sk";
/// Shortest rest of such a stem in which two errors are corrected.
const MIN_FUZZIER_PLACE: usize = 8;
/// Most corrections of a word.
const MAX_CORRECTIONS: usize = 8;
/// Factor of the score of corrections.
pub(super) const MISTYPED: f32 = 0.5;

impl Terms<'_> {
    /// Corrections of a word.
    pub(super) fn mistyped(&self, word: &str) -> Result<Found> {
        // The shorter of the typed and the normalised length (transliterated, doubled letters once).
        let letters = form(word).chars().count().min(word.chars().count());
        let mut found = Found::default();
        if letters < MIN_FUZZY || word.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(found);
        }
        let is_short =
            |stem: &String| stem.strip_suffix(OF_PLACES).is_some_and(|rest| rest.len() < MIN_FUZZIER_PLACE);
        let may_have_two = letters >= MIN_FUZZIER && !stems(word).iter().any(is_short);
        for errors in 1..=if may_have_two { 2 } else { 1 } {
            for stem in stems(word).into_iter().filter(|stem| stem.chars().count() >= MIN_FUZZY) {
                let query =
                    FuzzyTermQuery::new(Term::from_field_text(self.open.fields.words, &stem), errors, true);
                for term in self.corrections(self.open.fields.words, &stem, &query)? {
                    found.join(self.of_stem(&term, MISTYPED, 0)?);
                }
            }
            found.join(self.corrected_forms(word, |term| FuzzyTermQuery::new(term, errors, true))?);
            if !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// Words with this prefix, with one typing error.
    pub(super) fn begun_mistyped(&self, word: &str) -> Result<Found> {
        if word.chars().count() < MIN_FUZZY_PREFIX || word.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Found::default());
        }
        self.corrected_forms(word, |term| FuzzyTermQuery::new_prefix(term, 1, true))
    }

    fn corrected_forms(&self, word: &str, query: impl FnOnce(Term) -> FuzzyTermQuery) -> Result<Found> {
        let typed = form(word);
        let query = query(Term::from_field_text(self.open.fields.forms, &typed));
        let mut found = Found::default();
        for term in self.corrections(self.open.fields.forms, &typed, &query)? {
            let frequency = self.form_frequency(&term)?;
            let query = self.form(&term, BEGINNING * MISTYPED)?;
            found.join(Found::one(query, frequency, self.rarity(frequency)));
        }
        Ok(found)
    }

    /// Terms that match the fuzzy query, most frequent first. In short words the first letter must be the same: errors
    /// in it are rare.
    fn corrections(&self, field: Field, word: &str, query: &FuzzyTermQuery) -> Result<Vec<String>> {
        let automaton = query.automaton()?;
        let first = word.chars().next().filter(|_| word.chars().count() < MIN_FUZZIER);
        let mut found = Vec::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(field)?;
            let mut terms = inverted.terms().search(&automaton).into_stream()?;
            while terms.advance() {
                let frequency = frequency::in_segment(segment, &inverted, terms.value())?;
                found.push((String::from_utf8_lossy(terms.key()).into_owned(), frequency));
            }
        }
        found.retain(|(term, _)| first.is_none_or(|first| term.starts_with(first)));
        Ok(most_frequent(found, MAX_CORRECTIONS))
    }
}
