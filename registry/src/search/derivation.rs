//! Place names and adjectives derived from them: Елец and елецкий, Осинники and осинниковский.
//!
//! Rules of Russian word formation in both directions. They generate candidates; only those in the index are used.

/// Suffixes of adjectives from place names.
const ENDINGS: [&str; 10] = ["ск", "овск", "евск", "инск", "енск", "анск", "янск", "унск", "йск", "н"];
/// Infixes before `ск` that are not part of the name.
const INFIXES: [&str; 9] = ["ов", "ев", "ин", "ен", "ан", "ян", "ун", "н", "й"];
/// Shortest stem of a name, in letters.
const MIN_STEM: usize = 3;

/// Candidate stems related to a stem: adjectives of a noun, or nouns of an adjective, in groups, most likely first. All
/// stems are in Russian letters, without endings.
pub(super) fn related(stem: &str) -> Vec<Vec<String>> {
    let stem: String = stem.chars().filter(|letter| *letter != 'ь').collect();
    if stem.chars().count() < MIN_STEM {
        return Vec::new();
    }
    // May be a noun that ends like an adjective: Лиски.
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

/// Candidate stems of the compound adjective of a two-word place name: Старая Русса and старорусский.
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
    // Русса and русский: adjectives do not have a triple с.
    let plain = if stem.ends_with("сс") { &stem[..stem.len() - 'с'.len_utf8()] } else { stem };
    found.extend(ENDINGS.iter().map(|ending| format!("{plain}{ending}")));
    found.extend(stem.strip_suffix('к').map(|rest| format!("{rest}ск")));
    found.extend(stem.strip_suffix('г').map(|rest| format!("{rest}жск")));
    found
}

/// The stem with and without a fleeting vowel before its last consonant: Орёл, Орла.
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
        assert!(related("школ").concat().iter().all(|it| it != "школ"), "a word is not related to itself");
    }

    #[test]
    fn names_of_two_words_have_compound_adjectives() {
        for (first, second, adjective) in [
            ("стар", "русс", "старорусск"),
            ("нижн", "тагил", "нижнетагильск"),
            ("велик", "лук", "великолукск"),
        ] {
            assert!(compounds(first, second).contains(&adjective.replace('ь', "")), "{adjective}");
        }
    }
}
