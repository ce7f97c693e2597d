//! Skeletons of handles: equal where a hurried reader takes one for another.

/// Skeletons of a handle, the whole one first; then that of the name in it alone, which may stand on another host of a
/// federated platform (`@name@host`) or in another form of address (`c/name`).
pub fn skeletons(handle: &str) -> Vec<String> {
    let name = handle.trim_start_matches('@').split('@').next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    let mut skeletons = vec![skeleton(handle), skeleton(name)];
    skeletons.dedup();
    skeletons
}

/// What is left of a handle when look-alike letters are the same and separators are gone.
fn skeleton(handle: &str) -> String {
    let is_separator = |c: &char| matches!(c, '_' | '-' | '.' | '@' | '‐' | '‑' | '–' | '—' | '·');
    let plain: String = handle.chars().filter(|c| !is_separator(c)).map(look).collect();
    plain.replace("rn", "m").replace("vv", "w")
}

/// The Latin letter that a letter or digit passes for (Unicode Technical Standard 39, confusables: Cyrillic and Greek
/// letters that have the shape of a Latin one, or are taken for it in a hurry).
fn look(c: char) -> char {
    match c {
        '0' | 'о' | 'ο' => 'o',
        '1' | 'i' | '|' | 'і' | 'ї' | 'ı' | 'ӏ' | 'ι' => 'l',
        '5' | 'ѕ' => 's',
        '3' | 'е' | 'ё' | 'з' | 'э' | 'є' | 'ε' => 'e',
        'а' | 'α' => 'a',
        'р' | 'ρ' => 'p',
        'с' | 'ϲ' => 'c',
        'у' | 'ү' | 'γ' => 'y',
        'х' | 'χ' => 'x',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'т' | 'τ' => 't',
        'в' | 'ь' | 'β' => 'b',
        'н' | 'һ' => 'h',
        'ј' => 'j',
        'ԁ' => 'd',
        'ԛ' => 'q',
        'ԝ' | 'ω' | 'ш' => 'w',
        'ѵ' | 'ν' => 'v',
        'п' | 'η' => 'n',
        'и' | 'υ' => 'u',
        'г' => 'r',
        other => other,
    }
}
