//! Texts that are no addresses of the web, and paths of parameters.

use regex::Regex;

use super::{Findings, addresses::ends};
use crate::address::{Matcher, Part};

/// Checks what a matcher takes beside paths.
pub(super) fn check(matcher: &Matcher, place: &str, findings: &mut Findings) {
    let gives = matcher.refuse.is_none();
    if matcher.on == Part::Input && gives {
        let is_open = |text: &&&str| Regex::new(&matcher.pattern).is_ok_and(|it| it.is_match(text));
        if let Some(text) = OTHERS.iter().find(is_open) {
            findings.problem(
                place,
                format!("takes `{text}` for an address of the platform: begin with its own scheme"),
            );
        }
    }
    let Some(path) = &matcher.path else { return };
    if !path.trim_start_matches("(?i)").starts_with("^/") || !ends(path) {
        findings.problem(
            place,
            format!("`path = '{path}'` is not between `^/` and `$`: other paths match as well, or none"),
        );
    } else if path.ends_with("/$") && path != "^/$" {
        findings.problem(place, "a path has no slash at its end: `path` is never met");
    }
    if matcher.parameter.as_deref().is_some_and(|it| it.contains(['?', '=', '&', '#'])) {
        findings.problem(place, "`parameter` is the name alone, without `?` and `=`");
    }
}

/// Texts that are addresses of other platforms, and words.
const OTHERS: [&str; 4] = [
    "https://facebook.com/ministry",
    "https://www.host.invalid/ministry",
    "ministry",
    "host.invalid/ministry",
];
