//! Checks of matchers on the whole input, and of `path` and `parameter`.

use regex::Regex;

use super::{Findings, addresses::ends};
use crate::address::{Matcher, Part};

/// Checks a matcher's pattern on the input, its path and its parameter.
pub(super) fn check(matcher: &Matcher, location: &str, findings: &mut Findings) {
    let gives = matcher.refuse.is_none();
    if matcher.on == Part::Input && gives {
        let is_open = |text: &&&str| Regex::new(&matcher.pattern).is_ok_and(|it| it.is_match(text));
        if let Some(text) = OTHERS.iter().find(is_open) {
            findings.problem(
                location,
                format!("matches `{text}`, which is not of the platform: begin with the platform's scheme"),
            );
        }
    }
    let Some(path) = &matcher.path else { return };
    if !path.trim_start_matches("(?i)").starts_with("^/") || !ends(path) {
        findings.problem(
            location,
            format!("`path = '{path}'` must begin with `^/` and end with `$`: otherwise other paths match, or none"),
        );
    } else if path.ends_with("/$") && path != "^/$" {
        findings.problem(location, "paths have no trailing slash: `path` never matches");
    }
    if matcher.parameter.as_deref().is_some_and(|it| it.contains(['?', '=', '&', '#'])) {
        findings.problem(location, "`parameter` must be only the name, without `?` and `=`");
    }
}

/// Inputs that belong to no platform's own scheme: addresses of other hosts, and words.
const OTHERS: [&str; 4] = [
    "https://facebook.com/ministry",
    "https://www.host.invalid/ministry",
    "ministry",
    "host.invalid/ministry",
];
