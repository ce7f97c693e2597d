//! Handles that a hurried reader would take for another: the look-alikes of an address.

use super::{PageView, View};

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

/// Skeletons of a handle, the whole one first; then that of the name in it alone, which may stand on another host of a
/// federated platform (`@name@host`) or in another form of address (`c/name`).
pub fn skeletons(handle: &str) -> Vec<String> {
    let name = handle.trim_start_matches('@').split('@').next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    let mut skeletons = vec![skeleton(handle), skeleton(name)];
    skeletons.dedup();
    skeletons
}

/// What is left of a handle when look-alike letters are the same and separators are gone.
fn skeleton(handle: &str) -> String {
    let is_separator = |c: &char| matches!(c, '_' | '-' | '.' | '@' | '‐' | '‑' | '–' | '—' | '·');
    let plain: String = handle.chars().filter(|c| !is_separator(c)).map(look).collect();
    plain.replace("rn", "m").replace("vv", "w")
}

/// The Latin letter that a letter or digit passes for (Unicode Technical Standard 39, confusables: Cyrillic and Greek
/// letters that have the shape of a Latin one, or are taken for it in a hurry).
fn look(c: char) -> char {
    match c {
        '0' | 'о' | 'ο' => 'o',
        '1' | 'i' | '|' | 'і' | 'ї' | 'ı' | 'ӏ' | 'ι' => 'l',
        '5' | 'ѕ' => 's',
        '3' | 'е' | 'ё' | 'з' | 'э' | 'є' | 'ε' => 'e',
        'а' | 'α' => 'a',
        'р' | 'ρ' => 'p',
        'с' | 'ϲ' => 'c',
        'у' | 'ү' | 'γ' => 'y',
        'х' | 'χ' => 'x',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'т' | 'τ' => 't',
        'в' | 'ь' | 'β' => 'b',
        'н' | 'һ' => 'h',
        'ј' => 'j',
        'ԁ' => 'd',
        'ԛ' => 'q',
        'ԝ' | 'ω' | 'ш' => 'w',
        'ѵ' | 'ν' => 'v',
        'п' | 'η' => 'n',
        'и' | 'υ' => 'u',
        'г' => 'r',
        other => other,
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
