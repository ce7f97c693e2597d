//! From the words of a query to what is looked for: layouts, short forms, joined and split words, typing errors.

use std::collections::BTreeSet;

use anyhow::Result;
use tantivy::query::{BooleanQuery, DisjunctionMaxQuery, Occur, Query};

use super::{
    document::exact_key,
    letters::other_layout,
    short_forms::{Phrase, ShortForms, phrase, phrases},
    terms::Terms,
    words::{is_filler, stems, words},
};

/// Most words of a query that are looked at.
const MAX_WORDS: usize = 16;
/// A word in one of so many documents says little.
const COMMON: u64 = 3;
/// Share of a word's worth that is left to what a short form stands for, to joined and split words.
const MEANT: f32 = 0.95;
const REJOINED: f32 = 0.8;
/// Most words that are tried as one, and shortest word that is tried as two.
const MAX_JOINED: usize = 3;
const MIN_SPLIT: usize = 8;
const MIN_PART: usize = 3;

/// One or more words of a query, and what they may stand for.
pub(super) struct Clause {
    pub(super) query: Box<dyn Query>,
    /// Words of the query that it stands for, as they were typed.
    pub(super) words: Vec<String>,
    /// Whether hits may lack it: it says little.
    pub(super) is_filler: bool,
    /// Whether it is in every third document: hits may lack it where none has it beside the others.
    pub(super) is_common: bool,
    pub(super) frequency: u64,
    /// How much it says.
    pub(super) rarity: f32,
}

impl Clause {
    /// Whether hits may lack it.
    pub(super) fn may_lack(&self) -> bool {
        self.is_filler || self.is_common
    }
}

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
        let telling = short_forms.without_country(&whole);
        let meanings = short_forms.meanings(&whole).iter().chain(short_forms.meanings(&telling));
        found.extend(meanings.map(|meaning| exact_key(&short_forms.without_country(meaning))));
        found.insert(exact_key(&telling));
    }
    found
}

/// Words of a query as they were typed and as they are read, each chunk on the keyboard on which it is known.
fn typed_words(terms: &Terms<'_>, short_forms: &ShortForms, text: &str) -> Result<Vec<(String, String)>> {
    let lower = text.to_lowercase();
    let chunks: Vec<&str> = lower.split_whitespace().collect();
    let mut typed = Vec::new();
    // Signs in a word are letters of the other keyboard; whoever typed one word there typed all.
    let is_signed =
        |chunk: &&str| chunk.chars().count() > 1 && chunk.trim_matches(is_quoting).contains(is_letter_key);
    let is_mixed_up = chunks.iter().filter(|chunk| is_signed(chunk)).try_fold(false, |found, chunk| {
        let other = other_layout(chunk).map(|other| words(&other)).unwrap_or_default();
        Ok::<_, anyhow::Error>(found || (other.len() == 1 && all_known(terms, short_forms, &other, false)?))
    })?;
    for (place, chunk) in chunks.iter().enumerate() {
        let is_last = place + 1 == chunks.len();
        let own = words(chunk);
        let other = other_layout(chunk).map(|other| words(&other)).unwrap_or_default();
        let known = |words: &[String]| all_known(terms, short_forms, words, is_last);
        // A chunk in the wrong layout is nonsense as it stands, and known on the other keyboard.
        let is_other = (is_mixed_up || !known(&own)?) && known(&other)?;
        for word in if is_other { other } else { own } {
            // A short form with a typing error is read as what it is short for.
            let is_known = known(std::slice::from_ref(&word))?;
            let corrected = if is_known { None } else { short_forms.corrected(&word) };
            let shown = if is_other { (*chunk).to_owned() } else { word.clone() };
            typed.push((shown, corrected.map(str::to_owned).unwrap_or(word)));
        }
    }
    typed.truncate(MAX_WORDS);
    Ok(typed)
}

/// Keys of the Latin keyboard that write signs, and letters on the Russian one.
fn is_letter_key(key: char) -> bool {
    matches!(key, '[' | ']' | '{' | '}' | ';' | ':' | '\'' | '"' | ',' | '.' | '<' | '>' | '`' | '~')
}

/// What stands around a word in any language.
fn is_quoting(sign: char) -> bool {
    matches!(sign, '"' | '\'' | ',' | '.' | ':' | ';' | '[' | ']')
}

/// Whether every word is known to the index or as a short form, or for the last one as the beginning of a word.
fn all_known(terms: &Terms<'_>, short_forms: &ShortForms, words: &[String], is_last: bool) -> Result<bool> {
    for (place, word) in words.iter().enumerate() {
        let is_short = stems(word).into_iter().any(|stem| !short_forms.meanings(&[stem]).is_empty());
        let is_begun = is_last && place + 1 == words.len();
        if !is_short && !terms.has(word, is_begun)? {
            return Ok(false);
        }
    }
    Ok(!words.is_empty())
}

struct Reading<'a> {
    terms: &'a Terms<'a>,
    short_forms: &'a ShortForms,
    typed: &'a [String],
    is_typing: bool,
}

impl Reading<'_> {
    /// What stands at a place, and how many words it is; none where nothing is known of it.
    fn next(&self, place: usize) -> Result<(Option<Clause>, usize)> {
        let rest = &self.typed[place..];
        for length in (1..=self.short_forms.longest().min(rest.len())).rev() {
            let spoken = phrases(&rest[..length].join(" "));
            let mut meant = Vec::new();
            for phrase in &spoken {
                meant.extend(self.meant(self.short_forms.meanings(phrase), MEANT)?);
            }
            let is_country = spoken.iter().any(|phrase| self.short_forms.is_country(phrase));
            if meant.is_empty() && !is_country {
                continue;
            }
            let (own, frequency) = self.own(&rest[..length], place)?;
            meant.extend(own);
            if let Some(clause) = self.clause(meant, &spoken[0], frequency)? {
                return Ok((Some(Clause { is_filler: is_country, ..clause }), length));
            }
        }
        for length in (2..=MAX_JOINED.min(rest.len())).rev() {
            let joined = phrase(&rest[..length].concat());
            if !self.short_forms.meanings(&joined).is_empty() {
                let found = self.joined(&rest[..length])?;
                if let Some(clause) = self.clause(found, &joined, 0)? {
                    return Ok((Some(clause), length));
                }
            }
        }
        self.plain(place)
    }

    /// A word without a meaning beside its own.
    fn plain(&self, place: usize) -> Result<(Option<Clause>, usize)> {
        let (rest, word) = (&self.typed[place..], &self.typed[place]);
        let is_last = self.is_typing && rest.len() == 1;
        let spoken = phrase(word);
        let (mut any, frequency) = self.terms.of_word(word, is_last)?;
        if is_last {
            let begun: Vec<Phrase> = self.short_forms.begun(word).into_iter().cloned().collect();
            any.extend(self.meant(&begun, REJOINED)?);
        }
        if any.is_empty() {
            for length in 2..=MAX_JOINED.min(rest.len()) {
                let joined = self.joined(&rest[..length])?;
                if let Some(clause) = self.clause(joined, &spoken, 0)? {
                    return Ok((Some(clause), length));
                }
            }
            any = self.split(word)?;
        }
        if any.is_empty() {
            any = self.terms.mistyped(word)?;
        }
        let clause = self.clause(any, &spoken, frequency)?;
        Ok((clause.map(|clause| Clause { is_filler: is_filler(word), ..clause }), 1))
    }

    /// Words as they stand, all of them.
    fn own(&self, words: &[String], place: usize) -> Result<(Option<Box<dyn Query>>, u64)> {
        let mut all: Vec<Box<dyn Query>> = Vec::new();
        let mut rarest = u64::MAX;
        for (number, word) in words.iter().enumerate() {
            let is_last = self.is_typing && place + number + 1 == self.typed.len();
            let (any, frequency) = self.terms.of_word(word, is_last)?;
            if any.is_empty() {
                return Ok((None, 0));
            }
            rarest = rarest.min(frequency);
            all.push(best_of(any));
        }
        Ok((Some(all_of(all)), rarest))
    }

    /// Other phrases that are meant, each with all its words.
    fn meant(&self, phrases: &[Phrase], share: f32) -> Result<Vec<Box<dyn Query>>> {
        let mut found = Vec::new();
        for phrase in phrases {
            let mut all: Vec<Box<dyn Query>> = Vec::new();
            for stem in phrase {
                if self.terms.stem_frequency(stem)? > 0 {
                    // However many words a meaning has, it counts as the one that it is meant by.
                    all.push(self.terms.standing(stem, share / phrase.len() as f32)?);
                }
            }
            if all.len() == phrase.len() {
                found.push(all_of(all));
            }
        }
        Ok(found)
    }

    /// Several words written as one.
    fn joined(&self, words: &[String]) -> Result<Vec<Box<dyn Query>>> {
        let word = words.concat();
        let mut any = self.meant(self.short_forms.meanings(&phrase(&word)), REJOINED)?;
        any.extend(self.terms.of_word(&word, false)?.0);
        Ok(any)
    }

    /// One word that is two.
    fn split(&self, word: &str) -> Result<Vec<Box<dyn Query>>> {
        let letters: Vec<char> = word.chars().collect();
        let mut found = Vec::new();
        if letters.len() < MIN_SPLIT {
            return Ok(found);
        }
        for place in MIN_PART..=letters.len() - MIN_PART {
            let (first, second): (String, String) =
                (letters[..place].iter().collect(), letters[place..].iter().collect());
            let (one, two) = (self.terms.of_word(&first, false)?.0, self.terms.of_word(&second, false)?.0);
            if !one.is_empty() && !two.is_empty() {
                found.push(all_of(vec![best_of(one), best_of(two)]));
            }
        }
        Ok(found)
    }

    fn clause(&self, any: Vec<Box<dyn Query>>, spoken: &[String], frequency: u64) -> Result<Option<Clause>> {
        if any.is_empty() {
            return Ok(None);
        }
        let mut rarity: f32 = 0.0;
        for stem in spoken {
            rarity = rarity.max(self.terms.rarity(self.terms.stem_frequency(stem)?));
        }
        let query = best_of(any);
        Ok(Some(Clause { query, words: Vec::new(), is_filler: false, is_common: false, frequency, rarity }))
    }
}

fn best_of(mut any: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    if any.len() == 1 { any.remove(0) } else { Box::new(DisjunctionMaxQuery::new(any)) }
}

fn all_of(mut all: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    if all.len() == 1 {
        return all.remove(0);
    }
    Box::new(BooleanQuery::new(all.into_iter().map(|query| (Occur::Must, query)).collect()))
}
