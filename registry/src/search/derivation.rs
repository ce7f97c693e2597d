//! Names of places and the adjectives that are made from them: Елец and елецкий, Осинники and осинниковский.
//!
//! Rules of Russian word formation, from both sides; which of the words exist is what the index knows.

/// What adjectives of places add to the stem of the name.
const ENDINGS: [&str; 10] = ["ск", "овск", "евск", "инск", "енск", "анск", "янск", "унск", "йск", "н"];
/// What stands before `ск` in them and is not of the name.
const INFIXES: [&str; 9] = ["ов", "ев", "ин", "ен", "ан", "ян", "ун", "н", "й"];
/// Shortest stem that is a name, in letters.
const MIN_STEM: usize = 3;

/// Stems of adjectives that may be made of a noun, or of nouns that an adjective may be made of, in groups: the likeliest
/// first. All stems are in Russian letters, without endings.
pub(super) fn related(stem: &str) -> Vec<Vec<String>> {
    let stem: String = stem.chars().filter(|letter| *letter != 'ь').collect();
    if stem.chars().count() < MIN_STEM {
        return Vec::new();
    }
    // Лиски end as adjectives do.
    let mut of_adjective = stem.strip_suffix("ск").map(nouns).unwrap_or_default();
    if stem.ends_with("цк") {
        of_adjective.extend(with_and_without_vowel(stem.trim_end_matches('к')));
    }
    let changed = with_and_without_vowel(&stem).into_iter().skip(1);
    let mut groups =
        vec![of_adjective, adjectives(&stem), changed.flat_map(|stem| adjectives(&stem)).collect()];
    for group in &mut groups {
        group.retain(|other| *other != stem && other.chars().count() >= MIN_STEM);
        group.sort();
        group.dedup();
    }
    groups
}

/// Stems of the one adjective that may be made of a place with two words: Старая Русса and старорусский.
pub(super) fn compounds(first: &str, second: &str) -> Vec<String> {
    let adjectives = adjectives(second).into_iter();
    adjectives
        .flat_map(|adjective| ["о", "е"].map(|between| format!("{first}{between}{adjective}")))
        .collect()
}

fn nouns(base: &str) -> Vec<String> {
    let mut bases = vec![base];
    bases.extend(INFIXES.iter().filter_map(|infix| base.strip_suffix(infix)));
    let mut found = Vec::new();
    for base in bases {
        found.extend(with_and_without_vowel(base));
        found.push(format!("{base}к"));
        found.extend(base.strip_suffix('ж').map(|rest| format!("{rest}г")));
    }
    found
}

fn adjectives(stem: &str) -> Vec<String> {
    let mut found = Vec::new();
    if stem.chars().count() < MIN_STEM {
        return found;
    }
    if stem.ends_with('ц') {
        found.push(format!("{stem}к"));
    }
    // Русса is русский: no adjective has с three times.
    let plain = if stem.ends_with("сс") { &stem[..stem.len() - 'с'.len_utf8()] } else { stem };
    found.extend(ENDINGS.iter().map(|ending| format!("{plain}{ending}")));
    found.extend(stem.strip_suffix('к').map(|rest| format!("{rest}ск")));
    found.extend(stem.strip_suffix('г').map(|rest| format!("{rest}жск")));
    found
}

/// The stem, and the same with and without the vowel that comes and goes before its last consonant: Орёл, Орла.
fn with_and_without_vowel(stem: &str) -> Vec<String> {
    let letters: Vec<char> = stem.chars().collect();
    let mut found = vec![stem.to_owned()];
    let is_vowel = |letter: char| "аеёиоуыэюя".contains(letter);
    if let [rest @ .., before, last] = letters.as_slice()
        && !is_vowel(*last)
    {
        let rest: String = rest.iter().collect();
        if !is_vowel(*before) {
            found.extend(['е', 'о'].map(|vowel| format!("{rest}{before}{vowel}{last}")));
        } else if matches!(before, 'е' | 'о') {
            found.push(format!("{rest}{last}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{compounds, related};

    #[test]
    fn names_of_places_and_their_adjectives_are_related_both_ways() {
        for (noun, adjective) in [
            ("ельц", "елецк"),
            ("елец", "елецк"),
            ("люберц", "люберецк"),
            ("орл", "орловск"),
            ("орел", "орловск"),
            ("осинник", "осинниковск"),
            ("шахт", "шахтинск"),
            ("химк", "химкинск"),
            ("ивантеевк", "ивантеевск"),
            ("калуг", "калужск"),
            ("вологд", "вологодск"),
            ("коломн", "коломенск"),
            ("вязьм", "вяземск"),
            ("дубн", "дубненск"),
            ("казан", "казанск"),
            ("тул", "тульск"),
            ("лиск", "лискинск"),
            ("россош", "россошанск"),
            ("выкс", "выксунск"),
            ("джанкой", "джанкойск"),
            ("кыштым", "кыштымск"),
            ("ше", "шейск"),
        ] {
            let plain = |stem: &str| stem.replace('ь', "");
            if noun.chars().count() >= 3 {
                let flat = |stem: &str| related(stem).concat();
                assert!(flat(noun).contains(&plain(adjective)), "{noun}: {:?}", flat(noun));
                assert!(flat(adjective).contains(&plain(noun)), "{adjective}: {:?}", flat(adjective));
            }
        }
        for (first, second, adjective) in [
            ("стар", "русс", "старорусск"),
            ("нижн", "тагил", "нижнетагильск"),
            ("велик", "лук", "великолукск"),
        ] {
            assert!(compounds(first, second).contains(&adjective.replace('ь', "")), "{adjective}");
        }
        assert!(related("школ").concat().iter().all(|it| it != "школ"), "a word is not related to itself");
    }
}
