//! Skeletons of handles: equal for confusable handles.

/// Skeletons of a handle: first of the whole handle; then, if different, of the name in it, which may occur on
/// another host of a federated platform (`@name@host`) or in another form of address (`c/name`).
pub fn skeletons(handle: &str) -> Vec<String> {
    let name = handle.trim_start_matches('@').split('@').next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    let mut skeletons = vec![skeleton(handle), skeleton(name)];
    skeletons.dedup();
    skeletons
}

/// Handle with confusable letters unified and separators removed.
fn skeleton(handle: &str) -> String {
    let is_separator = |c: &char| matches!(c, '_' | '-' | '.' | '@' | '‐' | '‑' | '–' | '—' | '·');
    let plain: String = handle.chars().filter(|c| !is_separator(c)).map(look).collect();
    plain.replace("rn", "m").replace("vv", "w")
}

/// Latin letter that a character is confusable with: digits, and Cyrillic and Greek letters of the same shape
/// (Unicode Technical Standard 39), extended by letters that are easily mistaken for one.
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
