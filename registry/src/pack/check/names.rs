//! Checks of names and their languages.

use std::collections::HashSet;

use super::{Checked, Findings};
use crate::{language, model::Names, pack::PackFile};

/// An entry's label, name, and names by language.
type Named<'a> = (String, &'a str, &'a Names);

pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    let (file, none) = (checked.file, Names::default());
    check_language("pack", &file.pack.language, findings);
    for (entry, name, names) in named(file, &none) {
        if std::iter::once(name).chain(names.values().map(|it| &**it)).any(|it| it.trim().is_empty()) {
            findings.problem(&entry, "has an empty name");
        }
        if std::iter::once(name).chain(names.values().map(|it| &**it)).any(|it| it.contains(char::is_control))
        {
            findings.problem(&entry, "has a control character in its name, such as a line break");
        }
        let mut seen = HashSet::from([file.pack.language.to_lowercase()]);
        for tag in names.keys() {
            check_language(&entry, tag, findings);
            if !seen.insert(tag.to_lowercase()) {
                let text = format!(
                    "`names` has the language `{tag}` twice, or it is the pack's language, which `name` has"
                );
                findings.problem(&entry, text);
            }
        }
    }
    let texts =
        file.abbreviations.iter().flat_map(|it| it.expansions.iter().map(|it| &**it).chain([&*it.short]));
    for text in texts.filter(|text| text.contains(char::is_control)) {
        findings.problem(&format!("abbreviation `{}`", text.escape_debug()), "has a control character");
    }
}

fn named<'a>(file: &'a PackFile, none: &'a Names) -> Vec<Named<'a>> {
    let mut all = vec![("pack".to_owned(), &*file.pack.name, none)];
    let mut add = |kind: &str, code: &str, name: &'a str, names: &'a Names| {
        all.push((format!("{kind} `{code}`"), name, names))
    };
    file.schemes.iter().for_each(|it| add("scheme", &it.code, &it.name, &it.names));
    file.sectors.iter().for_each(|it| add("sector", &it.code, &it.name, &it.names));
    file.platforms.iter().for_each(|it| add("platform", &it.code, &it.name, &it.names));
    file.territories.iter().for_each(|it| add("territory", &it.code, &it.name, &it.names));
    file.obligations.iter().for_each(|it| add("obligation", &it.code, &it.name, &it.names));
    file.indicators.iter().for_each(|it| add("indicator", &it.code, &it.name, &it.names));
    file.methodologies.iter().for_each(|it| add("methodology", &it.code, &it.name, &it.names));
    all
}

/// Checks a BCP 47 language tag.
fn check_language(entry: &str, tag: &str, findings: &mut Findings) {
    if let Err(fault) = language::canonical(tag) {
        findings.problem(entry, fault);
    }
}
