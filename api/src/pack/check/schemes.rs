//! Schemes of identifiers: whether check digit and length fit the pattern.

use regex::Regex;
use regex_syntax::ParserBuilder;

use super::{Findings, samples::samples};
use crate::{
    identifier::{self, Check},
    pack::{PackFile, file::SchemeEntry},
};

pub(super) fn check(file: &PackFile, findings: &mut Findings) {
    for scheme in &file.schemes {
        let entry = format!("scheme `{}`", scheme.code);
        let Some((shortest, longest)) = lengths(&scheme.pattern) else { continue };
        check_digit(scheme, (shortest, longest), &entry, findings);
        samples_hold(scheme, &entry, findings);
        if let Some(length) = scheme.pad_to.filter(|length| !(shortest..=longest).contains(length)) {
            findings.problem(&entry, format!("`pad_to = {length}`, and no identifier is as long"));
        }
        if longest == 0 {
            findings.problem(&entry, "its pattern matches nothing but the empty text");
        }
    }
}

fn check_digit(
    scheme: &SchemeEntry,
    (shortest, longest): (usize, usize),
    entry: &str,
    findings: &mut Findings,
) {
    let modulus = match &scheme.check {
        Some(Check::Remainder { modulus } | Check::Weighted { modulus, .. }) => *modulus,
        _ => return,
    };
    if modulus < 2 {
        findings.problem(entry, format!("a modulus of {modulus} checks nothing"));
    }
    let Some(Check::Weighted { weights, retry, .. }) = &scheme.check else { return };
    for list in [Some(weights), retry.as_ref()].into_iter().flatten() {
        if !(shortest..=longest).contains(&(list.len() + 1)) {
            let digits =
                if shortest == longest { shortest.to_string() } else { format!("{shortest} to {longest}") };
            let text = format!("{} weights for {digits} digits: one for each but the last", list.len());
            findings.problem(entry, text);
        }
    }
}

/// Identifiers that the pattern has: of digits where a check digit is, and of the lengths that the weights are for; and
/// not all of them persons'.
fn samples_hold(scheme: &SchemeEntry, entry: &str, findings: &mut Findings) {
    let found = samples(&scheme.pattern, None);
    let other = found.iter().find(|it| !it.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(other) = other.filter(|_| scheme.check.is_some()) {
        findings
            .problem(entry, format!("a check digit is of digits alone, and the pattern allows `{other}`"));
    }
    if let Some(Check::Weighted { weights, .. }) = &scheme.check
        && let Some(other) = found.iter().find(|it| it.len() > weights.len() + 1)
        && found.iter().any(|it| it.len() <= weights.len() + 1)
    {
        let text = format!(
            "{} weights are for {} digits, and the pattern allows {}",
            weights.len(),
            weights.len() + 1,
            other.len()
        );
        findings.problem(entry, text);
    }
    if let Some(lost) = found.iter().find(|it| identifier::plain(it) != **it) {
        let text =
            format!("blanks, hyphens and a final `.0` are taken out first: nothing is left like `{lost}`");
        findings.problem(entry, text);
    }
    let person = scheme.person_pattern.as_deref().and_then(|it| Regex::new(&format!("^(?:{it})$")).ok());
    if person.is_some_and(|person| !found.is_empty() && found.iter().all(|it| person.is_match(it))) {
        findings.problem(entry, "`person_pattern` takes every identifier for a person's");
    }
}

/// Fewest and most characters of what a pattern of ASCII matches.
fn lengths(pattern: &str) -> Option<(usize, usize)> {
    // Without Unicode, a digit is one byte.
    let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).ok()?;
    let properties = parsed.properties();
    Some((properties.minimum_len()?, properties.maximum_len().unwrap_or(usize::MAX)))
}
