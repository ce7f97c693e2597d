//! Published figures and weights of ratings.

use super::{Checked, Findings};

/// Checks figures and weights.
pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    for indicator in &checked.file.indicators {
        if indicator.figures.iter().any(|figure| figure.to < figure.from) {
            findings.problem(&format!("indicator `{}`", indicator.code), "a figure ends before it begins");
        }
    }
    for methodology in &checked.file.methodologies {
        let weight = methodology.terms.weight();
        if (weight - 1.0).abs() > 1e-9 {
            let entry = format!("methodology `{}-{}`", methodology.code, methodology.version);
            findings.problem(&entry, format!("the weights add up to {weight}, not to 1"));
        }
    }
}
