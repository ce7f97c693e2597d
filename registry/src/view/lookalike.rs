//! Look-alikes of a handle: registered handles that a reader could confuse with it.

use super::{PageView, View};
use crate::snapshot::skeletons;

/// Longer handles are compared by their skeletons only.
const MAX_EDITED: usize = 40;
const MIN_EDITED: usize = 4;

impl View {
    /// Official pages on the platform with a confusable handle, the most similar first; at most `limit`.
    pub fn lookalikes(&self, platform_id: i64, handle: &str, limit: usize) -> Vec<PageView<'_>> {
        if self.as_of.is_some() {
            // Look-alikes are computed for the present only.
            return Vec::new();
        }
        let wanted = skeletons(handle);
        let mut found: Vec<PageView<'_>> = Vec::new();
        let candidates = wanted.clone().into_iter().chain(edits(&wanted[0]));
        for candidate in candidates {
            let alike = self
                .snapshot
                .pages_by_skeleton(platform_id, &candidate)
                .filter_map(|page| self.see_page(page));
            for page in alike.filter(|page| page.is_official() && page.handle.as_deref() != Some(handle)) {
                if found.iter().all(|known| known.id != page.id) {
                    found.push(page);
                }
            }
            if found.len() >= limit {
                break;
            }
        }
        found.truncate(limit);
        found
    }
}

/// All strings at an edit distance of one: deletion, transposition, substitution, insertion.
fn edits(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if !(MIN_EDITED..=MAX_EDITED).contains(&letters.len()) {
        return Vec::new();
    }
    let mut edits = Vec::with_capacity(letters.len() * 75);
    for index in 0..=letters.len() {
        let (before, after) = letters.split_at(index);
        let with =
            |middle: &[char], rest: &[char]| before.iter().chain(middle).chain(rest).collect::<String>();
        if let [first, rest @ ..] = after {
            edits.push(with(&[], rest));
            if let [second, rest @ ..] = rest {
                edits.push(with(&[*second, *first], rest));
            }
            edits.extend(ALPHABET.chars().map(|letter| with(&[letter], rest)));
        }
        edits.extend(ALPHABET.chars().map(|letter| with(&[letter], after)));
    }
    edits
}

/// Letters and digits that a skeleton may contain.
const ALPHABET: &str = "abcdefghjklmnopqrstuvwxyz246789";
