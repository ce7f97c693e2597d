//! Labels: names that people use for a platform.

use std::collections::HashSet;

use super::text;

/// Minimum length, in letters, of a name that longer words may begin with.
const MIN_BEGINNING: usize = 5;

/// Minimum length, in letters, of a stem with case endings.
const MIN_STEM: usize = 4;
/// Case endings of Russian nouns.
const ENDINGS: [&str; 17] =
    ["", "а", "я", "у", "ю", "е", "ы", "и", "ой", "ей", "ою", "ом", "ем", "ам", "ах", "ами", "ов"];

/// Names of a platform, in lower case; the words of a name are separated by one blank.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels(HashSet<String>);

impl Labels {
    /// Site names of hosts: `vk` of `m.vk.com`.
    pub(super) fn of_hosts(hosts: &[String]) -> Self {
        let site = |host: &String| host.rsplit('.').nth(1).filter(|label| *label != "*").map(str::to_owned);
        Self(hosts.iter().filter_map(site).collect())
    }

    /// Adds further names.
    pub(super) fn with<'a>(mut self, names: impl Iterator<Item = &'a str>) -> Self {
        self.0.extend(names.map(|name| text::words(name).join(" ")));
        self
    }

    /// Whether a sequence of words in lower case names the platform.
    pub(super) fn are_in(&self, words: &[String]) -> bool {
        let is_among = |label: &String| {
            let parts: Vec<&str> = label.split(' ').collect();
            parts.len() > 1 && words.windows(parts.len()).any(|window| window == parts.as_slice())
        };
        words.iter().any(|word| self.has(word)) || self.0.iter().any(is_among)
    }

    /// Whether a word in lower case is a name, begins with a long name («телеграме»), or is a short name in
    /// another grammatical case («инсте» of «инста»).
    fn has(&self, word: &str) -> bool {
        let begins =
            |label: &String| label.chars().count() >= MIN_BEGINNING && word.starts_with(label.as_str());
        let is_case = |label: &String| {
            let stem = label.trim_end_matches(['а', 'я', 'е', 'и', 'ы']);
            let is_long = !stem.is_ascii() && stem.chars().count() >= MIN_STEM;
            is_long && word.strip_prefix(stem).is_some_and(|ending| ENDINGS.contains(&ending))
        };
        self.0.contains(word) || self.0.iter().any(|label| begins(label) || is_case(label))
    }
}
