//! Handles that a hurried reader would take for another: the look-alikes of an address.

use super::{PageView, View};
use crate::snapshot::skeletons;

/// Longer handles are compared by their skeletons alone.
const MAX_EDITED: usize = 40;
const MIN_EDITED: usize = 4;

impl View {
    /// Registered pages on the platform whose handle looks like this one, the most alike first.
    pub fn lookalikes(&self, platform_id: i64, handle: &str, limit: usize) -> Vec<PageView<'_>> {
        if self.past.is_some() {
            // Nobody hurries past an address of the past.
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

/// All words one edit away: a letter dropped, swapped with its neighbour, replaced or added.
fn edits(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if !(MIN_EDITED..=MAX_EDITED).contains(&letters.len()) {
        return Vec::new();
    }
    let mut edits = Vec::with_capacity(letters.len() * 75);
    for place in 0..=letters.len() {
        let (before, after) = letters.split_at(place);
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

/// Letters and digits that a skeleton may hold.
const ALPHABET: &str = "abcdefghjklmnopqrstuvwxyz246789";
