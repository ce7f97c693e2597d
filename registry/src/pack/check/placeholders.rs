//! Entries of the template that nobody has replaced: they are invented, and loaded entries are never removed.

use std::sync::LazyLock;

use super::{Checked, Findings};
use crate::pack::{self, PackFile};

const TEXT: &str = "still has the values of the template; replace or delete it";

static TEMPLATE: LazyLock<Option<PackFile>> = LazyLock::new(|| PackFile::parse(&pack::template("xx")).ok());

/// Compares what is invented, whatever the codes: sectors and abbreviations of the template are real.
pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    let (Some(known), file) = (&*TEMPLATE, checked.file) else { return };
    if file.pack.name == known.pack.name {
        findings.note(&format!("pack `{}`", file.pack.code), TEXT);
    }
    for territory in &file.territories {
        if known.territories.iter().any(|it| it.name == territory.name) {
            findings.note(&format!("territory `{}`", territory.code), TEXT);
        }
    }
    for scheme in &file.schemes {
        if known.schemes.iter().any(|it| it.name == scheme.name && it.pattern == scheme.pattern) {
            findings.note(&format!("scheme `{}`", scheme.code), TEXT);
        }
    }
    for platform in &file.platforms {
        if known.platforms.iter().any(|it| it.address.hosts == platform.address.hosts) {
            findings.note(&format!("platform `{}`", platform.code), TEXT);
        }
    }
    for obligation in &file.obligations {
        if known.obligations.iter().any(|it| it.terms.basis == obligation.terms.basis) {
            findings.note(&format!("obligation `{}`", obligation.code), TEXT);
        }
    }
}
