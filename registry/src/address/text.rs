//! Finds the addresses in a text: surrounding punctuation and labels are removed, and nothing is guessed.

use std::{borrow::Cow, sync::LazyLock};

use percent_encoding::percent_decode_str;
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::{AddressError, html, lines, markup};

/// Maximum length of an input; longer ones are refused without parsing.
const MAX_BYTES: usize = 2_048;
/// Maximum number of addresses in a text, which may be spellings of one page.
const MAX_ADDRESSES: usize = 4;

/// A word that is an address inside a sentence: it has a scheme, or a host and a path.
pub(super) static ADDRESS_LIKE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:[a-z][a-z0-9+-]*:[/\\]|//|[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.\p{L}{2,}(?::\d+)?/)")
});
/// A scheme with its colon as a character reference: the whole address is encoded.
static ENCODED_SCHEME: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bhttps?&(?:#x0*3a|#0*58|colon);"));
/// Maximum number of words that may be addresses.
const MAX_LIKELY: usize = 8;
/// A word that begins with a scheme.
static SCHEME_LIKE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^[a-z][a-z0-9+.-]*:[^\s]"));
/// A web scheme inside a word.
static SCHEME: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)https?:[/\\]{1,2}"));
/// A host and a path.
static HOST_AND_PATH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.\p{L}{2,}/"));
/// Schemes that execute their contents, or do not lead to the address that they show.
static NO_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:javascript|vbscript|livescript|data|blob|file|filesystem|jar|mailto|intent|about|smsto|sms|mms|tel|callto|skype|geo|market|magnet|viber|view-source|feed|ftp|wss?|chrome|resource|res|cid|mid|x-[a-z-]+|ms-[a-z-]+):",
    )
});
/// A host before an address: the address is then a parameter or path of that host.
static HOST_LIKE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[\p{L}\p{N}][.\u{2024}\u{3002}\u{ff0e}\u{ff61}](?:[a-z]{2,}|xn--[a-z0-9-]+|рф|рус|бел|укр|срб|мкд|қаз)(?:[^\p{L}]|$)",
    )
});
/// An address that is percent-encoded as a whole, once or twice.
static ENCODED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^https?%(?:25)?3A%(?:25)?2F"));

/// Compiles a constant pattern.
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

/// The text in composed form (NFC) without invisible characters: zero-width, direction, tag and variation
/// characters.
///
/// # Errors
/// When it is too long to be an address.
pub(super) fn visible(raw: &str) -> Result<Cow<'_, str>, AddressError> {
    if raw.len() > MAX_BYTES {
        return Err(AddressError::NotAUrl);
    }
    if raw.is_ascii() && !raw.bytes().any(|byte| byte.is_ascii_control()) {
        return Ok(Cow::Borrowed(raw.trim()));
    }
    let shown = composed(raw);
    Ok(Cow::Owned(shown.trim_matches(|c: char| c.is_whitespace() || c.is_control()).to_owned()))
}

/// The visible characters of a text, in composed form (NFC). The kelvin sign becomes U+FFFD: composed, it
/// would be the letter K.
pub(super) fn composed(text: &str) -> String {
    let seen = text.chars().filter(|c| !is_invisible(*c));
    seen.map(|c| if c == '\u{212a}' { char::REPLACEMENT_CHARACTER } else { c }).nfc().collect()
}

/// Default-ignorable and Bidi_Control characters (Unicode, DerivedCoreProperties and PropList).
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
}

/// Addresses found in a text.
#[derive(Default)]
pub(super) struct Addresses {
    /// Addresses: one, or several that may be spellings of one.
    pub(super) named: Vec<String>,
    /// Words that may be addresses: if one is a page, it contradicts the others.
    pub(super) likely: Vec<String>,
    /// The text that may contain addresses, without link targets and contents of links; and the text of its
    /// tags.
    pub(super) whole: String,
    pub(super) markup: String,
    /// All other words, in lower case and without punctuation.
    pub(super) words: Vec<String>,
}

/// Finds the addresses in a text.
///
/// # Errors
/// When there are none, or too many.
pub(super) fn addresses(text: &str) -> Result<Addresses, AddressError> {
    let text = markup::source(text)?;
    let links = markup::links(&text)?;
    let has_links = !links.targets.is_empty();
    let is_one = !has_links && links.rest.split_whitespace().nth(1).is_none();
    let decoded = match is_one && ENCODED_SCHEME.is_match(&links.rest) {
        true => html::unescaped(&links.rest),
        false => html::without_entities(&links.rest),
    };
    // Decoded character references may be invisible characters.
    let decoded = if decoded == links.rest { decoded } else { Cow::Owned(composed(&decoded)) };
    // A tab from a character reference cuts a scheme in two here, but not in a browser.
    if decoded.contains('\t') && !links.rest.contains('\t') {
        return Err(AddressError::NotAUrl);
    }
    let text = if is_one { decoded_whole(&decoded) } else { decoded };
    let words: Vec<&str> = text.split_whitespace().flat_map(labelled_mention).collect();
    let mut found = match words.as_slice() {
        [] => Addresses::default(),
        [one] if !has_links => Addresses { named: vec![single(one)?], ..Addresses::default() },
        several => among(&text, several)?,
    };
    for target in links.targets {
        // Browsers remove tabs and line breaks from an address.
        let target: String = target.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
        found.named.push(single(&target)?);
    }
    found.named.sort();
    found.named.dedup();
    // A text that is just the address needs no further check.
    if !links.markup.is_empty() || found.named.iter().any(|address| *address != *text) {
        (found.whole, found.markup) = (text.into_owned(), links.markup);
    }
    let are_few = (1..=MAX_ADDRESSES).contains(&found.named.len()) && found.likely.len() <= MAX_LIKELY;
    if are_few { Ok(found) } else { Err(AddressError::NotAUrl) }
}

/// App scheme of an address and the text after it, if any.
pub(super) fn app_scheme(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let is_app = !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https");
    let is_scheme = !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'));
    (is_app && is_scheme && !rest.contains("://")).then_some((scheme, rest))
}

/// Finds the addresses among the words of a sentence.
fn among(text: &str, words: &[&str]) -> Result<Addresses, AddressError> {
    let mut found = Addresses::default();
    for (index, raw) in words.iter().enumerate() {
        // An address that contains a link is another address.
        let is_glued = raw.contains(markup::LINKED);
        let whole = if is_glued { raw.replace(markup::LINKED, "") } else { String::new() };
        if is_glued && (HOST_LIKE.is_match(&whole) || SCHEME.is_match(raw)) {
            return Err(AddressError::NotAUrl);
        }
        // A word that contains an address but cannot be parsed contradicts all others.
        let word = match single(raw) {
            Err(refusal) if HOST_LIKE.is_match(raw) || SCHEME.is_match(raw) => return Err(refusal),
            read => read.unwrap_or_default(),
        };
        let is_address = ADDRESS_LIKE.is_match(&word) || (word.starts_with('@') && word.len() > 3);
        // A browser that treats the blanks as part of the address would go up the path here.
        let steps = raw.to_ascii_lowercase().replace("%2e", ".");
        let goes_up = index > 0 && !is_address && (steps.contains("/..") || steps.contains("\\.."));
        if goes_up || (is_address && lines::is_cut(text, words, index)) {
            return Err(AddressError::NotAUrl);
        }
        match is_address {
            true => found.named.push(word),
            false if HOST_LIKE.is_match(raw) || SCHEME_LIKE.is_match(raw) => found.likely.push(word),
            false => found.words.extend(self::words(raw)),
        }
    }
    Ok(found)
}

/// Words of a text in lower case, without punctuation.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// One word as an address, unless it contains several or is truncated.
fn single(raw: &str) -> Result<String, AddressError> {
    let word = word(raw);
    let mut schemes = SCHEME.find_iter(&word).skip(1);
    let is_list = schemes.any(|scheme| word[..scheme.start()].ends_with([',', ';', '|', ')', ']', '>', '"']));
    let ends_in_dots = raw.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '…'));
    let is_shortened = ends_in_dots.ends_with("..") || ends_in_dots.ends_with('…');
    if is_list || is_shortened { Err(AddressError::NotAUrl) } else { Ok(word) }
}

/// A word without surrounding punctuation, a label before it, and a duplicated scheme.
fn word(raw: &str) -> String {
    let mut word = opened(raw);
    if let Some(scheme) = SCHEME.find(word).filter(|scheme| scheme.start() > 0)
        && is_label(&word[..scheme.start()])
    {
        word = &word[scheme.start()..];
    }
    word = unlabelled(word);
    while let Some(second) = doubled_scheme(word) {
        word = &word[second..];
    }
    let is_italic = raw.trim_start().starts_with('_') && raw.trim_end().ends_with('_');
    closed(word, is_italic).to_owned()
}

/// Start of the second scheme of an address that has two in a row.
fn doubled_scheme(word: &str) -> Option<usize> {
    let mut schemes = SCHEME.find_iter(word);
    let (first, second) = (schemes.next()?, schemes.next()?);
    (first.start() == 0 && first.end() == second.start()).then_some(second.start())
}

/// Whether the text before a scheme is a label such as `ВК:` or `URL:`, and not an address.
fn is_label(text: &str) -> bool {
    let is_plain = !text.contains(['/', '\\', '?', '%', '@', '&', '#']);
    is_plain && !HOST_LIKE.is_match(text) && !NO_LABEL.is_match(text)
}

/// Removes the label of an address without a scheme: `ВК:vk.com/name`, `url:vk.com/name`. A Latin label may
/// be a scheme, unless a host and a path follow it.
fn unlabelled(word: &str) -> &str {
    let Some((label, rest)) = word.split_once(':') else { return word };
    let is_word = !label.is_empty() && label.chars().all(char::is_alphabetic);
    let is_latin = label.is_ascii();
    let is_labelled = is_word && (!is_latin || (HOST_AND_PATH.is_match(rest) && !NO_LABEL.is_match(word)));
    if is_labelled { rest } else { word }
}

/// Splits a labelled mention into two words: `Telegram:@name`.
fn labelled_mention(word: &str) -> impl Iterator<Item = &str> {
    let colon = word.find(":@").filter(|end| *end > 0 && word[..*end].chars().all(char::is_alphabetic));
    let (label, mention) = colon.map_or((None, word), |end| (Some(&word[..end]), &word[end + 1..]));
    label.into_iter().chain([mention])
}

/// Removes characters that open a quotation, a list or emphasis.
fn opened(text: &str) -> &str {
    let opening = |c: char| match c {
        '"' | '\'' | '`' | '<' | '>' | '(' | '{' | '*' | '~' | '|' | ',' | ';' | '-' => true,
        other => !other.is_ascii() && !other.is_alphanumeric(),
    };
    let text = text.trim_start_matches(opening);
    // `[` also opens a mention, whose own closing bracket then stays.
    let text = text
        .strip_prefix('[')
        .filter(|rest| SCHEME.is_match(rest) || ADDRESS_LIKE.is_match(rest))
        .unwrap_or(text);
    let rest = text.trim_start_matches('_');
    let is_address =
        SCHEME.find(rest).is_some_and(|scheme| scheme.start() == 0) || HOST_AND_PATH.is_match(rest);
    if is_address { rest } else { text }
}

/// Removes characters that end a sentence, a quotation or emphasis; closing brackets that the address opens
/// itself stay.
pub(super) fn closed(mut text: &str, is_italic: bool) -> &str {
    loop {
        let Some(last) = text.chars().next_back() else { return text };
        let goes = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '"' | '\'' | '`' | '*' | '~' | '|' | '>' | '<' | '\\' => true,
            '_' => is_italic,
            ')' => text.matches(')').count() > text.matches('(').count(),
            ']' => text.matches(']').count() > text.matches('[').count(),
            '}' => text.matches('}').count() > text.matches('{').count(),
            other if other.is_ascii() => other.is_control(),
            other => !other.is_alphanumeric() && !is_mark(other),
        };
        if !goes {
            return text;
        }
        text = &text[..text.len() - last.len_utf8()];
    }
}

/// Whether a character combines with the one before it.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Decodes an address that is percent-encoded as a whole, once or twice.
fn decoded_whole(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..2 {
        if !ENCODED.is_match(&text) {
            break;
        }
        let Ok(decoded) = percent_decode_str(&text).decode_utf8() else { break };
        text = Cow::Owned(decoded.into_owned());
    }
    text
}
