//! Names, and the languages that they are in.

use std::collections::HashSet;

use icu_locale_core::LanguageIdentifier;

use super::{Checked, Findings};
use crate::{pack::PackFile, snapshot::Names};

/// Languages of ISO 639-1.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de \
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is \
    it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na \
    nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr \
    ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Name of an entry, and its names by language.
type Named<'a> = (String, &'a str, &'a Names);

pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    let (file, none) = (checked.file, Names::default());
    language("pack", &file.pack.language, findings);
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
            language(&entry, tag, findings);
            if !seen.insert(tag.to_lowercase()) {
                let text = format!(
                    "`names` has the language `{tag}` twice, or it is that of the pack, which `name` is in"
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

/// A language is a tag of BCP 47, and one of two letters is in ISO 639-1: codes of countries are others.
fn language(entry: &str, tag: &str, findings: &mut Findings) {
    let Ok(parsed) = tag.parse::<LanguageIdentifier>() else {
        let text = format!("`{tag}` is no language tag (BCP 47), such as `en` or `sr-Latn`");
        return findings.problem(entry, text);
    };
    let language = parsed.language.as_str();
    if language.len() == 2 && !LANGUAGES.split_whitespace().any(|known| known == language) {
        findings.problem(
            entry,
            format!("`{tag}` is no language of ISO 639-1: Ukrainian is `uk`, Japanese `ja`, Greek `el`"),
        );
    }
}
