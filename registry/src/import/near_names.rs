//! New organizations whose names are nearly those of others: possible duplicates to review before an import.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use imbl::ordmap::DiffItem;

use super::identity::contradict;
use crate::{model::Organization, search::name_stems, snapshot::Snapshot};

/// Most pairs that are reported.
const MAX_PAIRS: usize = 1_000;
/// Largest group of names that is compared pairwise.
const MAX_ALIKE: usize = 200;
/// Length of the common prefix, in letters, of names that are compared for typing errors.
const BEGINNING: usize = 10;
/// One differing letter is allowed per so many letters, at most `MAX_ERRORS`.
const LETTERS_PER_ERROR: usize = 12;
const MAX_ERRORS: usize = 3;

/// Two organizations whose names are nearly the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NearName {
    /// Code and name of the new one.
    pub new: (String, String),
    /// Code and name of the other, which is existing or also new.
    pub other: (String, String),
    /// How the names are alike.
    pub reason: Reason,
}

/// How two names are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The same words in different forms, order or alphabet.
    Words,
    /// All letters but a few.
    Letters,
}

impl Reason {
    /// Text of the reason.
    pub fn words(self) -> &'static str {
        match self {
            Self::Words => "the same words",
            Self::Letters => "a few letters differ",
        }
    }
}

/// Pairs of a new organization and another one of the same territory, or where either has no territory.
pub(super) fn find(before: &Arc<Snapshot>, after: &Snapshot) -> Vec<NearName> {
    let is_new = |diff: DiffItem<'_, '_, i64, Arc<Organization>>| match diff {
        DiffItem::Add(id, _) => Some(*id),
        _ => None,
    };
    let new: HashSet<i64> = before.organizations().diff(after.organizations()).filter_map(is_new).collect();
    if new.is_empty() {
        return Vec::new();
    }
    let mut pairs = BTreeMap::new();
    let mut note = |left: &Organization, right: &Organization, reason| {
        if !new.contains(&left.id) && !new.contains(&right.id) {
            return;
        }
        let (new, other) = if new.contains(&left.id) { (left, right) } else { (right, left) };
        if are_near(new, other)
            && (new.name != other.name || !contradict(&new.identifiers, &other.identifiers))
        {
            pairs.entry((new.id, other.id)).or_insert_with(|| near(new, other, reason));
        }
    };
    for alike in
        groups(after, &new, |it| format!("{}\n{}", name_stems(&it.name).join(" "), numbers(&it.name)))
    {
        each_pair(&alike, |left, right| note(left, right, Reason::Words));
    }
    let beginning = |it: &Organization| letters(&it.name).chars().take(BEGINNING).collect::<String>();
    for alike in groups(after, &new, |it| format!("{}\n{}", beginning(it), numbers(&it.name))) {
        each_pair(&alike, |left, right| {
            let (one, two) = (letters(&left.name), letters(&right.name));
            let most = (one.chars().count() / LETTERS_PER_ERROR).clamp(1, MAX_ERRORS);
            if strsim::levenshtein(&one, &two) <= most {
                note(left, right, Reason::Letters);
            }
        });
    }
    pairs.into_values().take(MAX_PAIRS).collect()
}

/// Groups of organizations with the same key that include a new one; groups over `MAX_ALIKE` are split by territory.
fn groups<'a>(
    after: &'a Snapshot,
    new: &HashSet<i64>,
    key: impl Fn(&Organization) -> String,
) -> Vec<Vec<&'a Organization>> {
    let mut by_key: BTreeMap<String, Vec<&Organization>> = BTreeMap::new();
    for organization in after.organizations().values() {
        by_key.entry(key(organization)).or_default().push(organization);
    }
    let has_new = |group: &[&Organization]| group.len() > 1 && group.iter().any(|it| new.contains(&it.id));
    let mut groups = Vec::new();
    for mut group in by_key.into_values().filter(|group| has_new(group)) {
        if group.len() <= MAX_ALIKE {
            groups.push(group);
            continue;
        }
        group.sort_by_key(|it| it.territory_id);
        let of_territories = group.chunk_by(|left, right| left.territory_id == right.territory_id);
        let few = of_territories.filter(|alike| alike.len() <= MAX_ALIKE && has_new(alike));
        groups.extend(few.map(<[_]>::to_vec));
    }
    groups
}

/// Whether both may be in the same territory.
fn are_near(left: &Organization, right: &Organization) -> bool {
    left.territory_id == right.territory_id || left.territory_id.is_none() || right.territory_id.is_none()
}

fn each_pair(alike: &[&Organization], mut call: impl FnMut(&Organization, &Organization)) {
    for (index, left) in alike.iter().enumerate() {
        alike[index + 1..].iter().for_each(|right| call(left, right));
    }
}

fn letters(name: &str) -> String {
    name.to_lowercase().replace('ё', "е").chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Numbers in a name, including Roman numerals: “School 1” is not a typing error for “School 2”.
fn numbers(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_roman = |word: &str| word.chars().all(|c| matches!(c, 'I' | 'V' | 'X'));
    let digits = |word: &str| {
        let numbers = word.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
        numbers.map(|number| number.trim_start_matches('0').to_owned()).collect::<Vec<_>>()
    };
    let numbers = words.flat_map(|word| if is_roman(word) { vec![word.to_owned()] } else { digits(word) });
    numbers.collect::<Vec<_>>().join(" ")
}

fn near(new: &Organization, other: &Organization, reason: Reason) -> NearName {
    let label = |it: &Organization| (it.code.to_string(), it.name.to_string());
    NearName { new: label(new), other: label(other), reason }
}
