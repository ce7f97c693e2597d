//! Short forms and their expansions, from packs; applied to queries in both directions.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entities::territory::Kind;

use super::{
    derivation::related,
    tokenizer::{FILLERS, base_stem, form, stems, words},
    transliteration::plain,
};
use crate::snapshot::Snapshot;

/// Most variants of a meaning with short forms for its parts.
const MAX_VARIANTS: usize = 4;
/// Shortest word that is corrected, and shortest in which two errors are corrected, in letters.
const MIN_MISTYPED: usize = 6;
const MIN_TWICE_MISTYPED: usize = 9;
/// Shortest prefix of a short form that is completed, in letters.
const MIN_BEGINNING: usize = 4;

/// A word with which at least so many meanings begin is a kind of organization.
const MANY_MEANINGS: usize = 8;
/// First word of the names of federal bodies.
const FEDERAL: &str = "федеральный";
/// A word in the names of at most so many territories identifies a place.
const MAX_ALIKE: usize = 2;

/// Stems of consecutive words.
pub(super) type Phrase = Vec<String>;

/// Lookup tables of short forms.
#[derive(Default)]
pub(super) struct ShortForms {
    /// Expansions, short forms and variants by phrase.
    meanings: HashMap<Phrase, Vec<Phrase>>,
    /// Expansions of one-word short forms, by unstemmed word.
    by_form: BTreeMap<String, Vec<Phrase>>,
    /// Words of short forms and expansions, by their normalised Latin form.
    vocabulary: BTreeMap<String, String>,
    /// Names of countries and their short forms: they do not distinguish organizations of one country.
    countries: Vec<Phrase>,
    /// Number of meanings that begin with a stem.
    kinds: HashMap<String, usize>,
    /// Stems of filler words.
    fillers: HashSet<String>,
    /// Stems of words that identify territories, and of their adjectives.
    places: HashSet<String>,
    /// Number of words of the longest phrase.
    longest: usize,
}

impl ShortForms {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let fillers = FILLERS.iter().flat_map(|filler| stems(filler)).collect();
        let mut known = Self { fillers, ..Self::default() };
        known.name_places(snapshot);
        let countries = snapshot.territories().values().filter(|it| it.kind == Kind::Country);
        for name in countries.flat_map(|country| country.names.values().chain([&country.name])) {
            known.countries.push(phrase(name));
        }
        for abbreviation in snapshot.abbreviations().values() {
            abbreviation.expansions.iter().for_each(|expansion| known.add(&abbreviation.code, expansion));
        }
        known.forget_ordinary(snapshot);
        known.write_in_short();
        known
    }

    /// Removes short forms whose stem equals that of an ordinary word: районо is not район.
    fn forget_ordinary(&mut self, snapshot: &Snapshot) {
        let codes = snapshot.abbreviations().values().map(|it| words(&it.code));
        let single: HashSet<String> =
            codes.filter_map(|words| <[String; 1]>::try_from(words).ok()).map(|[word]| word).collect();
        let expansions = snapshot.abbreviations().values().flat_map(|it| it.expansions.iter());
        let spelt = expansions.flat_map(|it| words(it)).filter(|word| !single.contains(word));
        let ordinary: HashSet<String> = spelt.flat_map(|word| stems(&word)).collect();
        let stem = |word: &String| Some(stems(word).swap_remove(0)).filter(|stem| *stem != form(word));
        let cut: HashSet<String> = single.iter().filter_map(stem).collect();
        for meanings in self.meanings.values_mut() {
            meanings.retain(|it| it.len() > 1 || !cut.contains(&it[0]) || !ordinary.contains(&it[0]));
        }
    }

    /// Adds an expansion of a short form.
    fn add(&mut self, code: &str, expansion: &str) {
        let (short, meaning) = (phrase(code), phrase(expansion));
        if meaning.is_empty() || short.is_empty() || meaning == short {
            return;
        }
        let written = words(expansion).into_iter().filter(|word| word.chars().count() >= MIN_MISTYPED);
        self.vocabulary.extend(written.map(|word| (form(&word), word)));
        if let [word] = words(code).as_slice() {
            self.vocabulary.insert(form(word), word.clone());
            self.by_form.entry(form(word)).or_default().push(meaning.clone());
        }
        if self.countries.contains(&meaning) {
            self.countries.push(short.clone());
        }
        self.longest = self.longest.max(short.len()).max(meaning.len());
        if meaning.len() > 1 {
            *self.kinds.entry(meaning[0].clone()).or_default() += 1;
        }
        // A short form whose stem is a filler is skipped: «ОО».
        if short.iter().all(|stem| self.fillers.contains(stem)) {
            return;
        }
        // Also without “federal”, which is often omitted: «Антимонопольная служба».
        if let [first, rest @ ..] = meaning.as_slice()
            && rest.len() > 1
            && stems(FEDERAL).contains(first)
        {
            self.meanings.entry(rest.to_vec()).or_default().push(short.clone());
        }
        self.meanings.entry(meaning.clone()).or_default().push(short.clone());
        self.meanings.entry(short).or_default().push(meaning);
    }

    /// Adds words that few territories have in their names, so not `область`.
    fn name_places(&mut self, snapshot: &Snapshot) {
        let mut times: HashMap<String, usize> = HashMap::new();
        for territory in snapshot.territories().values().filter(|it| it.kind != Kind::Country) {
            let names = territory.names.values().chain([&territory.name]).flat_map(|name| words(name));
            let stems: BTreeSet<String> = names.filter_map(|word| base_stem(&word)).collect();
            stems.into_iter().for_each(|stem| *times.entry(stem).or_default() += 1);
        }
        for (stem, _) in times.into_iter().filter(|(_, times)| *times <= MAX_ALIKE) {
            self.places.extend(related(&stem).concat().iter().chain([&stem]).map(|stem| plain(stem)));
        }
    }

    /// Whether a stem identifies a territory.
    pub(super) fn is_place(&self, stem: &str) -> bool {
        self.places.contains(stem)
    }

    /// Adds variants of each meaning with short forms for its parts: «управление МВД» for «управление министерства
    /// внутренних дел».
    fn write_in_short(&mut self) {
        let variants = |meaning: &Phrase| -> Vec<Phrase> {
            let spans =
                (0..meaning.len()).flat_map(|from| (from + 2..=meaning.len()).map(move |to| from..to));
            let parts = spans.filter(|span| span.len() < meaning.len());
            let shortened = parts.flat_map(|span| {
                let shorter = self.meanings(&meaning[span.clone()]).iter().filter(|short| short.len() == 1);
                let written =
                    shorter.map(|short| [&meaning[..span.start], short, &meaning[span.end..]].concat());
                written.collect::<Vec<_>>()
            });
            shortened.take(MAX_VARIANTS).collect()
        };
        let more: Vec<(Phrase, Vec<Phrase>)> = self
            .meanings
            .iter()
            .map(|(phrase, meanings)| {
                (phrase.clone(), meanings.iter().flat_map(variants).collect::<Vec<_>>())
            })
            .filter(|(_, variants)| !variants.is_empty())
            .collect();
        for (phrase, variants) in more {
            self.meanings.entry(phrase).or_default().extend(variants);
        }
    }

    /// Correction of a word to a word of a short form or expansion; `None` if there is no unique nearest one.
    pub(super) fn corrected(&self, word: &str) -> Option<&str> {
        let typed = form(word);
        let letters = typed.chars().count();
        if letters < MIN_MISTYPED {
            return None;
        }
        let most = if letters >= MIN_TWICE_MISTYPED { 2 } else { 1 };
        if self.vocabulary.contains_key(&typed) {
            return None;
        }
        let alike = self.vocabulary.iter().filter(|(known, _)| known.chars().next() == typed.chars().next());
        let near = alike
            .map(|(known, word)| (strsim::osa_distance(known, &typed), stems(word).swap_remove(0), word));
        let mut near: Vec<_> = near.filter(|(errors, ..)| (1..=most).contains(errors)).collect();
        near.sort_unstable();
        match near.as_slice() {
            // Different forms of one word are not ambiguous.
            [(first, stem, _), (second, other, _), ..] if first == second && stem != other => None,
            [(.., known), ..] => Some(known),
            [] => None,
        }
    }

    /// Whether a stem names a kind of organization: many meanings begin with it.
    pub(super) fn is_kind(&self, stem: &str) -> bool {
        self.kinds.get(stem).is_some_and(|times| *times >= MANY_MEANINGS)
    }

    /// Whether a word is a one-word short form or, if long enough, occurs in an expansion.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.vocabulary.contains_key(&form(word))
    }

    /// Whether a word is a short form, unstemmed.
    pub(super) fn is_short_form(&self, word: &str) -> bool {
        self.by_form.contains_key(&form(word))
    }

    /// Stems common to all expansions of a short form.
    pub(super) fn meant_by(&self, word: &str) -> impl Iterator<Item = &String> {
        let meanings = self.by_form.get(&form(word)).map(Vec::as_slice).unwrap_or_default();
        let (first, others) = meanings.split_first().unzip();
        let others: &[Phrase] = others.unwrap_or_default();
        first.into_iter().flatten().filter(move |stem| others.iter().all(|other| other.contains(stem)))
    }

    /// Number of words of the longest phrase.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Other phrases with the meaning of a phrase.
    pub(super) fn meanings(&self, phrase: &[String]) -> &[Phrase] {
        self.meanings.get(phrase).map(Vec::as_slice).unwrap_or_default()
    }

    /// Expansions of short forms with this prefix.
    pub(super) fn begun(&self, word: &str) -> Vec<&Phrase> {
        let beginning = form(word);
        if beginning.chars().count() < MIN_BEGINNING {
            return Vec::new();
        }
        let from = self.by_form.range(beginning.clone()..);
        from.take_while(|(form, _)| form.starts_with(&beginning)).flat_map(|(_, phrases)| phrases).collect()
    }

    /// Expansions of short forms with this prefix, with one typing error.
    pub(super) fn begun_mistyped(&self, word: &str) -> Vec<&Phrase> {
        let typed = form(word);
        let letters = typed.chars().count();
        let is_near = |known: &String| {
            let beginning: String = known.chars().take(letters).collect();
            known.chars().next() == typed.chars().next() && strsim::osa_distance(&beginning, &typed) == 1
        };
        let known = self.by_form.iter().filter(|(known, _)| letters >= MIN_MISTYPED && is_near(known));
        known.flat_map(|(_, phrases)| phrases).collect()
    }

    /// Whether the phrase is the name of a country.
    pub(super) fn is_country(&self, phrase: &[String]) -> bool {
        self.countries.iter().any(|country| country == phrase)
    }

    /// A phrase without names of countries and fillers, unless nothing else is left.
    pub(super) fn significant(&self, phrase: &[String]) -> Phrase {
        let mut rest = phrase.to_vec();
        for country in self.countries.iter().filter(|country| !country.is_empty()) {
            while rest.len() > country.len()
                && let Some(index) =
                    rest.windows(country.len()).position(|window| window == country.as_slice())
            {
                rest.drain(index..index + country.len());
            }
        }
        let significant: Phrase = rest.iter().filter(|stem| !self.fillers.contains(*stem)).cloned().collect();
        if significant.is_empty() { rest } else { significant }
    }

    /// Short forms of the beginning of a name: «минздрав» for «министерство здравоохранения …».
    pub(super) fn beginning_names(&self, name: &[String]) -> Vec<&Phrase> {
        let lengths = 2..=self.longest.min(name.len());
        lengths.flat_map(|length| self.meanings(&name[..length])).filter(|short| short.len() < 3).collect()
    }
}

/// The first stem of each word of a text.
pub(super) fn phrase(text: &str) -> Phrase {
    words(text).iter().map(|word| stems(word).swap_remove(0)).collect()
}

/// The same, and for words in Latin letters also with their stems as transliterated Russian.
pub(super) fn phrases(text: &str) -> Vec<Phrase> {
    let words = words(text);
    let russian = words.iter().filter_map(|word| stems(word).pop()).collect();
    let mut phrases = vec![phrase(text)];
    if phrases[0] != russian {
        phrases.push(russian);
    }
    phrases
}
