//! Checks of what a platform declares about handles: reserved words, app schemes, lengths and patterns.

use std::collections::HashSet;

use regex::Regex;
use regex_syntax::hir::Look;

use super::{
    Checked, Findings,
    addresses::{ends, is_anchored, look},
    samples::samples,
    schemes::lengths,
};
use crate::{
    address::{AddressError, CompiledPlatform, PlatformRules},
    pack::file::PlatformEntry,
};

/// Schemes that never belong to an app.
const NO_APPS: [&str; 9] = ["http", "https", "javascript", "data", "file", "blob", "mailto", "tel", "about"];

pub(super) fn check(checked: &Checked<'_>, platform: &PlatformEntry, entry: &str, findings: &mut Findings) {
    let rules = &platform.address;
    let Ok(compiled) = CompiledPlatform::new(0, rules) else { return };
    reserved_words(rules, &compiled, entry, findings);
    twice("host", &rules.hosts, entry, findings);
    twice("reserved word", &rules.reserved, entry, findings);
    app_schemes(checked, platform, entry, findings);
    handle_lengths(rules, entry, findings);
    reserved_pattern(rules, &compiled, entry, findings);
    handle_pattern(rules, &compiled, entry, findings);
}

fn reserved_words(rules: &PlatformRules, compiled: &CompiledPlatform, entry: &str, findings: &mut Findings) {
    for word in rules.reserved.iter().filter(|word| compiled.fold(word) != **word) {
        let folded = compiled.fold(word);
        findings.problem(entry, format!("the reserved word `{word}` never matches: write it as `{folded}`"));
    }
    for word in rules.reserved.iter().filter(|word| word.contains('/')) {
        findings.problem(
            entry,
            format!("the reserved word `{word}` has a slash: only the first path segment is compared"),
        );
    }
    let is_word = |word: &&String| {
        word.is_empty() || word.contains(|c: char| c.is_whitespace() || c == '*' || c == '?')
    };
    if let Some(word) = rules.reserved.iter().find(is_word) {
        findings.problem(
            entry,
            format!(
                "the reserved word `{word}` never matches: it must be a word without wildcards and blanks"
            ),
        );
    }
}

fn twice(what: &str, words: &[String], entry: &str, findings: &mut Findings) {
    let mut seen = HashSet::new();
    for word in words.iter().filter(|word| !seen.insert(*word)) {
        findings.problem(entry, format!("the {what} `{word}` is listed twice"));
    }
}

fn app_schemes(checked: &Checked<'_>, platform: &PlatformEntry, entry: &str, findings: &mut Findings) {
    let schemes = &platform.address.app_schemes;
    for other in checked.all().flat_map(|pack| &pack.platforms).filter(|it| it.code != platform.code) {
        let shared = schemes.iter().find(|scheme| other.address.app_schemes.contains(scheme));
        if let Some(scheme) = shared {
            findings.problem(entry, format!("the app scheme `{scheme}` belongs to `{}`", other.code));
        }
    }
    for scheme in schemes {
        let is_plain =
            scheme.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c));
        let begins = scheme.starts_with(|c: char| c.is_ascii_lowercase());
        if !is_plain || !begins || NO_APPS.contains(&scheme.as_str()) {
            findings.problem(
                entry,
                format!("`{scheme}` is not an app scheme: write it without `://`, such as `vk`"),
            );
        }
    }
}

fn handle_lengths(rules: &PlatformRules, entry: &str, findings: &mut Findings) {
    let Some((fewest, most)) = rules.handle.length else { return };
    if most == 0 {
        findings.problem(entry, "`handle.length` allows no handle");
    }
    if fewest > most {
        findings.problem(entry, "`handle.length` has a minimum above its maximum");
    }
    if lengths(&rules.handle.pattern).is_some_and(|(shortest, longest)| longest < fewest || shortest > most) {
        findings.problem(entry, "no handle matches both `handle.length` and `handle.pattern`");
    }
}

/// Checks the pattern of reserved handles.
fn reserved_pattern(
    rules: &PlatformRules,
    compiled: &CompiledPlatform,
    entry: &str,
    findings: &mut Findings,
) {
    let Some(reserved) = rules.handle.reserved.as_deref() else { return };
    if !look(reserved, Look::Start) && !ends(reserved) {
        findings.problem(entry, "`handle.reserved` has neither `^` nor `$`: it matches any part of a handle");
    }
    let of_reserved = samples(reserved, None);
    let is_met = |word: &String| Regex::new(reserved).is_ok_and(|it| it.is_match(&compiled.fold(word)));
    if let Some(word) = of_reserved.first().filter(|_| !of_reserved.iter().any(is_met)) {
        let folded = compiled.fold(word);
        let text = format!("`handle.reserved` matches `{word}`, but handles are folded to `{folded}`");
        findings.problem(entry, text);
    }
}

fn handle_pattern(rules: &PlatformRules, compiled: &CompiledPlatform, entry: &str, findings: &mut Findings) {
    if !is_anchored(&rules.handle.pattern) {
        findings.problem(
            entry,
            "`handle.pattern` must begin with `^` and end with `$`: otherwise it matches parts of a handle",
        );
    }
    // A folded handle must still match.
    let lost = samples(&rules.handle.pattern, None).into_iter().find(|handle| {
        let folded = compiled.fold(handle);
        folded != *handle && compiled.handle(&folded) == Err(AddressError::InvalidHandle)
    });
    if let Some(handle) = lost {
        let folded = compiled.fold(&handle);
        let text = format!("`handle.pattern` matches `{handle}`, but handles are folded to `{folded}`");
        findings.problem(entry, text);
    }
}
