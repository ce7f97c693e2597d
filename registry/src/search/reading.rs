//! Interprets the words of a query as clauses: word forms, short forms, joined and split words, typing errors.

use anyhow::Result;
use tantivy::query::Query;

use super::{
    found::{Found, all_of, best_of},
    mistyped::MISTYPED,
    short_forms::{Phrase, ShortForms, phrase, phrases},
    terms::Terms,
    tokenizer::{is_filler, stems},
};

/// Factors of the score of meanings of short forms, and of joined and split words.
const MEANT: f32 = 0.95;
const REJOINED: f32 = 0.8;
/// Most words that are joined; shortest word that is split, and shortest part of it, in letters.
const MAX_JOINED: usize = 3;
const MIN_SPLIT: usize = 8;
const MIN_PART: usize = 3;
/// Most hits of a clause that identifies one organization.
pub(super) const FEW: u64 = 3;
/// Least rarity of a word that identifies one organization: few of a thousand records have it.
const RARE: f32 = 5.5;
/// Longest short form that is searched in names only, in letters.
const MAX_SHORT: usize = 3;
/// Shortest incomplete word that may name a territory, in letters.
const MIN_PLACE: usize = 4;

/// A clause: one or more words of a query with their alternatives.
pub(super) struct Clause {
    pub(super) query: Box<dyn Query>,
    /// Its words as typed.
    pub(super) words: Vec<String>,
    /// Whether it is a filler: hits may lack it.
    pub(super) is_filler: bool,
    /// Whether more than a third of the documents match: hits may lack it if none matches all clauses.
    pub(super) is_common: bool,
    /// Whether it names a territory, which distinguishes organizations of one kind.
    pub(super) is_place: bool,
    /// Whether it names a kind of organization, which is less significant than the organization's subject.
    pub(super) is_kind: bool,
    pub(super) frequency: u64,
    /// Significance of the clause (inverse document frequency).
    pub(super) rarity: f32,
}

impl Clone for Clause {
    fn clone(&self) -> Self {
        Self { query: self.query.box_clone(), words: self.words.clone(), ..*self }
    }
}

impl Clause {
    /// Whether it identifies one organization: very rare, and neither a territory nor a kind.
    pub(super) fn names_one(&self) -> bool {
        let is_rare = (1..=FEW).contains(&self.frequency) && self.rarity > RARE;
        !self.is_place && !self.is_kind && is_rare
    }

    /// Whether hits may lack it.
    pub(super) fn may_lack(&self) -> bool {
        self.is_filler || self.is_common
    }
}

/// Interprets the words of a query.
pub(super) struct Reading<'a> {
    pub(super) terms: &'a Terms<'a>,
    pub(super) short_forms: &'a ShortForms,
    pub(super) typed: &'a [String],
    /// Whether the last word may be incomplete.
    pub(super) is_typing: bool,
}

impl Reading<'_> {
    /// The clause at a word index and its number of words; `None` if the word is unknown.
    pub(super) fn next(&self, index: usize) -> Result<(Option<Clause>, usize)> {
        let rest = &self.typed[index..];
        for length in (1..=self.short_forms.longest().min(rest.len())).rev() {
            let words = &rest[..length];
            let in_parts = self.short_form_in_parts(words)?;
            if !in_parts.is_empty() {
                return Ok((self.clause(in_parts, words, false), length));
            }
            let mut meant = match words {
                [first, second] => self.terms.compound(first, second)?,
                _ => Found::default(),
            };
            let spoken = phrases(&words.join(" "));
            let own = self.own(words, index)?;
            for phrase in spoken.iter().filter(|_| !(length == 1 && is_filler(&words[0]))) {
                meant.join(self.meant(self.short_forms.meanings(phrase), MEANT, own.frequency)?);
            }
            let is_country = spoken.iter().any(|phrase| self.short_forms.is_country(phrase));
            if meant.is_empty() && !is_country {
                continue;
            }
            meant.join(own);
            let is_last = self.is_typing && length == rest.len();
            if let Some(clause) = self.clause(meant, words, is_last) {
                return Ok((Some(Clause { is_filler: is_country, ..clause }), length));
            }
        }
        self.plain(index)
    }

    /// A short form written as several words: «рос потреб надзор».
    fn short_form_in_parts(&self, words: &[String]) -> Result<Found> {
        let is_known = !self.short_forms.meanings(&phrase(&words.join(" "))).is_empty();
        let may_be = (2..=MAX_JOINED).contains(&words.len()) && !words.iter().any(|word| is_filler(word));
        if may_be && !is_known && self.short_forms.is_short_form(&words.concat()) {
            return self.joined(words);
        }
        Ok(Found::default())
    }

    /// A word that is not part of a known phrase.
    fn plain(&self, index: usize) -> Result<(Option<Clause>, usize)> {
        let (rest, word) = (&self.typed[index..], &self.typed[index]);
        let is_last = self.is_typing && rest.len() == 1;
        let mut found = self.terms.of_word(word, is_last)?;
        if is_last {
            found.join(self.meant(self.short_forms.begun(word), REJOINED, found.frequency)?);
        }
        if found.is_empty() {
            for length in 2..=MAX_JOINED.min(rest.len()) {
                if let Some(clause) = self.clause(self.joined(&rest[..length])?, &rest[..length], false) {
                    return Ok((Some(clause), length));
                }
            }
            found = self.split(word)?;
        }
        // Known short forms and expansions are not corrected.
        let is_name = phrases(word).iter().any(|phrase| !self.short_forms.meanings(phrase).is_empty());
        if found.is_empty() && !is_name {
            found = self.mistyped(word, is_last)?;
        }
        let clause = self.clause(found, &rest[..1], is_last);
        Ok((clause.map(|clause| Clause { is_filler: is_filler(word), ..clause }), 1))
    }

    /// Corrections of a word, or of a prefix if it may be incomplete.
    fn mistyped(&self, word: &str, is_last: bool) -> Result<Found> {
        let mut found = self.terms.mistyped(word)?;
        if found.is_empty() && is_last {
            found.join(self.meant(self.short_forms.begun_mistyped(word), REJOINED, 0)?);
            found.join(self.terms.begun_mistyped(word)?);
        }
        // A correction may be wrong.
        Ok(Found { rarity: found.rarity.map(|rarity| rarity * MISTYPED), ..found })
    }

    /// All the words without other meanings.
    fn own(&self, words: &[String], start: usize) -> Result<Found> {
        let mut all = Vec::new();
        for (number, word) in words.iter().enumerate() {
            let is_last = self.is_typing && start + number + 1 == self.typed.len();
            all.push(self.terms.of_word(word, is_last)?);
        }
        Ok(all_of(all))
    }

    /// Meanings of a word that has `frequency` documents itself; each meaning requires all its words.
    fn meant<'p>(
        &self,
        phrases: impl IntoIterator<Item = &'p Phrase>,
        share: f32,
        frequency: u64,
    ) -> Result<Found> {
        let mut found = Found::default();
        for phrase in phrases {
            // A meaning has the score of one word, whatever its length.
            let share = share / phrase.len() as f32;
            let all = phrase.iter().map(|stem| match phrase.as_slice() {
                // In handles, such short words may mean anything.
                [short] if short.len() <= MAX_SHORT => self.terms.of_name(short, share, frequency),
                _ => self.terms.of_stem(stem, share, frequency),
            });
            let all = all.collect::<Result<_>>()?;
            found.join(all_of(all));
        }
        Ok(found)
    }

    /// Several words joined to one.
    fn joined(&self, words: &[String]) -> Result<Found> {
        let word = words.concat();
        let mut found = self.meant(self.short_forms.meanings(&phrase(&word)), REJOINED, 0)?;
        found.join(self.terms.of_word(&word, false)?);
        Ok(found)
    }

    /// One word split into two.
    fn split(&self, word: &str) -> Result<Found> {
        let letters: Vec<char> = word.chars().collect();
        let mut found = Found::default();
        if letters.len() < MIN_SPLIT {
            return Ok(found);
        }
        for index in MIN_PART..=letters.len() - MIN_PART {
            let parts = [&letters[..index], &letters[index..]].map(|part| part.iter().collect::<String>());
            let [first, second] = parts.map(|part| self.part(&part));
            let both = all_of(vec![first?, second?]);
            // Both parts must occur in one document.
            if self.terms.is_anywhere(&both)? {
                found.join(both);
            }
        }
        Ok(found)
    }

    /// A part of a split word, or its meanings as a short form.
    fn part(&self, word: &str) -> Result<Found> {
        let mut found = self.meant(self.short_forms.meanings(&phrase(word)), REJOINED, 0)?;
        found.join(self.terms.as_it_stands(word)?);
        Ok(found)
    }

    fn clause(&self, found: Found, words: &[String], is_last: bool) -> Option<Clause> {
        // A short incomplete word is a prefix of many others.
        let is_begun = is_last && words.concat().chars().count() < MIN_PLACE;
        let is_place = |stem: &String| self.short_forms.is_place(stem);
        let meanings = |stem: String| self.short_forms.meanings(&[stem]).iter().flatten();
        let is_kind = words.len() == 1 && stems(&words[0]).iter().all(|stem| self.short_forms.is_kind(stem));
        let names_place = words
            .iter()
            .flat_map(|word| stems(word))
            .any(|stem| is_place(&stem) || meanings(stem).any(is_place));
        (!found.is_empty()).then(|| Clause {
            query: best_of(found.any),
            words: Vec::new(),
            is_filler: false,
            is_common: false,
            is_place: names_place && !is_begun,
            is_kind,
            frequency: found.frequency,
            rarity: found.rarity.unwrap_or_default(),
        })
    }
}
