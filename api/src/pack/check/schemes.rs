//! Schemes of identifiers: whether check digit and length fit the pattern.

use regex_syntax::ParserBuilder;

use super::Findings;
use crate::{
    identifier::Check,
    pack::{PackFile, file::SchemeEntry},
};

pub(super) fn check(file: &PackFile, findings: &mut Findings) {
    for scheme in &file.schemes {
        let entry = format!("scheme `{}`", scheme.code);
        let Some((shortest, longest)) = lengths(&scheme.pattern) else { continue };
        check_digit(scheme, (shortest, longest), &entry, findings);
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

/// Fewest and most characters of what a pattern of ASCII matches.
fn lengths(pattern: &str) -> Option<(usize, usize)> {
    // Without Unicode, a digit is one byte.
    let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).ok()?;
    let properties = parsed.properties();
    Some((properties.minimum_len()?, properties.maximum_len().unwrap_or(usize::MAX)))
}
