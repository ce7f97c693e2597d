//! Short forms and common names with what they stand for: packs bring them, queries are read by them in both directions.

use std::collections::{BTreeMap, HashMap};

use entities::territory::Kind;

use super::words::{form, stems, words};
use crate::snapshot::Snapshot;

/// Most ways in which a meaning is written with short forms of its parts.
const MAX_VARIANTS: usize = 4;
/// Shortest mistyped short form, and letters from which on two errors are forgiven.
const MIN_MISTYPED: usize = 6;
const MIN_TWICE_MISTYPED: usize = 9;
/// Shortest beginning of a short form that stands for it while somebody types.
const MIN_BEGINNING: usize = 4;

/// Stems of consecutive words.
pub(super) type Phrase = Vec<String>;

/// Short forms, ready to be found in queries.
#[derive(Default)]
pub(super) struct ShortForms {
    /// What a phrase stands for, or is a short form or another form of.
    meanings: HashMap<Phrase, Vec<Phrase>>,
    /// What short forms of one word stand for, by the word as it is written.
    by_form: BTreeMap<String, Vec<Phrase>>,
    /// Names of countries, and their short forms: they tell no bodies of one country apart.
    countries: Vec<Phrase>,
    /// Most words of a phrase.
    longest: usize,
}

impl ShortForms {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut known = Self::default();
        let countries = snapshot.territories().values().filter(|it| it.kind == Kind::Country);
        for name in countries.flat_map(|country| country.names.values().chain([&country.name])) {
            known.countries.push(phrase(name));
        }
        for abbreviation in snapshot.abbreviations().values() {
            let short = phrase(&abbreviation.code);
            for expansion in abbreviation.expansions.iter().map(|expansion| phrase(expansion)) {
                if expansion.is_empty() || short.is_empty() || expansion == short {
                    continue;
                }
                if known.countries.contains(&expansion) {
                    known.countries.push(short.clone());
                }
                if let [word] = words(&abbreviation.code).as_slice() {
                    known.by_form.entry(form(word)).or_default().push(expansion.clone());
                }
                known.longest = known.longest.max(short.len()).max(expansion.len());
                known.meanings.entry(expansion.clone()).or_default().push(short.clone());
                known.meanings.entry(short.clone()).or_default().push(expansion);
            }
        }
        known.write_in_short();
        known
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

    /// The short form that a word is mistyped for, if there is one that is nearest.
    pub(super) fn corrected(&self, word: &str) -> Option<&str> {
        let typed = form(word);
        let letters = typed.chars().count();
        if letters < MIN_MISTYPED {
            return None;
        }
        let most = if letters >= MIN_TWICE_MISTYPED { 2 } else { 1 };
        let alike = self.by_form.keys().filter(|known| known.chars().next() == typed.chars().next());
        let near = alike.map(|known| (strsim::osa_distance(known, &typed), known.as_str()));
        let mut near: Vec<(usize, &str)> = near.filter(|(errors, _)| (1..=most).contains(errors)).collect();
        near.sort_unstable();
        match near.as_slice() {
            [(first, _), (second, _), ..] if first == second => None,
            [(_, known), ..] => Some(known),
            [] => None,
        }
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

    /// Whether the phrase is the name of a country.
    pub(super) fn is_country(&self, phrase: &[String]) -> bool {
        self.countries.iter().any(|country| country == phrase)
    }

    /// A phrase without names of countries.
    pub(super) fn without_country(&self, phrase: &[String]) -> Phrase {
        let mut rest = phrase.to_vec();
        for country in self.countries.iter().filter(|country| !country.is_empty()) {
            while rest.len() > country.len()
                && let Some(place) =
                    rest.windows(country.len()).position(|window| window == country.as_slice())
            {
                rest.drain(place..place + country.len());
            }
        }
        rest
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
