//! Words by which people call a platform.

use std::collections::HashSet;

/// Shortest name that longer words begin with, in letters.
const MIN_BEGINNING: usize = 5;

/// Names of a platform, in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels(HashSet<String>);

impl Labels {
    /// The words of hosts that name their sites: `vk` of `m.vk.com`.
    pub(super) fn of_hosts(hosts: &[String]) -> Self {
        let site = |host: &String| host.rsplit('.').nth(1).filter(|label| *label != "*").map(str::to_owned);
        Self(hosts.iter().filter_map(site).collect())
    }

    /// With other names.
    pub(super) fn with<'a>(mut self, names: impl Iterator<Item = &'a str>) -> Self {
        self.0.extend(names.map(str::to_lowercase));
        self
    }

    /// Whether a word in lower case is one of the names, or a longer word that begins with one: «телеграме».
    pub(super) fn has(&self, word: &str) -> bool {
        let begins =
            |label: &String| label.chars().count() >= MIN_BEGINNING && word.starts_with(label.as_str());
        self.0.contains(word) || self.0.iter().any(begins)
    }
}
