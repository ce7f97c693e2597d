//! Checks of address rules: templates and matchers.

use regex::Regex;
use regex_syntax::hir::Look;

use super::{Checked, Findings, handles, inputs, samples::samples};
use crate::address::{Matcher, Part, PlatformRules};

pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    for platform in &checked.file.platforms {
        let entry = format!("platform `{}`", platform.code);
        handles::check(checked, platform, &entry, findings);
        templates(&platform.address, &entry, findings);
        for (index, matcher) in platform.address.matchers.iter().enumerate() {
            let location = format!("{entry}, matcher {}", index + 1);
            let earlier = &platform.address.matchers[..index];
            reach(matcher, earlier, &platform.address, &location, findings);
            keys(matcher, &platform.address, &location, findings);
            bounds(matcher, &location, findings);
            inputs::check(matcher, &location, findings);
        }
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
    location: &str,
    findings: &mut Findings,
) {
    if matcher.needs_path() && matcher.path.is_none() && !matcher.overlay {
        findings.problem(
            location,
            "`path` is missing: a parameter or fragment identifies a page only on given paths",
        );
    }
    match (matcher.on == Part::Query, &matcher.parameter) {
        (true, None) => findings.problem(location, "`on = \"query\"` needs `parameter`"),
        (false, Some(_)) => findings.problem(location, "`parameter` requires `on = \"query\"`"),
        _ => {}
    }
    hosts(matcher, rules, location, findings);
    let asks_the_same = |other: &&Matcher| {
        (other.on, &other.parameter, &other.path, &other.pattern)
            == (matcher.on, &matcher.parameter, &matcher.path, &matcher.pattern)
            && (other.hosts.is_empty()
                || matcher.hosts.iter().all(|host| other.hosts.contains(host)) && !matcher.hosts.is_empty())
    };
    if earlier.iter().any(|other| asks_the_same(&other)) {
        findings.problem(location, "an earlier matcher has the same pattern: this one is never reached");
    }
    slashes(matcher, location, findings);
}

/// Finds hosts of a matcher that no address of the platform has.
fn hosts(matcher: &Matcher, rules: &PlatformRules, location: &str, findings: &mut Findings) {
    for host in &matcher.hosts {
        let by_star = host.split_once('.').map(|(_, rest)| format!("*.{rest}"));
        let by_pattern = rules.host_pattern.as_deref().and_then(|it| Regex::new(&format!("^(?:{it})$")).ok());
        let is_own = rules.hosts.contains(host)
            || by_star.is_some_and(|star| rules.hosts.contains(&star))
            || by_pattern.is_some_and(|pattern| pattern.is_match(host));
        if !is_own || host.starts_with("*.") {
            findings.problem(location, format!("no address of the platform has the host `{host}`"));
        }
    }
}

/// Checks the slashes at the beginning and at the end of the pattern of a path.
fn slashes(matcher: &Matcher, location: &str, findings: &mut Findings) {
    let after =
        matcher.pattern.trim_start_matches("(?i)").strip_prefix('^').and_then(|rest| rest.chars().next());
    if matcher.on == Part::Path && after.is_some_and(|first| first.is_alphanumeric() || first == '@') {
        findings.problem(location, "the pattern of a path must begin with a slash: `^/…`");
    }
    if matcher.on == Part::Path && matcher.pattern.ends_with("/$") && matcher.pattern != "^/$" {
        findings.problem(location, "paths have no trailing slash: the pattern never matches");
    }
}

/// Checks the groups and anchors of a matcher.
fn keys(matcher: &Matcher, rules: &PlatformRules, location: &str, findings: &mut Findings) {
    let Ok(pattern) = Regex::new(&matcher.pattern) else { return };
    let groups: Vec<&str> = pattern.capture_names().flatten().collect();
    for hole in matcher.form.iter().flat_map(|form| holes(form)) {
        if hole != "host" && !groups.contains(&hole) {
            findings.problem(location, format!("`form` has `{{{hole}}}`, but the pattern has no such group"));
        }
    }
    let unused = groups.iter().find(|group| {
        let is_in_form = matcher.form.iter().any(|form| holes(form).contains(group));
        !is_in_form && !["id", "handle", "host"].contains(group)
    });
    if let Some(group) = unused.filter(|_| matcher.refuse.is_none()) {
        findings.problem(location, format!("the group `{group}` is not used"));
    }
    let begins = look(&matcher.pattern, Look::Start);
    if !begins && (matcher.refuse.is_none() || matcher.on == Part::Path) && matcher.on != Part::Input {
        findings.problem(location, "the pattern does not begin with `^`: it matches inside other addresses");
    }
    if matcher.refuse.is_none() && !ends(&matcher.pattern) && matcher.on != Part::Input {
        findings.problem(
            location,
            "the pattern does not end with `$`: every longer address matches the same page; list the allowed endings",
        );
    }
    if matcher.refuse.is_none()
        && rules.handle.pattern == "^.+$"
        && groups.contains(&"handle")
        && matcher.form.is_none()
    {
        findings.note(location, "captures handles, but there is no `handle.pattern`: any text is a handle");
    }
}

/// Finds matchers that match too much.
fn bounds(matcher: &Matcher, location: &str, findings: &mut Findings) {
    let Ok(pattern) = Regex::new(&matcher.pattern) else { return };
    if matcher.on == Part::Host && matcher.path.is_none() && matcher.refuse.is_none() {
        findings.note(location, "every path on such a host leads to the page: give `path`, such as '^/$'");
    }
    for text in samples(&matcher.pattern, None) {
        let longer = format!("{text}/b");
        let id = pattern.captures(&longer).and_then(|it| Some(it.name("id")?.as_str().to_owned()));
        if let Some(id) = id.filter(|id| id.contains('/') && matcher.on == Part::Path) {
            findings.problem(
                location,
                format!("captures the id `{id}`: an id must not have a slash, use `[^/]+`"),
            );
            break;
        }
        let is_word = text.starts_with('/') && text.ends_with(|c: char| c.is_ascii_alphabetic());
        let word = format!("{text}q");
        if matcher.refuse.is_some() && matcher.on == Part::Path && is_word && pattern.is_match(&word) {
            let text = format!(
                "refuses `{word}` as well as `{text}`: end it with `(?:/|$)`, if longer words are pages"
            );
            findings.note(location, text);
            break;
        }
    }
}

/// Placeholders of a template.
fn holes(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect()
}

pub(super) fn is_anchored(pattern: &str) -> bool {
    look(pattern, Look::Start) && look(pattern, Look::End)
}

/// Whether every match ends at the end of the text.
pub(super) fn ends(pattern: &str) -> bool {
    look(pattern, Look::End)
}

/// Whether every match is anchored at the start or end of the text.
pub(super) fn look(pattern: &str, side: Look) -> bool {
    let Ok(parsed) = regex_syntax::parse(pattern) else { return true };
    let properties = parsed.properties();
    if side == Look::Start {
        properties.look_set_prefix().contains(side)
    } else {
        properties.look_set_suffix().contains(side)
    }
}
