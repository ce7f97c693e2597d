//! From the words of a query to the terms of the index: forms, layouts, beginnings, one typing error.

use anyhow::Result;
use tantivy::{
    Searcher, Term,
    query::{BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    index::Fields,
    letters::other_layout,
    standing::StandingQuery,
    words::{form, is_filler, stems, words},
};

/// Most words of a query that are looked at.
const MAX_WORDS: usize = 16;
/// Shortest word in which a typing error is looked for, and shortest beginning that is completed.
const MIN_FUZZY: usize = 4;
const MIN_PREFIX: usize = 3;
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
/// A word in one of so many documents says little.
const COMMON: u64 = 3;
/// A word in one of so many documents is no beginning of another one.
const FREQUENT: u64 = 50;
/// From so many hits on, common words beside them are left out.
const MANY_HITS: u64 = 20_000;

/// A word of the query and the terms that it may stand for.
pub(super) struct Expanded {
    query: Box<dyn Query>,
    /// Whether hits may lack the word: it says little, or is in every third document.
    is_filler: bool,
    frequency: u64,
}

/// Words of a query, each with what it may stand for.
pub(super) fn expand(searcher: &Searcher, fields: &Fields, text: &str) -> Result<Vec<Expanded>> {
    let lower = text.to_lowercase();
    let is_typing = !text.ends_with(char::is_whitespace);
    let chunks: Vec<&str> = lower.split_whitespace().collect();
    let mut expanded = Vec::new();
    for (place, chunk) in chunks.iter().enumerate() {
        let is_last = is_typing && place + 1 == chunks.len();
        let terms = Terms { searcher, fields };
        let own = words(chunk);
        let other = other_layout(chunk).map(|other| words(&other)).unwrap_or_default();
        // A chunk in the wrong layout is nonsense as it stands, and known on the other keyboard.
        let own_is_known = terms.all_known(&own, is_last)?;
        let chosen = if !own_is_known && terms.all_known(&other, is_last)? { &other } else { &own };
        let count = chosen.len();
        for (number, word) in chosen.iter().enumerate() {
            if expanded.len() < MAX_WORDS {
                expanded.push(terms.expand(word, is_last && number + 1 == count)?);
            }
        }
    }
    let common = searcher.num_docs() / COMMON;
    expanded.iter_mut().for_each(|word| word.is_filler |= word.frequency > common);
    if expanded.iter().all(|word| word.is_filler) {
        // Of words that all say little, the rarest says most.
        if let Some(rarest) = expanded.iter_mut().min_by_key(|word| word.frequency) {
            rarest.is_filler = false;
        }
    }
    Ok(expanded)
}

/// Hits that have all words.
pub(super) fn all_of(expanded: &[Expanded]) -> Box<dyn Query> {
    // Where even the rarest word has very many hits, common ones cost much and tell nothing apart.
    let rarest = expanded.iter().filter(|word| !word.is_filler).map(|word| word.frequency).min();
    let leaves_fillers_out = rarest.is_some_and(|hits| hits > MANY_HITS);
    joined(expanded.iter().filter(|word| !(word.is_filler && leaves_fillers_out)))
}

/// Hits that have all words but one, for where nothing has them all: no hit then comes from two of the combinations.
pub(super) fn all_but_one_of(expanded: &[Expanded]) -> Box<dyn Query> {
    let needed = (0..expanded.len()).filter(|place| !expanded[*place].is_filler);
    let combinations = needed.map(|left_out| {
        let others = expanded.iter().enumerate().filter(|(place, _)| *place != left_out);
        (Occur::Should, joined(others.map(|(_, word)| word)))
    });
    Box::new(BooleanQuery::new(combinations.collect()))
}

fn joined<'a>(words: impl Iterator<Item = &'a Expanded>) -> Box<dyn Query> {
    let clauses = words.map(|word| {
        let occur = if word.is_filler { Occur::Should } else { Occur::Must };
        (occur, word.query.box_clone())
    });
    Box::new(BooleanQuery::new(clauses.collect()))
}

struct Terms<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
}

impl Terms<'_> {
    /// Whether the index has every word, or for the last one the beginning of one.
    fn all_known(&self, words: &[String], is_last: bool) -> Result<bool> {
        for (place, word) in words.iter().enumerate() {
            let is_beginning = is_last && place + 1 == words.len() && word.chars().count() >= MIN_PREFIX;
            let is_known = self.is_known(word)? || is_beginning && self.begins_a_word(&form(word))?;
            if !is_known {
                return Ok(false);
            }
        }
        Ok(!words.is_empty())
    }

    fn is_known(&self, word: &str) -> Result<bool> {
        Ok(self.known(word)?.next().is_some())
    }

    /// Stems of the word that the index has, each with the number of its documents.
    fn known(&self, word: &str) -> Result<impl Iterator<Item = (String, u64)>> {
        let stems = stems(word).into_iter();
        let counted: Vec<_> = stems
            .map(|stem| Ok((stem.clone(), self.frequency(self.fields.words, &stem)?)))
            .collect::<Result<_>>()?;
        Ok(counted.into_iter().filter(|(_, frequency)| *frequency > 0))
    }

    fn expand(&self, word: &str, is_last: bool) -> Result<Expanded> {
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
        if any.is_empty() && !is_number && word.chars().count() >= MIN_FUZZY {
            for stem in stems(word) {
                for term in self.corrections(self.fields.words, &stem)? {
                    any.push(self.standing(&term, MISTYPED)?);
                }
            }
            for term in self.corrections(self.fields.forms, &form(word))? {
                any.push(self.form(&term, BEGINNING * MISTYPED)?);
            }
        }
        let query = if any.len() == 1 { any.remove(0) } else { Box::new(DisjunctionMaxQuery::new(any)) };
        Ok(Expanded { query, is_filler: is_filler(word), frequency })
    }

    /// The stem, worth what it is worth where it stands.
    fn standing(&self, stem: &str, share: f32) -> Result<Box<dyn Query>> {
        let words = self.fields.words;
        let share = share * self.rarity(self.frequency(words, stem)?);
        Ok(Box::new(StandingQuery::new(Term::from_field_text(words, stem), share)))
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
    fn rarity(&self, frequency: u64) -> f32 {
        let (documents, frequency) = (self.searcher.num_docs() as f32, frequency as f32);
        (1.0 + (documents - frequency + 0.5).max(0.0) / (frequency + 0.5)).ln()
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

    /// Words that are one typing error away, the most frequent first.
    fn corrections(&self, field: Field, word: &str) -> Result<Vec<String>> {
        let automaton = FuzzyTermQuery::new(Term::from_field_text(field, word), 1, true).automaton()?;
        let mut found = Vec::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(field)?;
            let mut terms = inverted.terms().search(&automaton).into_stream()?;
            while terms.advance() {
                found.push((String::from_utf8_lossy(terms.key()).into_owned(), terms.value().doc_freq));
            }
        }
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
