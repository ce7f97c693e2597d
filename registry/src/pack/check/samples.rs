//! Generates sample texts that a pattern matches, for testing rules.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Most samples per pattern.
const MAX_SAMPLES: usize = 24;
/// Longest repetition, in bytes.
const MAX_BYTES: usize = 256;
/// Numbers of repetitions to try for an open quantifier.
const REPEATED: [u32; 4] = [0, 1, 4, 11];

/// Samples that match the pattern, or a named group of it, covering alternatives and lengths.
pub(super) fn samples(pattern: &str, group: Option<&str>) -> Vec<String> {
    let Ok(hir) = regex_syntax::parse(pattern) else { return Vec::new() };
    let Some(hir) = group.map_or(Some(&hir), |group| group_of(&hir, group)) else { return Vec::new() };
    let mut found = texts(hir);
    // With anchors or word boundaries inside, a sample may not match.
    if group.is_none() {
        let compiled = regex::Regex::new(pattern);
        found.retain(|text| compiled.as_ref().is_ok_and(|it| it.is_match(text)));
    }
    found
}

fn group_of<'a>(hir: &'a Hir, name: &str) -> Option<&'a Hir> {
    match hir.kind() {
        HirKind::Capture(group) if group.name.as_deref() == Some(name) => Some(&group.sub),
        HirKind::Capture(group) => group_of(&group.sub, name),
        HirKind::Repetition(repetition) => group_of(&repetition.sub, name),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().find_map(|part| group_of(part, name))
        }
        _ => None,
    }
}

fn texts(hir: &Hir) -> Vec<String> {
    let mut found = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![String::new()],
        HirKind::Literal(literal) => vec![String::from_utf8_lossy(&literal.0).into_owned()],
        HirKind::Class(class) => characters(class),
        HirKind::Capture(group) => texts(&group.sub),
        HirKind::Alternation(parts) => parts.iter().flat_map(texts).collect(),
        HirKind::Concat(parts) => parts.iter().fold(vec![String::new()], |heads, part| {
            let tails = texts(part);
            // Each head and each tail is used at least once, not every combination.
            let pairs = (0..heads.len().max(tails.len())).filter(|_| !heads.is_empty() && !tails.is_empty());
            pairs.map(|at| format!("{}{}", heads[at % heads.len()], tails[at % tails.len()])).collect()
        }),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let tried = [repetition.min, repetition.max.unwrap_or(repetition.min)].into_iter();
            let tried = tried.chain(REPEATED).filter(|times| (repetition.min..=most).contains(times));
            let once = texts(&repetition.sub);
            let all = tried.flat_map(|times| once.iter().map(move |text| (text, times as usize)));
            // Nested repetitions would grow without bound.
            let short = all.filter(|(text, times)| text.len().saturating_mul(*times) <= MAX_BYTES);
            short.map(|(text, times)| text.repeat(times)).collect()
        }
    };
    let mut seen = std::collections::HashSet::new();
    found.retain(|text| seen.insert(text.clone()));
    found.truncate(MAX_SAMPLES);
    found
}

/// A letter and a digit of a class if it has them, or else its first character.
fn characters(class: &Class) -> Vec<String> {
    let has = |wanted: char| match class {
        Class::Unicode(class) => class.ranges().iter().any(|it| (it.start()..=it.end()).contains(&wanted)),
        Class::Bytes(class) => {
            class.ranges().iter().any(|it| (it.start()..=it.end()).contains(&(wanted as u8)))
        }
    };
    let first = || match class {
        Class::Unicode(class) => class.ranges().first().map(|it| it.start()),
        Class::Bytes(class) => class.ranges().first().map(|it| char::from(it.start())),
    };
    let mut usual: Vec<char> = [['b', 'a', 'B'].as_slice(), ['7', '1'].as_slice()]
        .iter()
        .filter_map(|of| of.iter().copied().find(|c| has(*c)))
        .collect();
    if usual.is_empty() {
        usual.extend(first());
    }
    usual.into_iter().map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_match_their_pattern_in_each_alternative_and_length() {
        for (pattern, expected) in [
            ("^/(?:group|club)/(?P<id>[0-9]+)$", "/club/7777"),
            ("^[a-z][a-z0-9_]{2,29}$", "bb7"),
            ("^(?:[0-9]{10}|[0-9]{12})$", "777777777777"),
            ("^[A-Z]{2}[0-9]{8}$", "BB77777777"),
        ] {
            let found = samples(pattern, None);
            let compiled = regex::Regex::new(pattern).expect("a pattern");
            assert!(!found.is_empty() && found.iter().all(|text| compiled.is_match(text)), "{found:?}");
            let lengths = |texts: &[String]| texts.iter().any(|text| text.len() == expected.len());
            assert!(lengths(&found), "{pattern}: {found:?}");
        }
        assert!(samples("^/(?P<id>[0-9]{3})$", Some("id")).contains(&"777".to_owned()));
        assert!(samples("(", None).is_empty());
    }
}
