//! Taking in what a pack says of obligations and of abbreviations.

use anyhow::{Result, bail};

use super::file::{AbbreviationEntry, Head, ObligationEntry};
use crate::{
    change::Draft,
    snapshot::{Abbreviation, ObligationRule},
};

pub(super) fn take_obligation(draft: &mut Draft, entry: &ObligationEntry, head: &Head) -> Result<bool> {
    let snapshot = draft.snapshot();
    let (code, terms) = (&entry.code, &entry.terms);
    if snapshot.territory_by_code(&terms.jurisdiction).is_none() {
        bail!("obligation `{code}`: no territory `{}`", terms.jurisdiction);
    }
    if let Some(unknown) = terms.platforms.iter().find(|code| snapshot.platform_by_code(code).is_none()) {
        bail!("obligation `{code}`: no platform `{unknown}`");
    }
    if let Some(unknown) = terms.sectors.iter().find(|code| snapshot.sector_by_code(code).is_none()) {
        bail!("obligation `{code}`: no sector `{unknown}`");
    }
    let known = snapshot.obligation_rule_by_code(code);
    let id = known.map_or_else(|| draft.next_rule_id(), |known| known.id);
    let (name, names) =
        head.names(known.map(|known| (&*known.name, &known.names)), &entry.name, &entry.names);
    let rule = ObligationRule {
        id,
        code: code.as_str().into(),
        name,
        names,
        terms: terms.clone(),
        valid_from: entry.valid_from,
        valid_to: entry.valid_to,
        updated_at: draft.now(),
    };
    draft.put(rule, None)
}

pub(super) fn take_abbreviation(draft: &mut Draft, entry: &AbbreviationEntry) -> Result<bool> {
    let known = draft.snapshot().abbreviation_by_code(&entry.short);
    let abbreviation = Abbreviation {
        id: known.map_or_else(|| draft.next_abbreviation_id(), |known| known.id),
        code: entry.short.as_str().into(),
        expansions: entry.expansions.clone(),
        updated_at: draft.now(),
    };
    draft.put(abbreviation, None)
}
