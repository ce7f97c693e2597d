//! Checks of identifier schemes: check digits and lengths against the pattern.

use regex::Regex;
use regex_syntax::{
    ParserBuilder,
    hir::{Class, Hir, HirKind},
};

use super::{Checked, Findings, samples::samples};
use crate::{
    identifier::{self, Check},
    pack::file::SchemeEntry,
};

pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    for scheme in &checked.file.schemes {
        let entry = format!("scheme `{}`", scheme.code);
        if checked.before.iter().flat_map(|pack| &pack.schemes).any(|it| it.code == scheme.code) {
            findings.note(&entry, "replaces the whole entry of a pack loaded before");
        }
        let Some((shortest, longest)) = lengths(&scheme.pattern) else { continue };
        check_digit(scheme, (shortest, longest), &entry, findings);
        samples_hold(scheme, &entry, findings);
        if let Some(length) = scheme.pad_to.filter(|length| !(shortest..=longest).contains(length)) {
            findings.problem(&entry, format!("`pad_to = {length}`, but no identifier has this length"));
        }
        if scheme.pad_to.is_some() && !may_begin(&scheme.pattern, '0') {
            findings.problem(&entry, "`pad_to` adds leading zeros, but no identifier begins with 0");
        }
        if longest == 0 {
            findings.problem(&entry, "its pattern matches only the empty text");
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
        Some(Check::Remainder { modulus } | Check::Weighted { modulus, .. }) => modulus,
        _ => return,
    };
    if *modulus < 2 {
        findings.problem(entry, format!("a modulus of {modulus} checks nothing"));
    }
    let Some(Check::Weighted { weights, retry, .. }) = &scheme.check else { return };
    if retry.as_ref() == Some(weights) {
        findings.problem(entry, "`retry` has the same weights as `weights`");
    }
    for list in [Some(weights), retry.as_ref()].into_iter().flatten() {
        check_weights(list, *modulus, entry, findings);
        if !(shortest..=longest).contains(&(list.len() + 1)) {
            let digits =
                if shortest == longest { shortest.to_string() } else { format!("{shortest} to {longest}") };
            let text = format!(
                "{} weights for {digits} digits: give one for each digit except the last",
                list.len()
            );
            findings.problem(entry, text);
        }
    }
}

/// Checks weights against the modulus.
fn check_weights(weights: &[u64], modulus: u64, entry: &str, findings: &mut Findings) {
    if weights.iter().all(|weight| weight.checked_rem(modulus).is_none_or(|rest| rest == 0)) {
        findings.problem(entry, "all weights are multiples of the modulus: nothing is checked");
    }
    if let Some(digit) = weights.iter().position(|weight| weight.checked_rem(modulus) == Some(0)) {
        findings.note(
            entry,
            format!("the digit {} is not checked: its weight is a multiple of the modulus", digit + 1),
        );
    }
    let most = weights.iter().fold(0_u64, |sum, weight| sum.saturating_add(weight.saturating_mul(9)));
    if modulus > most {
        let text = format!("no weighted sum reaches the modulus {modulus}: at most {most}");
        findings.problem(entry, text);
    }
}

/// Checks sample identifiers: digits only if there is a check digit, lengths that fit the weights, unchanged by
/// normalisation, and not all of persons.
fn samples_hold(scheme: &SchemeEntry, entry: &str, findings: &mut Findings) {
    let found = samples(&scheme.pattern, None);
    let other = found.iter().find(|it| !it.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(other) = other.filter(|_| scheme.check.is_some()) {
        findings
            .problem(entry, format!("a check digit requires digits only, but the pattern allows `{other}`"));
    }
    if let Some(Check::Weighted { weights, .. }) = &scheme.check
        && let Some(other) = found.iter().find(|it| it.len() > weights.len() + 1)
        && found.iter().any(|it| it.len() <= weights.len() + 1)
    {
        let text = format!(
            "{} weights are for {} digits, but the pattern allows {}",
            weights.len(),
            weights.len() + 1,
            other.len()
        );
        findings.problem(entry, text);
    }
    if let Some(lost) = found.iter().find(|it| identifier::plain(it) != **it) {
        let text =
            format!("blanks, hyphens and a final `.0` are removed before matching: `{lost}` never matches");
        findings.problem(entry, text);
    }
    let of_persons = scheme.person_pattern.iter().flat_map(|it| samples(it, None));
    if let Some(lost) = of_persons.into_iter().find(|it| identifier::plain(it) != *it) {
        let text = format!(
            "`person_pattern`: blanks and hyphens are removed before matching: `{lost}` never matches"
        );
        findings.problem(entry, text);
    }
    let person = scheme.person_pattern.as_deref().and_then(|it| Regex::new(&format!("^(?:{it})$")).ok());
    if person.is_some_and(|person| !found.is_empty() && found.iter().all(|it| person.is_match(it))) {
        findings.problem(entry, "`person_pattern` matches every identifier");
    }
}

/// Whether a match of the pattern can begin with a character.
fn may_begin(pattern: &str, first: char) -> bool {
    regex_syntax::parse(pattern).is_ok_and(|parsed| begins(&parsed, first) == Begins::With)
}

/// How matches of a part of a pattern can begin.
#[derive(PartialEq, Eq)]
enum Begins {
    With,
    Otherwise,
    /// It can be empty: the next part decides.
    Empty,
}

fn begins(part: &Hir, first: char) -> Begins {
    let found = match part.kind() {
        HirKind::Empty | HirKind::Look(_) => Begins::Empty,
        HirKind::Literal(literal) if literal.0.starts_with(first.to_string().as_bytes()) => Begins::With,
        HirKind::Class(Class::Unicode(class))
            if class.ranges().iter().any(|it| (it.start()..=it.end()).contains(&first)) =>
        {
            Begins::With
        }
        HirKind::Literal(_) | HirKind::Class(_) => Begins::Otherwise,
        HirKind::Capture(group) => begins(&group.sub, first),
        HirKind::Repetition(repetition) => begins(&repetition.sub, first),
        HirKind::Alternation(parts) => {
            let any = parts.iter().any(|part| begins(part, first) == Begins::With);
            if any { Begins::With } else { Begins::Otherwise }
        }
        HirKind::Concat(parts) => {
            let decided = parts.iter().map(|part| begins(part, first)).find(|it| *it != Begins::Empty);
            decided.unwrap_or(Begins::Empty)
        }
    };
    let may_be_empty = part.properties().minimum_len() == Some(0);
    if found == Begins::Otherwise && may_be_empty { Begins::Empty } else { found }
}

/// Shortest and longest match of an ASCII pattern, in characters.
pub(super) fn lengths(pattern: &str) -> Option<(usize, usize)> {
    // Without Unicode mode, `\d` is one byte.
    let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).ok()?;
    let properties = parsed.properties();
    Some((properties.minimum_len()?, properties.maximum_len().unwrap_or(usize::MAX)))
}
