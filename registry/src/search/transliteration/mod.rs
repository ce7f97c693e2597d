//! Transliteration between Cyrillic and Latin, and wrong keyboard layouts.

use unicode_normalization::char::{decompose_canonical, decompose_compatible, is_combining_mark};

/// Transliteration of Cyrillic letters to the normalised spelling of [`plain`].
const LATIN: [(char, &str); 44] = [
    ('а', "a"),
    ('б', "b"),
    ('в', "v"),
    ('г', "g"),
    ('д', "d"),
    ('е', "e"),
    ('ё', "e"),
    ('ж', "zh"),
    ('з', "z"),
    ('и', "i"),
    ('й', "i"),
    ('к', "k"),
    ('л', "l"),
    ('м', "m"),
    ('н', "n"),
    ('о', "o"),
    ('п', "p"),
    ('р', "r"),
    ('с', "s"),
    ('т', "t"),
    ('у', "u"),
    ('ф', "f"),
    ('х', "h"),
    ('ц', "ts"),
    ('ч', "ch"),
    ('ш', "sh"),
    ('щ', "sh"),
    ('ъ', ""),
    ('ы', "i"),
    ('ь', ""),
    ('э', "e"),
    ('ю', "iu"),
    ('я', "ia"),
    // Letters of other Cyrillic alphabets.
    ('і', "i"),
    ('ї', "i"),
    ('є', "ie"),
    ('ґ', "g"),
    ('ў', "u"),
    ('ђ', "d"),
    ('ј', "i"),
    ('љ', "li"),
    ('њ', "ni"),
    ('ћ', "k"),
    ('џ', "dz"),
];

/// Normalisation of Latin spellings by [`plain`]; longer ones first.
const PLAIN: [(&str, &str); 20] = [
    ("shch", "sh"),
    ("sch", "sh"),
    ("ch", "ch"),
    ("kh", "h"),
    ("ph", "f"),
    ("ck", "k"),
    ("qu", "kv"),
    ("tz", "ts"),
    ("ya", "ia"),
    ("ja", "ia"),
    ("yu", "iu"),
    ("ju", "iu"),
    ("yo", "e"),
    ("jo", "e"),
    ("ye", "e"),
    ("x", "ks"),
    ("w", "v"),
    ("c", "k"),
    ("y", "i"),
    ("j", "i"),
];

/// Transliteration from Latin to Russian; longer ones first.
const RUSSIAN: [(&str, &str); 44] = [
    ("shch", "щ"),
    ("sch", "щ"),
    ("shh", "щ"),
    ("cz", "ц"),
    ("ck", "цк"),
    ("ce", "це"),
    ("ci", "ци"),
    ("cy", "цы"),
    ("zh", "ж"),
    ("kh", "х"),
    ("ts", "ц"),
    ("tz", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("iya", "ия"),
    ("iy", "ий"),
    ("yy", "ый"),
    ("ya", "я"),
    ("ja", "я"),
    ("ia", "ия"),
    ("yu", "ю"),
    ("ju", "ю"),
    ("ye", "е"),
    ("a", "а"),
    ("b", "б"),
    ("c", "к"),
    ("d", "д"),
    ("e", "е"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "х"),
    ("i", "и"),
    ("j", "й"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("v", "в"),
];

/// Keys of the Latin and the Russian keyboard layout at the same positions.
/// Symbols that need Shift on the Latin layout come last.
const KEYS: [&str; 2] =
    ["qwertyuiop[]asdfghjkl;'zxcvbnm,.`{}:\"<>~", "йцукенгшщзхъфывапролджэячсмитьбюёхъжэбюё"];

/// Code points of the zeros of other scripts: Arabic, Persian, Devanagari, Bengali.
const ZEROS: [u32; 4] = [0x660, 0x6f0, 0x966, 0x9e6];

/// Letters without a Unicode decomposition, and their common replacements.
const STROKES: [(char, &str); 12] = [
    ('đ', "d"),
    ('ð', "d"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ł', "l"),
    ('ø', "o"),
    ('œ', "oe"),
    ('æ', "ae"),
    ('ß', "ss"),
    ('þ', "th"),
    ('ŧ', "t"),
    ('ё', "е"),
];

/// Maps full-width and mathematical letters and digits of other scripts to their standard form; `None` for invisible
/// characters.
pub(super) fn standard(sign: char) -> Option<char> {
    match sign {
        ..='\u{ac}' | '\u{400}'..='\u{52f}' => Some(sign),
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => None,
        '\u{3164}' | '\u{ffa0}' => Some(' '),
        '\u{ff01}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d7ff}' => {
            let mut written = sign;
            decompose_compatible(sign, |letter| written = letter);
            Some(written)
        }
        _ => {
            let digit =
                ZEROS.iter().find_map(|zero| u32::from(sign).checked_sub(*zero).filter(|digit| *digit < 10));
            digit.map_or(Some(sign), |digit| char::from_digit(digit, 10))
        }
    }
}

/// A lower-case letter without its accent; й stays й.
pub(super) fn without_accent(letter: char) -> impl Iterator<Item = char> {
    let is_ascii = letter.is_ascii();
    let plain =
        STROKES.iter().find(|(accented, _)| !is_ascii && *accented == letter).map(|(_, plain)| *plain);
    let own = plain.is_none().then(|| if is_ascii { letter } else { base_letter(letter) });
    plain.unwrap_or_default().chars().chain(own)
}

/// Base letter of an accented letter. Cyrillic letters are not changed: with a breve or two dots they are separate
/// letters.
fn base_letter(letter: char) -> char {
    if matches!(letter, '\u{400}'..='\u{52f}') {
        return letter;
    }
    let (mut base, mut is_accented) = (None, true);
    decompose_canonical(letter, |part| match base {
        None => base = Some(part),
        Some(_) => is_accented &= is_combining_mark(part),
    });
    base.filter(|_| is_accented).unwrap_or(letter)
}

/// Whether a word has a Russian letter (lower case).
pub(super) fn is_russian(word: &str) -> bool {
    word.chars().any(|c| matches!(c, 'а'..='я' | 'ё'))
}

/// Normalised Latin spelling of a word, equal for all its spellings: `ministerstvo`, `ministerstwo`, `министерство`.
pub(super) fn plain(word: &str) -> String {
    let latin = if is_russian(word) { romanized(word) } else { replaced(word, &PLAIN) };
    let mut plain = String::with_capacity(latin.len());
    let mut letters = latin.chars().peekable();
    while let Some(letter) = letters.next() {
        let mut times = 1;
        while letters.next_if_eq(&letter).is_some() {
            times += 1;
        }
        // Doubled letters become single: spellings differ between languages. Three or more are kept.
        if times == 2 && !letter.is_ascii_digit() {
            times = 1;
        }
        plain.extend(std::iter::repeat_n(letter, times));
    }
    plain
}

fn romanized(word: &str) -> String {
    let mut latin = String::with_capacity(word.len());
    for letter in word.chars() {
        match LATIN.iter().find(|(russian, _)| *russian == letter) {
            Some((_, written)) => latin.push_str(written),
            None => latin.push(letter),
        }
    }
    latin
}

/// Transliterates a Latin word to Russian, so that the Russian stemmer can be used.
pub(super) fn russian(word: &str) -> String {
    let russian = replaced(word, &RUSSIAN);
    // `y` is й after a vowel, and ы elsewhere.
    let vowel = |c: char| "аеиоуэюя".contains(c);
    let mut last = ' ';
    let letters = russian.chars().map(|letter| {
        let letter = match letter {
            'y' if vowel(last) => 'й',
            'y' => 'ы',
            'w' => 'в',
            'x' => 'х',
            'q' => 'к',
            'z' => 'з',
            other => other,
        };
        last = letter;
        letter
    });
    letters.collect()
}

fn replaced(word: &str, table: &[(&str, &str)]) -> String {
    let mut result = String::with_capacity(word.len());
    let mut rest = word;
    'letters: while let Some(letter) = rest.chars().next() {
        for (from, to) in table {
            if let Some(after) = rest.strip_prefix(from) {
                result.push_str(to);
                rest = after;
                continue 'letters;
            }
        }
        result.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    result
}

/// The text typed with the same keys in the other keyboard layout; `None` if it is equal.
pub(super) fn other_layout(text: &str) -> Option<String> {
    let [latin, russian] = KEYS;
    let is_russian = text.chars().any(|c| matches!(c, 'а'..='я' | 'ё'));
    let (from, to) = if is_russian { (russian, latin) } else { (latin, russian) };
    let other = text.chars().map(|key| match from.chars().position(|known| known == key) {
        Some(index) => to.chars().nth(index).unwrap_or(key),
        None => key,
    });
    let other: String = other.collect();
    (other != text).then_some(other)
}

#[cfg(test)]
mod tests;
