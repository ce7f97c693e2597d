//! Index terms for a word of a query: stems, related words and completions.

use anyhow::Result;
use tantivy::{
    Searcher, Term,
    collector::Count,
    query::{ConstScoreQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    derivation::{compounds, related},
    field_weight::{FieldWeightQuery, exact_in_sums},
    found::Found,
    frequency,
    index::Open,
    tokenizer::{base_stem, bases, form, nominative, stems},
    transliteration::plain,
};

/// Shortest prefix that is completed, in letters.
const MIN_PREFIX: usize = 3;
/// Shorter prefixes get fewer completions.
const SHORT_PREFIX: usize = 4;
/// Most completions of a prefix.
const MAX_COMPLETIONS: usize = 24;
/// Scores of an unstemmed word and of a completion, comparable to the scores of `FieldWeight`.
const WHOLE: f32 = 2.0;
pub(super) const BEGINNING: f32 = 1.2;
/// Factor of the score of related words: the adjective of a place, or the place of an adjective.
const RELATED: f32 = 0.8;
/// A word in at least one of so many documents is frequent: it gets no related words and completions.
const FREQUENT: u64 = 50;

/// Term lookups in the index.
pub(super) struct Terms<'a> {
    pub(super) searcher: &'a Searcher,
    pub(super) open: &'a Open,
    /// Whether only names and short names are searched.
    pub(super) only_names: bool,
}

impl Terms<'_> {
    /// Whether the index has the word, or for the last word, one with this prefix.
    pub(super) fn has(&self, word: &str, is_last: bool) -> Result<bool> {
        for stem in stems(word) {
            if self.stem_frequency(&stem)? > 0 {
                return Ok(true);
            }
        }
        Ok(is_last && may_begin(word) && self.begins_a_word(&form(word))?)
    }

    /// A word in any of its grammatical forms.
    pub(super) fn as_it_stands(&self, word: &str) -> Result<Found> {
        let mut found = Found::default();
        for stem in stems(word) {
            found.join(self.of_stem(&stem, 1.0, 0)?);
        }
        Ok(found)
    }

    /// A word in any of its grammatical forms; if it is rare, with related words and, for the last word, completions.
    pub(super) fn of_word(&self, word: &str, is_last: bool) -> Result<Found> {
        let mut found = self.as_it_stands(word)?;
        if let Some(nominative) = nominative(word) {
            found.join(self.as_it_stands(&nominative)?);
        }
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let is_rare = found.frequency < self.searcher.num_docs() / FREQUENT + 1;
        if is_number || !is_rare {
            return Ok(found);
        }
        for group in bases(word).iter().flat_map(|base| related(base)) {
            let adjectives = self.adjectives(&group, found.frequency)?;
            if !adjectives.is_empty() {
                found.join(adjectives);
                break;
            }
        }
        if is_last && may_begin(word) {
            let beginning = form(word);
            for term in self.completions(&beginning)? {
                let score = if term == beginning { WHOLE } else { BEGINNING };
                found.any.push(self.form(&term, score)?);
            }
            found.rarity = found.rarity.or((!found.any.is_empty()).then(|| self.rarity(0)));
        }
        Ok(found)
    }

    /// The compound adjective of a two-word place name.
    pub(super) fn compound(&self, first: &str, second: &str) -> Result<Found> {
        let Some(first) = base_stem(first) else { return Ok(Found::default()) };
        let adjectives = bases(second).into_iter().flat_map(|second| compounds(&first, &second));
        self.adjectives(&adjectives.collect::<Vec<_>>(), 0)
    }

    /// Related stems, in Russian letters, of a word that has `frequency` documents itself.
    fn adjectives(&self, stems: &[String], frequency: u64) -> Result<Found> {
        let mut found = Found::default();
        for stem in stems {
            found.join(self.of_stem(&plain(stem), RELATED, frequency)?);
        }
        Ok(found)
    }

    /// A stem with its score multiplied by `share`; empty if no document has it. Its rarity is at most that of
    /// `meant_by` documents, the frequency of the word for which it stands.
    pub(super) fn of_stem(&self, stem: &str, share: f32, meant_by: u64) -> Result<Found> {
        let frequency = self.stem_frequency(stem)?;
        let rarity = self.rarity(frequency.max(meant_by));
        let query = || Found::one(self.score(stem, share * rarity), frequency, rarity);
        Ok(if frequency > 0 { query() } else { Found::default() })
    }

    /// The same, in names only.
    pub(super) fn of_name(&self, stem: &str, share: f32, meant_by: u64) -> Result<Found> {
        let in_names = Terms { searcher: self.searcher, open: self.open, only_names: true };
        let found = in_names.of_stem(stem, share, meant_by)?;
        Ok(if self.is_anywhere(&found)? { found } else { Found::default() })
    }

    /// Query for a stem with scores multiplied by `share`.
    fn score(&self, stem: &str, share: f32) -> Box<dyn Query> {
        let term = Term::from_field_text(self.open.fields.words, stem);
        Box::new(FieldWeightQuery::new(term, share, self.only_names))
    }

    /// Query for an unstemmed word in any name, with a constant score.
    pub(super) fn form(&self, form: &str, score: f32) -> Result<Box<dyn Query>> {
        let query =
            TermQuery::new(Term::from_field_text(self.open.fields.forms, form), IndexRecordOption::Basic);
        let score = exact_in_sums(score * self.rarity(self.form_frequency(form)?));
        Ok(Box::new(ConstScoreQuery::new(Box::new(query), score)))
    }

    /// Number of documents with an unstemmed word, or with the stem of the same spelling if that is more frequent.
    pub(super) fn form_frequency(&self, form: &str) -> Result<u64> {
        Ok(self.stem_frequency(form)?.max(self.frequency(self.open.fields.forms, form)?))
    }

    /// Inverse document frequency as in BM25.
    pub(super) fn rarity(&self, frequency: u64) -> f32 {
        let (documents, frequency) = (self.searcher.num_docs() as f32, frequency as f32);
        (1.0 + (documents - frequency + 0.5).max(0.0) / (frequency + 0.5)).ln()
    }

    /// Number of documents with a stem.
    fn stem_frequency(&self, stem: &str) -> Result<u64> {
        self.frequency(self.open.fields.words, stem)
    }

    fn frequency(&self, field: Field, term: &str) -> Result<u64> {
        self.open.frequencies.of_term(self.searcher, &Term::from_field_text(field, term))
    }

    /// Whether an exact key is in at least one document but not frequent.
    pub(super) fn is_rare(&self, key: &str) -> Result<bool> {
        let frequency = self.exact_frequency(key)?;
        Ok(frequency > 0 && frequency < self.searcher.num_docs() / FREQUENT + 1)
    }

    /// Number of documents with an exact key.
    pub(super) fn exact_frequency(&self, key: &str) -> Result<u64> {
        self.frequency(self.open.fields.exact, key)
    }

    /// Whether any document matches one of the queries.
    pub(super) fn is_anywhere(&self, found: &Found) -> Result<bool> {
        for query in &found.any {
            if self.searcher.search(&**query, &Count)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn begins_a_word(&self, beginning: &str) -> Result<bool> {
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.open.fields.forms)?;
            let mut terms = inverted.terms().range().ge(beginning).into_stream()?;
            while terms.advance() && terms.key().starts_with(beginning.as_bytes()) {
                if frequency::is_in_segment(segment, &inverted, terms.value())? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Words with this prefix, most frequent first.
    fn completions(&self, beginning: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.open.fields.forms)?;
            let mut terms = inverted.terms().range().ge(beginning).into_stream()?;
            while terms.advance() && terms.key().starts_with(beginning.as_bytes()) {
                let frequency = frequency::in_segment(segment, &inverted, terms.value())?;
                found.push((String::from_utf8_lossy(terms.key()).into_owned(), frequency));
            }
        }
        let most = if beginning.len() < SHORT_PREFIX { MAX_COMPLETIONS / 6 } else { MAX_COMPLETIONS };
        Ok(most_frequent(found, most))
    }
}

/// Whether a word is long enough to be completed, also in its Latin form, in which soft and hard signs disappear.
fn may_begin(word: &str) -> bool {
    word.chars().count() >= MIN_PREFIX && form(word).len() >= MIN_PREFIX - 1
}

pub(super) fn most_frequent(mut found: Vec<(String, u32)>, most: usize) -> Vec<String> {
    // All documents of some terms may be deleted.
    found.retain(|(_, frequency)| *frequency > 0);
    // A term has one entry per segment; entries of a segment are sorted, which a stable sort exploits.
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
