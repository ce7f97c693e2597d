//! Short forms and common names with what they stand for: packs bring them, queries are read by them in both directions.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entities::territory::Kind;

use super::{
    derivation::related,
    tokenizer::{FILLERS, base_stem, form, stems, words},
    transliteration::plain,
};
use crate::snapshot::Snapshot;

/// Most ways in which a meaning is written with short forms of its parts.
const MAX_VARIANTS: usize = 4;
/// Shortest mistyped short form, and letters from which on two errors are forgiven.
const MIN_MISTYPED: usize = 6;
const MIN_TWICE_MISTYPED: usize = 9;
/// Shortest beginning of a short form that stands for it while somebody types.
const MIN_BEGINNING: usize = 4;

/// A word with which so many meanings begin is a kind of body.
const MANY_MEANINGS: usize = 8;
/// What names of federal bodies begin with.
const FEDERAL: &str = "федеральный";
/// Most territories that have a word in their names by which they are told apart.
const MAX_ALIKE: usize = 2;

/// Stems of consecutive words.
pub(super) type Phrase = Vec<String>;

/// Short forms, ready to be found in queries.
#[derive(Default)]
pub(super) struct ShortForms {
    /// What a phrase stands for, or is a short form or another form of.
    meanings: HashMap<Phrase, Vec<Phrase>>,
    /// What short forms of one word stand for, by the word as it is written.
    by_form: BTreeMap<String, Vec<Phrase>>,
    /// Words of short forms and meanings, by what is left of them in Latin letters.
    vocabulary: BTreeMap<String, String>,
    /// Names of countries, and their short forms: they tell no bodies of one country apart.
    countries: Vec<Phrase>,
    /// How many meanings begin with a stem.
    kinds: HashMap<String, usize>,
    /// Stems of words that say nothing.
    fillers: HashSet<String>,
    /// Stems of words by which territories are told apart, and of their adjectives.
    places: HashSet<String>,
    /// Most words of a phrase.
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

    /// Leaves out short forms that lose their end as words do, and are then others: районо is no район.
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

    /// Takes in what a short form stands for.
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
        // «ОО» is left as a preposition.
        if short.iter().all(|stem| self.fillers.contains(stem)) {
            return;
        }
        // «Антимонопольная служба»: most people leave out that it is a federal one.
        if let [first, rest @ ..] = meaning.as_slice()
            && rest.len() > 1
            && stems(FEDERAL).contains(first)
        {
            self.meanings.entry(rest.to_vec()).or_default().push(short.clone());
        }
        self.meanings.entry(meaning.clone()).or_default().push(short.clone());
        self.meanings.entry(short).or_default().push(meaning);
    }

    /// Takes in the words that few territories have in their names: not `область`.
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

    /// Whether a stem tells a territory from others.
    pub(super) fn is_place(&self, stem: &str) -> bool {
        self.places.contains(stem)
    }

    /// Adds to each meaning those with short forms of its parts: an «управление министерства внутренних дел» is an
    /// «управление МВД».
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

    /// The short form, or the word of a meaning, that a word is mistyped for, if there is one that is nearest.
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
            // Forms of one word are no two words.
            [(first, stem, _), (second, other, _), ..] if first == second && stem != other => None,
            [(.., known), ..] => Some(known),
            [] => None,
        }
    }

    /// Whether a stem says of what kind a body is: many meanings begin with it.
    pub(super) fn is_kind(&self, stem: &str) -> bool {
        self.kinds.get(stem).is_some_and(|times| *times >= MANY_MEANINGS)
    }

    /// Whether a word is one of a meaning.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.vocabulary.contains_key(&form(word))
    }

    /// Whether a word is a short form as it is written.
    pub(super) fn is_short_form(&self, word: &str) -> bool {
        self.by_form.contains_key(&form(word))
    }

    /// Stems that all meanings of a short form have.
    pub(super) fn meant_by(&self, word: &str) -> impl Iterator<Item = &String> {
        let meanings = self.by_form.get(&form(word)).map(Vec::as_slice).unwrap_or_default();
        let (first, others) = meanings.split_first().unzip();
        let others: &[Phrase] = others.unwrap_or_default();
        first.into_iter().flatten().filter(move |stem| others.iter().all(|other| other.contains(stem)))
    }

    /// Most words of a phrase.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// What a phrase may mean beside its own words.
    pub(super) fn meanings(&self, phrase: &[String]) -> &[Phrase] {
        self.meanings.get(phrase).map(Vec::as_slice).unwrap_or_default()
    }

    /// What short forms stand for that begin so.
    pub(super) fn begun(&self, word: &str) -> Vec<&Phrase> {
        let beginning = form(word);
        if beginning.chars().count() < MIN_BEGINNING {
            return Vec::new();
        }
        let from = self.by_form.range(beginning.clone()..);
        from.take_while(|(form, _)| form.starts_with(&beginning)).flat_map(|(_, phrases)| phrases).collect()
    }

    /// What short forms stand for that begin so, but for one typing error.
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

    /// A phrase without names of countries and words that say nothing.
    pub(super) fn telling(&self, phrase: &[String]) -> Phrase {
        let mut rest = phrase.to_vec();
        for country in self.countries.iter().filter(|country| !country.is_empty()) {
            while rest.len() > country.len()
                && let Some(place) =
                    rest.windows(country.len()).position(|window| window == country.as_slice())
            {
                rest.drain(place..place + country.len());
            }
        }
        let telling: Phrase = rest.iter().filter(|stem| !self.fillers.contains(*stem)).cloned().collect();
        if telling.is_empty() { rest } else { telling }
    }

    /// Short forms of what a name begins with: «министерство здравоохранения …» is a «минздрав».
    pub(super) fn beginning_names(&self, name: &[String]) -> Vec<&Phrase> {
        let lengths = 2..=self.longest.min(name.len());
        lengths.flat_map(|length| self.meanings(&name[..length])).filter(|short| short.len() < 3).collect()
    }
}

/// The first stem of each word of a text.
pub(super) fn phrase(text: &str) -> Phrase {
    words(text).iter().map(|word| stems(word).swap_remove(0)).collect()
}

/// The same, and where words in Latin letters may be Russian ones, with the stems of those as well.
pub(super) fn phrases(text: &str) -> Vec<Phrase> {
    let words = words(text);
    let russian = words.iter().filter_map(|word| stems(word).pop()).collect();
    let mut phrases = vec![phrase(text)];
    if phrases[0] != russian {
        phrases.push(russian);
    }
    phrases
}
