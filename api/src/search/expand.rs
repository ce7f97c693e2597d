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
/// What a word in a name counts.
const NAME: f32 = 4.0;
/// What a whole word as it stands counts beside the fields' worths, what a beginning counts, and the share that is left
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
    /// The word in names alone: what it adds to hits that may lack it.
    light: Option<Box<dyn Query>>,
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

/// Joins the words: all of them, or all but one where nothing has them all.
pub(super) fn joined(expanded: &[Expanded], is_relaxed: bool) -> Box<dyn Query> {
    // Where even the rarest word has very many hits, common ones cost much and tell nothing apart.
    let rarest = expanded.iter().filter(|word| !word.is_filler).map(|word| word.frequency).min();
    let leaves_fillers_out = !is_relaxed && rarest.is_some_and(|hits| hits > MANY_HITS);
    let told = expanded.iter().filter(|word| !(word.is_filler && leaves_fillers_out));
    let clauses = told.map(|word| match &word.light {
        _ if is_relaxed => Some((Occur::Should, word.query.box_clone())),
        light if word.is_filler => Some((Occur::Should, light.as_ref()?.box_clone())),
        _ => Some((Occur::Must, word.query.box_clone())),
    });
    let clauses: Vec<_> = clauses.flatten().collect();
    if is_relaxed {
        let needed = expanded.iter().filter(|word| !word.is_filler).count().saturating_sub(1).max(1);
        return Box::new(BooleanQuery::with_minimum_required_clauses(clauses, needed));
    }
    Box::new(BooleanQuery::new(clauses))
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
            let is_known = self.is_known(word)? || is_beginning && !self.completions(&form(word))?.is_empty();
            if !is_known {
                return Ok(false);
            }
        }
        Ok(!words.is_empty())
    }

    fn is_known(&self, word: &str) -> Result<bool> {
        for stem in stems(word) {
            for field in [self.fields.all, self.fields.place, self.fields.owner] {
                if self.frequency(field, &stem)? > 0 {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn expand(&self, word: &str, is_last: bool) -> Result<Expanded> {
        let stems = stems(word);
        let mut any: Vec<Box<dyn Query>> = Vec::new();
        for stem in &stems {
            any.extend(self.named(stem, 1.0)?);
        }
        let is_known = !any.is_empty();
        let mut frequency = 0;
        for stem in &stems {
            for field in [self.fields.all, self.fields.place, self.fields.owner] {
                frequency += self.frequency(field, stem)?;
            }
        }
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let may_go_on = is_last && frequency < self.searcher.num_docs() / FREQUENT + 1;
        if may_go_on && !is_number && word.chars().count() >= MIN_PREFIX {
            let beginning = form(word);
            for term in self.completions(&beginning)? {
                let worth = if term == beginning { WHOLE } else { BEGINNING };
                any.push(self.scored(self.fields.forms, &term, worth)?);
            }
        }
        if !is_known && any.is_empty() && !is_number && word.chars().count() >= MIN_FUZZY {
            for stem in &stems {
                for field in [self.fields.all, self.fields.place] {
                    for term in self.corrections(field, stem)? {
                        any.extend(self.named(&term, MISTYPED)?);
                    }
                }
            }
            for term in self.corrections(self.fields.forms, &form(word))? {
                any.push(self.scored(self.fields.forms, &term, BEGINNING * MISTYPED)?);
            }
        }
        let light = match stems.first() {
            Some(stem) if frequency > 0 => Some(self.scored(self.fields.name, stem, NAME)?),
            _ => None,
        };
        let query = Box::new(DisjunctionMaxQuery::new(any));
        Ok(Expanded { query, light, is_filler: is_filler(word), frequency })
    }

    /// The stem in each field that has it, by the field's worth: name, short name, other names, handle.
    fn named(&self, stem: &str, share: f32) -> Result<Vec<Box<dyn Query>>> {
        let fields = self.fields;
        let mut found = Vec::new();
        for (field, worth) in [
            (fields.name, NAME),
            (fields.short, 3.4),
            (fields.other, 2.8),
            (fields.expanded, 2.4),
            (fields.handle, 2.0),
            (fields.owner, 0.8),
            (fields.place, 0.8),
        ] {
            if self.frequency(field, stem)? > 0 {
                found.push(self.scored(field, stem, worth * share)?);
            }
        }
        Ok(found)
    }

    /// A term in a field. What it counts depends on how rare it is in all fields together: in which of them a word is
    /// rare says nothing of what is meant.
    fn scored(&self, field: Field, term: &str, worth: f32) -> Result<Box<dyn Query>> {
        let frequency = self.frequency(self.fields.all, term)?.max(self.frequency(field, term)?) as f32;
        let documents = self.searcher.num_docs() as f32;
        let rarity = (1.0 + (documents - frequency + 0.5).max(0.0) / (frequency + 0.5)).ln();
        let query = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::Basic);
        Ok(Box::new(ConstScoreQuery::new(Box::new(query), worth * rarity)))
    }

    fn frequency(&self, field: Field, term: &str) -> Result<u64> {
        Ok(self.searcher.doc_freq(&Term::from_field_text(field, term))?)
    }

    /// Words that begin so, the most frequent first.
    fn completions(&self, beginning: &str) -> Result<Vec<String>> {
        let mut end = beginning.to_owned();
        end.push(char::MAX);
        let mut found = Vec::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.fields.forms)?;
            let mut terms = inverted.terms().range().ge(beginning).lt(&end).into_stream()?;
            while terms.advance() {
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
    // One term has an entry in each segment.
    found.sort_unstable();
    found.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            earlier.1 += later.1;
        }
        is_same
    });
    found.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    found.into_iter().take(most).map(|(term, _)| term).collect()
}
