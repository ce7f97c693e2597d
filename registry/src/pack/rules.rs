//! Loading a pack's obligations, abbreviations, indicators and rating methodologies.

use anyhow::{Result, bail};

use super::file::{AbbreviationEntry, Head, IndicatorEntry, MethodologyEntry, ObligationEntry};
use crate::{
    change_log::ChangeSet,
    model::{Abbreviation, Indicator, Methodology, ObligationRule},
};

pub(super) fn take_obligation(
    change_set: &mut ChangeSet,
    entry: &ObligationEntry,
    head: &Head,
) -> Result<bool> {
    let snapshot = change_set.snapshot();
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
    let id = known.map_or_else(|| change_set.next_rule_id(), |known| known.id);
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
        updated_at: change_set.now(),
    };
    change_set.upsert(rule, None)
}

pub(super) fn take_abbreviation(change_set: &mut ChangeSet, entry: &AbbreviationEntry) -> Result<bool> {
    let known = change_set.snapshot().abbreviation_by_code(&entry.short);
    let abbreviation = Abbreviation {
        id: known.map_or_else(|| change_set.next_abbreviation_id(), |known| known.id),
        code: entry.short.as_str().into(),
        expansions: entry.expansions.clone(),
        updated_at: change_set.now(),
    };
    change_set.upsert(abbreviation, None)
}

pub(super) fn take_indicator(
    change_set: &mut ChangeSet,
    entry: &IndicatorEntry,
    head: &Head,
) -> Result<bool> {
    let known = change_set.snapshot().indicator_by_code(&entry.code);
    let (name, names) =
        head.names(known.map(|known| (&*known.name, &known.names)), &entry.name, &entry.names);
    let mut figures = entry.figures.clone();
    figures.sort_by_key(|figure| (figure.from, figure.to));
    let indicator = Indicator {
        id: known.map_or_else(|| change_set.next_indicator_id(), |known| known.id),
        code: entry.code.as_str().into(),
        name,
        names,
        unit: entry.unit,
        figures,
        updated_at: change_set.now(),
    };
    change_set.upsert(indicator, None)
}

/// Published ratings refer to a methodology version, so a pack may change its names but not its terms.
pub(super) fn take_methodology(
    change_set: &mut ChangeSet,
    entry: &MethodologyEntry,
    head: &Head,
) -> Result<bool> {
    let (code, weight) = (format!("{}-{}", entry.code, entry.version), entry.terms.weight());
    if (weight - 1.0).abs() > 1e-9 {
        bail!("methodology `{code}`: the weights add up to {weight} instead of 1");
    }
    let known = change_set.snapshot().methodology_by_code(&code);
    if known.is_some_and(|known| known.terms != entry.terms) {
        bail!("methodology `{code}` has different terms in this registry; give the new terms a new version");
    }
    let (name, names) =
        head.names(known.map(|known| (&*known.name, &known.names)), &entry.name, &entry.names);
    let methodology = Methodology {
        id: known.map_or_else(|| change_set.next_methodology_id(), |known| known.id),
        code: code.into(),
        name,
        names,
        version: entry.version,
        terms: entry.terms.clone(),
        valid_from: entry.valid_from,
        updated_at: change_set.now(),
    };
    change_set.upsert(methodology, None)
}
