//! Checks of address rules: handles, templates and matchers.

use std::collections::HashSet;

use regex::Regex;
use regex_syntax::hir::Look;

use super::{Checked, Findings, inputs, samples::samples, schemes::lengths};
use crate::{
    address::{AddressError, CompiledPlatform, Matcher, Part, PlatformRules},
    pack::file::PlatformEntry,
};

/// Schemes that never belong to an app.
const NO_APPS: [&str; 9] = ["http", "https", "javascript", "data", "file", "blob", "mailto", "tel", "about"];

pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    for platform in &checked.file.platforms {
        let entry = format!("platform `{}`", platform.code);
        handles(checked, platform, &entry, findings);
        templates(&platform.address, &entry, findings);
        for (index, matcher) in platform.address.matchers.iter().enumerate() {
            let place = format!("{entry}, matcher {}", index + 1);
            let earlier = &platform.address.matchers[..index];
            reach(matcher, earlier, &platform.address, &place, findings);
            keys(matcher, &platform.address, &place, findings);
            bounds(matcher, &place, findings);
            inputs::check(matcher, &place, findings);
        }
    }
}

fn handles(checked: &Checked<'_>, platform: &PlatformEntry, entry: &str, findings: &mut Findings) {
    let rules = &platform.address;
    let Ok(compiled) = CompiledPlatform::new(0, rules) else { return };
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
    if rules.handle.reserved.as_deref().is_some_and(|it| !look(it, Look::Start) && !ends(it)) {
        findings.problem(entry, "`handle.reserved` has neither `^` nor `$`: it matches any part of a handle");
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
    twice("host", rules.hosts.iter(), entry, findings);
    twice("reserved word", rules.reserved.iter(), entry, findings);
    for other in checked.all().flat_map(|pack| &pack.platforms).filter(|it| it.code != platform.code) {
        let shared = rules.app_schemes.iter().find(|scheme| other.address.app_schemes.contains(scheme));
        if let Some(scheme) = shared {
            findings.problem(entry, format!("the app scheme `{scheme}` belongs to `{}`", other.code));
        }
    }
    for scheme in &rules.app_schemes {
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
    if rules.handle.length.is_some_and(|(_, most)| most == 0) {
        findings.problem(entry, "`handle.length` allows no handle");
    }
    if rules.handle.length.is_some_and(|(fewest, most)| fewest > most) {
        findings.problem(entry, "`handle.length` has a minimum above its maximum");
    }
    if let (Some((fewest, most)), Some((shortest, longest))) =
        (rules.handle.length, lengths(&rules.handle.pattern))
        && (longest < fewest || shortest > most)
    {
        let text = "no handle matches both `handle.length` and `handle.pattern`";
        findings.problem(entry, text);
    }
    let reserved = rules.handle.reserved.as_deref().unwrap_or_default();
    let of_reserved = samples(reserved, None);
    let is_met = |word: &String| Regex::new(reserved).is_ok_and(|it| it.is_match(&compiled.fold(word)));
    if let Some(word) = of_reserved.first().filter(|_| !of_reserved.iter().any(is_met)) {
        let text = format!(
            "`handle.reserved` matches `{word}`, but handles are folded to `{}`",
            compiled.fold(word)
        );
        findings.problem(entry, text);
    }
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
        let text = format!(
            "`handle.pattern` matches `{handle}`, but handles are folded to `{}`",
            compiled.fold(&handle)
        );
        findings.problem(entry, text);
    }
}

fn twice<'a>(what: &str, words: impl Iterator<Item = &'a String>, entry: &str, findings: &mut Findings) {
    let mut seen = HashSet::new();
    for word in words.filter(|word| !seen.insert(*word)) {
        findings.problem(entry, format!("the {what} `{word}` is listed twice"));
    }
}

/// Checks the placeholders of `id_url` and `handle_url`.
fn templates(rules: &PlatformRules, entry: &str, findings: &mut Findings) {
    let groups = |pattern: &str| -> Vec<String> {
        let compiled = Regex::new(pattern).ok();
        compiled.iter().flat_map(|it| it.capture_names().flatten()).map(str::to_owned).collect()
    };
    if rules.id_url.as_deref().is_some_and(|url| holes(url) != ["id"]) {
        findings.problem(entry, "`id_url` needs the placeholder `{id}` once and no others");
    }
    if let Some(url) = &rules.handle_url {
        let (holes, known) = (holes(url), groups(&rules.handle.pattern));
        let unknown =
            holes.iter().find(|hole| **hole != "handle" && !known.iter().any(|group| group == *hole));
        if holes.is_empty() {
            findings.problem(
                entry,
                "`handle_url` needs the placeholder `{handle}`, or groups of `handle.pattern`",
            );
        } else if let Some(hole) = unknown {
            findings.problem(
                entry,
                format!("`handle_url` has `{{{hole}}}`, but `handle.pattern` has no such group"),
            );
        }
    }
    for url in [&rules.id_url, &rules.handle_url].into_iter().flatten() {
        if !url.starts_with("https://") && !url.starts_with("http://") {
            findings.problem(entry, format!("`{url}` does not begin with `https://`"));
        }
    }
    let gives =
        |key: &str| rules.matchers.iter().any(|matcher| groups(&matcher.pattern).iter().any(|it| it == key));
    let gives_handle = gives("handle") || rules.matchers.iter().any(|matcher| matcher.form.is_some());
    if gives("id") && rules.id_url.is_none() || gives_handle && rules.handle_url.is_none() {
        findings.problem(entry, "a matcher captures a key for which there is no `id_url` or `handle_url`");
    }
}

/// Finds matchers that are never tried or never match.
fn reach(
    matcher: &Matcher,
    earlier: &[Matcher],
    rules: &PlatformRules,
    place: &str,
    findings: &mut Findings,
) {
    if matcher.needs_path() && matcher.path.is_none() && !matcher.overlay {
        findings.problem(
            place,
            "`path` is missing: a parameter or fragment identifies a page only on given paths",
        );
    }
    match (matcher.on == Part::Query, &matcher.parameter) {
        (true, None) => findings.problem(place, "`on = \"query\"` needs `parameter`"),
        (false, Some(_)) => findings.problem(place, "`parameter` requires `on = \"query\"`"),
        _ => {}
    }
    for host in &matcher.hosts {
        let by_star = host.split_once('.').map(|(_, rest)| format!("*.{rest}"));
        let by_pattern = rules.host_pattern.as_deref().and_then(|it| Regex::new(&format!("^(?:{it})$")).ok());
        let is_own = rules.hosts.contains(host)
            || by_star.is_some_and(|star| rules.hosts.contains(&star))
            || by_pattern.is_some_and(|pattern| pattern.is_match(host));
        if !is_own || host.starts_with("*.") {
            findings.problem(place, format!("no address of the platform has the host `{host}`"));
        }
    }
    let asks_the_same = |other: &&Matcher| {
        (other.on, &other.parameter, &other.path, &other.pattern)
            == (matcher.on, &matcher.parameter, &matcher.path, &matcher.pattern)
            && (other.hosts.is_empty()
                || matcher.hosts.iter().all(|host| other.hosts.contains(host)) && !matcher.hosts.is_empty())
    };
    if earlier.iter().any(|other| asks_the_same(&other)) {
        findings.problem(place, "an earlier matcher has the same pattern: this one is never reached");
    }
    let after =
        matcher.pattern.trim_start_matches("(?i)").strip_prefix('^').and_then(|rest| rest.chars().next());
    if matcher.on == Part::Path && after.is_some_and(|first| first.is_alphanumeric() || first == '@') {
        findings.problem(place, "the pattern of a path must begin with a slash: `^/…`");
    }
    if matcher.on == Part::Path && matcher.pattern.ends_with("/$") && matcher.pattern != "^/$" {
        findings.problem(place, "paths have no trailing slash: the pattern never matches");
    }
}

/// Checks the groups and anchors of a matcher.
fn keys(matcher: &Matcher, rules: &PlatformRules, place: &str, findings: &mut Findings) {
    let Ok(pattern) = Regex::new(&matcher.pattern) else { return };
    let groups: Vec<&str> = pattern.capture_names().flatten().collect();
    for hole in matcher.form.iter().flat_map(|form| holes(form)) {
        if hole != "host" && !groups.contains(&hole) {
            findings.problem(place, format!("`form` has `{{{hole}}}`, but the pattern has no such group"));
        }
    }
    let unused = groups.iter().find(|group| {
        let is_in_form = matcher.form.iter().any(|form| holes(form).contains(group));
        !is_in_form && !["id", "handle", "host"].contains(group)
    });
    if let Some(group) = unused.filter(|_| matcher.refuse.is_none()) {
        findings.problem(place, format!("the group `{group}` is not used"));
    }
    let begins = look(&matcher.pattern, Look::Start);
    if !begins && (matcher.refuse.is_none() || matcher.on == Part::Path) && matcher.on != Part::Input {
        findings.problem(place, "the pattern does not begin with `^`: it matches inside other addresses");
    }
    if matcher.refuse.is_none() && !ends(&matcher.pattern) && matcher.on != Part::Input {
        findings.problem(
            place,
            "the pattern does not end with `$`: every longer address matches the same page; list the allowed endings",
        );
    }
    if matcher.refuse.is_none()
        && rules.handle.pattern == "^.+$"
        && groups.contains(&"handle")
        && matcher.form.is_none()
    {
        findings.note(place, "captures handles, but there is no `handle.pattern`: any text is a handle");
    }
}

/// Finds matchers that match too much.
fn bounds(matcher: &Matcher, place: &str, findings: &mut Findings) {
    let Ok(pattern) = Regex::new(&matcher.pattern) else { return };
    if matcher.on == Part::Host && matcher.path.is_none() && matcher.refuse.is_none() {
        findings.note(place, "every path on such a host leads to the page: give `path`, such as '^/$'");
    }
    for text in samples(&matcher.pattern, None) {
        let longer = format!("{text}/b");
        let id = pattern.captures(&longer).and_then(|it| Some(it.name("id")?.as_str().to_owned()));
        if let Some(id) = id.filter(|id| id.contains('/') && matcher.on == Part::Path) {
            findings
                .problem(place, format!("captures the id `{id}`: an id must not have a slash, use `[^/]+`"));
            break;
        }
        let is_word = text.starts_with('/') && text.ends_with(|c: char| c.is_ascii_alphabetic());
        let word = format!("{text}q");
        if matcher.refuse.is_some() && matcher.on == Part::Path && is_word && pattern.is_match(&word) {
            let text = format!(
                "refuses `{word}` as well as `{text}`: end it with `(?:/|$)`, if longer words are pages"
            );
            findings.note(place, text);
            break;
        }
    }
}

/// Placeholders of a template.
fn holes(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect()
}

fn is_anchored(pattern: &str) -> bool {
    look(pattern, Look::Start) && look(pattern, Look::End)
}

/// Whether every match ends at the end of the text.
pub(super) fn ends(pattern: &str) -> bool {
    look(pattern, Look::End)
}

/// Whether every match is anchored at the start or end of the text.
fn look(pattern: &str, side: Look) -> bool {
    let Ok(parsed) = regex_syntax::parse(pattern) else { return true };
    let properties = parsed.properties();
    if side == Look::Start {
        properties.look_set_prefix().contains(side)
    } else {
        properties.look_set_suffix().contains(side)
    }
}
