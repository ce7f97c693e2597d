//! Codes, languages, territories, obligations and figures.

use std::collections::HashSet;

use icu_locale_core::LanguageIdentifier;

use super::{Checked, Findings};
use crate::{
    pack::{PackFile, file::TerritoryEntry},
    snapshot::Names,
    statistics::StatisticsMetric,
};

pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    head(checked, findings);
    codes(checked, findings);
    languages(checked, findings);
    territories(checked, findings);
    obligations(checked, findings);
    platforms(checked, findings);
    figures(checked, findings);
}

fn head(checked: &Checked<'_>, findings: &mut Findings) {
    let head = &checked.file.pack;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if head.code.is_empty() || !head.code.chars().all(is_plain) {
        findings.problem(
            "pack",
            format!("the code `{}` is not of small Latin letters, digits and hyphens", head.code),
        );
    }
}

fn codes(checked: &Checked<'_>, findings: &mut Findings) {
    let file = checked.file;
    findings.once("scheme", file.schemes.iter().map(|it| &*it.code));
    findings.once("sector", file.sectors.iter().map(|it| &*it.code));
    findings.once("platform", file.platforms.iter().map(|it| &*it.code));
    findings.once("territory", file.territories.iter().map(|it| &*it.code));
    findings.once("obligation", file.obligations.iter().map(|it| &*it.code));
    findings.once("abbreviation", file.abbreviations.iter().map(|it| &*it.short));
    findings.once("indicator", file.indicators.iter().map(|it| &*it.code));
    let versions: Vec<_> =
        file.methodologies.iter().map(|it| format!("{}-{}", it.code, it.version)).collect();
    findings.once("methodology", versions.iter().map(|it| &**it));
    for abbreviation in &file.abbreviations {
        let entry = format!("abbreviation `{}`", abbreviation.short);
        if abbreviation.expansions.iter().all(|it| it.trim().is_empty()) {
            findings.problem(&entry, "has no expansion");
        }
        if abbreviation.expansions.iter().any(|it| **it == *abbreviation.short) {
            findings.problem(&entry, "stands for itself");
        }
    }
}

/// Languages are tags of BCP 47.
fn languages(checked: &Checked<'_>, findings: &mut Findings) {
    let file = checked.file;
    let mut used: Vec<(String, String)> = vec![("pack".into(), file.pack.language.clone())];
    let mut add = |kind: &str, code: &str, names: &Names| {
        used.extend(names.keys().map(|language| (format!("{kind} `{code}`"), language.to_string())));
    };
    file.schemes.iter().for_each(|it| add("scheme", &it.code, &it.names));
    file.sectors.iter().for_each(|it| add("sector", &it.code, &it.names));
    file.platforms.iter().for_each(|it| add("platform", &it.code, &it.names));
    file.territories.iter().for_each(|it| add("territory", &it.code, &it.names));
    file.obligations.iter().for_each(|it| add("obligation", &it.code, &it.names));
    file.indicators.iter().for_each(|it| add("indicator", &it.code, &it.names));
    file.methodologies.iter().for_each(|it| add("methodology", &it.code, &it.names));
    for (entry, language) in used {
        if language.parse::<LanguageIdentifier>().is_err() {
            findings.problem(
                &entry,
                format!("`{language}` is no language tag (BCP 47), such as `en` or `sr-Latn`"),
            );
        }
    }
}

fn territories(checked: &Checked<'_>, findings: &mut Findings) {
    let mut known: HashSet<&str> =
        checked.before.iter().flat_map(|pack| &pack.territories).map(|it| &*it.code).collect();
    for territory in &checked.file.territories {
        let entry = format!("territory `{}`", territory.code);
        if let Some(parent) = territory.parent.as_deref().filter(|parent| !known.contains(parent)) {
            let is_later = checked.file.territories.iter().any(|it| it.code == parent);
            let why =
                if is_later { "stands behind it, or is itself" } else { "is in no pack that is loaded" };
            findings.problem(&entry, format!("its parent `{parent}` {why}"));
        }
        known.insert(&territory.code);
        territory_fields(territory, &entry, findings);
    }
}

fn territory_fields(territory: &TerritoryEntry, entry: &str, findings: &mut Findings) {
    if let Some(zone) = territory.timezone.as_deref().filter(|zone| zone.parse::<chrono_tz::Tz>().is_err()) {
        findings.problem(entry, format!("`{zone}` is not in the IANA time zone database"));
    }
    if let Some(code) = territory.codes.get("iso").filter(|code| !is_iso(code)) {
        findings.problem(entry, format!("`{code}` is no code of ISO 3166, such as `NO` or `NO-03`"));
    }
    if territory.population.is_some_and(|population| population < 0) {
        findings.problem(entry, "has fewer than no inhabitants");
    }
    if territory.population.is_some() && territory.population_date.is_none() {
        findings.note(entry, "has a population without `population_date`");
    }
}

/// Form of a code of ISO 3166-1 (two letters) or 3166-2 (country, hyphen, one to three letters or digits).
fn is_iso(code: &str) -> bool {
    let (country, part) = code.split_once('-').map_or((code, None), |(country, part)| (country, Some(part)));
    let is_country = country.len() == 2 && country.bytes().all(|it| it.is_ascii_uppercase());
    let is_part = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
    };
    is_country && part.is_none_or(is_part)
}

fn obligations(checked: &Checked<'_>, findings: &mut Findings) {
    let has = |wanted: &str, codes: &dyn Fn(&PackFile) -> Vec<String>| {
        checked.all().any(|pack| codes(pack).iter().any(|code| code == wanted))
    };
    for rule in &checked.file.obligations {
        let (entry, terms) = (format!("obligation `{}`", rule.code), &rule.terms);
        let mut need = |kind: &str, code: &str, is_known: bool| {
            if !is_known {
                findings.problem(&entry, format!("no pack that is loaded has the {kind} `{code}`"));
            }
        };
        let territories = |pack: &PackFile| pack.territories.iter().map(|it| it.code.clone()).collect();
        let platforms = |pack: &PackFile| pack.platforms.iter().map(|it| it.code.clone()).collect();
        let sectors = |pack: &PackFile| pack.sectors.iter().map(|it| it.code.clone()).collect();
        need("territory", &terms.jurisdiction, has(&terms.jurisdiction, &territories));
        terms.platforms.iter().for_each(|code| need("platform", code, has(code, &platforms)));
        terms.sectors.iter().for_each(|code| need("sector", code, has(code, &sectors)));
        if rule.valid_to.is_some_and(|end| end < rule.valid_from) {
            findings.problem(&entry, "ends before it begins");
        }
    }
}

fn platforms(checked: &Checked<'_>, findings: &mut Findings) {
    for platform in &checked.file.platforms {
        let entry = format!("platform `{}`", platform.code);
        for metric in &platform.metrics {
            let known = StatisticsMetric::ALL.into_iter().find(|it| it.name().to_lowercase() == **metric);
            if known.and_then(StatisticsMetric::figure).is_none() {
                findings.problem(&entry, format!("`{metric}` is no figure that a page has"));
            }
        }
        if checked.before.iter().flat_map(|pack| &pack.platforms).any(|it| it.code == platform.code) {
            findings.note(&entry, "replaces the whole entry of a pack that is loaded before");
        }
    }
}

fn figures(checked: &Checked<'_>, findings: &mut Findings) {
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
