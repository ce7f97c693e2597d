//! Checks of codes, territories, obligations and platforms.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Datelike, NaiveDate};
use entities::{platform::Status, territory::Kind};

use super::{Checked, Findings};
use crate::{
    analytics::StatisticsMetric,
    model::Mode,
    pack::{
        PackFile,
        file::{PlatformEntry, TerritoryEntry},
    },
};

pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    head(checked, findings);
    codes(checked, findings);
    territories(checked, findings);
    obligations(checked, findings);
    platforms(checked, findings);
}

fn head(checked: &Checked<'_>, findings: &mut Findings) {
    let head = &checked.file.pack;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if head.code.is_empty() || !head.code.chars().all(is_plain) {
        findings.problem(
            "pack",
            format!("the code `{}` must have only `a` to `z`, digits, `-` and `_`", head.code),
        );
    }
}

fn codes(checked: &Checked<'_>, findings: &mut Findings) {
    let file = checked.file;
    let of_entries = (file.schemes.iter().map(|it| ("scheme", &it.code)))
        .chain(file.sectors.iter().map(|it| ("sector", &it.code)))
        .chain(file.platforms.iter().map(|it| ("platform", &it.code)))
        .chain(file.obligations.iter().map(|it| ("obligation", &it.code)))
        .chain(file.indicators.iter().map(|it| ("indicator", &it.code)))
        .chain(file.methodologies.iter().map(|it| ("methodology", &it.code)));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    for (kind, code) in of_entries.filter(|(_, code)| !code.chars().all(is_plain)) {
        findings.problem(
            &format!("{kind} `{code}`"),
            "its code must have only Latin letters, digits, `-`, `_`, `.` and `:`",
        );
    }
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
        let short = abbreviation.short.trim().to_lowercase();
        if abbreviation.expansions.iter().any(|it| it.trim().to_lowercase() == short) {
            findings.problem(&entry, "is its own expansion");
        }
    }
}

/// Most levels of the territory tree.
const MAX_DEPTH: usize = 10;

fn territories(checked: &Checked<'_>, findings: &mut Findings) {
    let mut known: HashSet<&str> =
        checked.before.iter().flat_map(|pack| &pack.territories).map(|it| &*it.code).collect();
    for territory in &checked.file.territories {
        let entry = format!("territory `{}`", territory.code);
        if let Some(parent) = territory.parent.as_deref().filter(|parent| !known.contains(parent)) {
            let is_later = checked.file.territories.iter().any(|it| it.code == parent);
            let why =
                if is_later { "comes after it, or is the territory itself" } else { "is in no loaded pack" };
            findings.problem(&entry, format!("its parent `{parent}` {why}"));
        }
        let above = territory
            .parent
            .as_deref()
            .and_then(|parent| checked.all().flat_map(|pack| &pack.territories).find(|it| it.code == parent));
        match (territory.kind, above) {
            (Kind::Country, Some(_)) => {
                findings.problem(&entry, "is a country, but lies in another territory")
            }
            (kind, None) if kind != Kind::Country && territory.parent.is_none() => {
                findings.problem(&entry, "has no parent, but is not a country");
            }
            (kind, Some(above)) if kind < above.kind => {
                findings
                    .problem(&entry, format!("has the parent `{}`, which is of a smaller kind", above.code));
            }
            _ => {}
        }
        known.insert(&territory.code);
        let up = |code: &&str| {
            let mut all = checked.all().flat_map(|pack| &pack.territories);
            all.find(|it| it.code == **code).and_then(|it| it.parent.as_deref())
        };
        if std::iter::successors(Some(&*territory.code), up).take(MAX_DEPTH + 1).count() > MAX_DEPTH {
            findings.problem(&entry, format!("is deeper than {MAX_DEPTH} levels"));
        }
        territory_fields(territory, &entry, findings);
    }
    classifiers(checked, findings);
}

/// Codes of classifiers: must be unique, and ISO 3166-2 codes must begin with the country's code.
fn classifiers(checked: &Checked<'_>, findings: &mut Findings) {
    let all: HashMap<&str, &TerritoryEntry> =
        checked.all().flat_map(|pack| &pack.territories).map(|it| (&*it.code, it)).collect();
    let mut owners: HashMap<(&str, &str), &str> = HashMap::new();
    let mut uses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for territory in checked.all().flat_map(|pack| &pack.territories) {
        for (classifier, code) in &territory.codes {
            let own = owners.insert((classifier, code), &territory.code);
            if let Some(other) = own.filter(|other| *other != territory.code) {
                let text = format!("`{other}` already has the code `{code}` of {classifier}");
                findings.problem(&format!("territory `{}`", territory.code), text);
            }
            uses.entry(classifier).or_default().push(&territory.code);
        }
    }
    for territory in &checked.file.territories {
        let up = |it: &&TerritoryEntry| all.get(it.parent.as_deref()?).copied();
        let mut above = std::iter::successors(up(&territory), up).take(12);
        let country = above.find(|it| it.kind == Kind::Country).and_then(|it| it.codes.get("iso"));
        let own = territory.codes.get("iso").and_then(|code| code.split_once('-'));
        if let (Some(country), Some((own, _))) = (country, own)
            && **country != *own
        {
            let text = format!("its ISO 3166 code is of `{own}`, but its country is `{country}`");
            findings.problem(&format!("territory `{}`", territory.code), text);
        }
    }
    let likely: Vec<&str> =
        uses.iter().filter(|(_, of)| of.len() > 1).map(|(it, _)| *it).chain(["iso"]).collect();
    for (classifier, of) in uses.iter().filter(|(_, of)| of.len() == 1) {
        if let Some(meant) = likely.iter().find(|it| *it != classifier && is_mistyped(it, classifier)) {
            let text = format!("the classifier `{classifier}` is used only here; `{meant}` may be meant");
            findings.problem(&format!("territory `{}`", of[0]), text);
        }
    }
}

fn territory_fields(territory: &TerritoryEntry, entry: &str, findings: &mut Findings) {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    if !territory.code.chars().all(is_plain) {
        findings.problem(entry, "its code must have only `a` to `z`, digits, `-`, `_` and `.`");
    }
    if let Some(zone) = territory.timezone.as_deref().filter(|zone| zone.parse::<chrono_tz::Tz>().is_err()) {
        findings.problem(entry, format!("`{zone}` is not in the IANA time zone database"));
    }
    for (classifier, code) in &territory.codes {
        if classifier.is_empty()
            || !classifier.chars().all(|c| is_plain(c) || c == ':')
            || code.trim().is_empty()
        {
            let text = format!(
                "the code `{code}` of `{classifier}`: a classifier must be in lower case, and a code must not be empty"
            );
            findings.problem(entry, text);
        }
    }
    if let Some(date) = territory.population_date {
        far(entry, "population_date", date, findings);
    }
    if let Some(code) = territory.codes.get("iso").filter(|code| !is_iso(code)) {
        findings.problem(entry, format!("`{code}` is not an ISO 3166 code, such as `NO` or `NO-03`"));
    }
    if territory.population.is_some_and(|population| population < 0) {
        findings.problem(entry, "has a negative population");
    }
    if territory.population.is_some() && territory.population_date.is_none() {
        findings.note(entry, "has a population without `population_date`");
    }
}

/// Whether two names differ only in doubled letters or in the order of letters.
fn is_mistyped(name: &str, other: &str) -> bool {
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.to_lowercase().chars().collect();
        letters.dedup();
        letters
    };
    let (one, two) = (letters(name), letters(other));
    let sorted = |letters: &[char]| {
        let mut letters = letters.to_vec();
        letters.sort_unstable();
        letters
    };
    one == two || sorted(&one) == sorted(&two)
}

/// Whether a code has the form of ISO 3166-1 (two letters) or 3166-2 (country, hyphen, one to three letters or digits).
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
                findings.problem(&entry, format!("no loaded pack has the {kind} `{code}`"));
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
        far(&entry, "valid_from", rule.valid_from, findings);
        // A later entry with the same code replaces an earlier one.
        let all: Vec<&PlatformEntry> = checked.all().flat_map(|pack| &pack.platforms).collect();
        let is_closed = |code: &str| {
            all.iter().rfind(|it| it.code == code).is_some_and(|it| it.status == Some(Status::Closed))
        };
        let closed = terms.platforms.iter().find(|code| is_closed(code));
        let is_met = terms.mode == Mode::AnyOf && !terms.platforms.iter().all(|code| is_closed(code));
        if let Some(code) = closed.filter(|_| !is_met && rule.valid_to.is_none()) {
            findings
                .problem(&entry, format!("requires a page on `{code}`, which is closed: it cannot be met"));
        }
    }
}

fn platforms(checked: &Checked<'_>, findings: &mut Findings) {
    for platform in &checked.file.platforms {
        let entry = format!("platform `{}`", platform.code);
        for metric in &platform.metrics {
            let known = StatisticsMetric::ALL.into_iter().find(|it| it.name().to_lowercase() == **metric);
            if known.and_then(StatisticsMetric::figure).is_none() {
                findings.problem(&entry, format!("`{metric}` is not a metric of pages"));
            }
        }
        if platform.website.as_deref().is_some_and(|website| !is_website(website)) {
            findings.problem(&entry, "`website` must be an address that begins with `https://`");
        }
        let mut methods = HashSet::new();
        if platform.mark_methods.iter().any(|it| it.trim().is_empty() || !methods.insert(it)) {
            findings.problem(&entry, "`mark_methods` has an empty or a duplicate value");
        }
        if checked.before.iter().flat_map(|pack| &pack.platforms).any(|it| it.code == platform.code) {
            findings.note(&entry, "replaces the whole entry of a pack loaded before");
        }
    }
}

/// Last plausible year.
const LAST_YEAR: i32 = 2100;

/// Reports a date after `LAST_YEAR`, which is probably mistyped.
pub(super) fn far(entry: &str, field: &str, date: NaiveDate, findings: &mut Findings) {
    if date.year() > LAST_YEAR {
        findings.problem(entry, format!("`{field} = {date}` is after the year {LAST_YEAR}"));
    }
}

fn is_website(text: &str) -> bool {
    let parsed = url::Url::parse(text).ok();
    parsed.is_some_and(|it| {
        it.scheme().starts_with("http") && it.host_str().is_some_and(|host| host.contains('.'))
    })
}
