//! The addresses in a text: what people copy along with them is taken off, and nothing is guessed.

use std::{borrow::Cow, sync::LazyLock};

use percent_encoding::percent_decode_str;
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::{Refusal, html, lines, markup};

/// Longer inputs are no address of a page, and would only cost time.
const MAX_BYTES: usize = 2_048;
/// Most addresses of a text that are read, to see whether they are all of one page.
const MAX_ADDRESSES: usize = 4;

/// A word that is an address among other words: it has a scheme, or a host and a path.
pub(super) static ADDRESS_LIKE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:[a-z][a-z0-9+-]*:[/\\]|//|[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.\p{L}{2,}(?::\d+)?/)")
});
/// A scheme with its colon as an entity: the whole address was encoded so.
static ENCODED_SCHEME: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bhttps?&(?:#x0*3a|#0*58|colon);"));
/// Most words that may be addresses.
const MAX_LIKELY: usize = 8;
/// A word that begins with a scheme.
static SCHEME_LIKE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^[a-z][a-z0-9+.-]*:[^\s]"));
/// A scheme of the web in the middle of a word.
static SCHEME: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)https?:[/\\]{1,2}"));
/// A host and a path.
static HOST_AND_PATH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.\p{L}{2,}/"));
/// Schemes that run what follows them, or show something else than they name.
static NO_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:javascript|vbscript|livescript|data|blob|file|filesystem|jar|mailto|intent|about|smsto|sms|mms|tel|callto|skype|geo|market|magnet|viber|view-source|feed|ftp|wss?|chrome|resource|res|cid|mid|x-[a-z-]+|ms-[a-z-]+):",
    )
});
/// A host in front of an address: its own is then another one's parameter or path.
static HOST_LIKE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[\p{L}\p{N}][.\u{2024}\u{3002}\u{ff0e}\u{ff61}](?:[a-z]{2,}|xn--[a-z0-9-]+|рф|рус|бел|укр|срб|мкд|қаз)(?:[^\p{L}]|$)",
    )
});
/// An address that was percent-encoded as a whole, once or twice.
static ENCODED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^https?%(?:25)?3A%(?:25)?2F"));

/// Compiles a pattern of this room.
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

/// Text without what nobody sees: zero-width, direction, tag and variation characters; in composed form.
///
/// # Errors
/// When it is too long to be an address.
pub(super) fn visible(raw: &str) -> Result<Cow<'_, str>, Refusal> {
    if raw.len() > MAX_BYTES {
        return Err(Refusal::NotAUrl);
    }
    if raw.is_ascii() && !raw.bytes().any(|byte| byte.is_ascii_control()) {
        return Ok(Cow::Borrowed(raw.trim()));
    }
    let shown = composed(raw);
    Ok(Cow::Owned(shown.trim_matches(|c: char| c.is_whitespace() || c.is_control()).to_owned()))
}

/// Composed form (NFC) of what is seen of a text. The sign of the kelvin stays none of the alphabet: composed, it would
/// be the letter that it imitates.
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

/// What a text holds.
#[derive(Default)]
pub(super) struct Addresses {
    /// Addresses: one, or a few that may be spellings of one.
    pub(super) named: Vec<String>,
    /// Words that may be addresses as well: those of a page contradict the others.
    pub(super) likely: Vec<String>,
    /// All of the text that may hold an address, but for targets of links and what they show; and the same of its tags.
    pub(super) whole: String,
    pub(super) markup: String,
    /// All other words, in lower case and without punctuation.
    pub(super) words: Vec<String>,
}

/// The addresses that a text holds.
///
/// # Errors
/// When it holds none, or too many.
pub(super) fn addresses(text: &str) -> Result<Addresses, Refusal> {
    let text = markup::source(text)?;
    let links = markup::links(&text)?;
    let has_links = !links.targets.is_empty();
    let is_one = !has_links && links.rest.split_whitespace().nth(1).is_none();
    let decoded = match is_one && ENCODED_SCHEME.is_match(&links.rest) {
        true => html::unescaped(&links.rest),
        false => html::without_entities(&links.rest),
    };
    // What is not seen may have stood there as an entity.
    let decoded = if decoded == links.rest { decoded } else { Cow::Owned(composed(&decoded)) };
    // A tab that nobody sees cuts a scheme in two for us, and not for a browser.
    if decoded.contains('\t') && !links.rest.contains('\t') {
        return Err(Refusal::NotAUrl);
    }
    let text = if is_one { decoded_whole(&decoded) } else { decoded };
    let words: Vec<&str> = text.split_whitespace().flat_map(labelled_mention).collect();
    let mut found = match words.as_slice() {
        [] => Addresses::default(),
        [one] if !has_links => Addresses { named: vec![single(one)?], ..Addresses::default() },
        several => among(&text, several)?,
    };
    for target in links.targets {
        // Browsers take tabs and ends of lines out of an address.
        let target: String = target.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
        found.named.push(single(&target)?);
    }
    found.named.sort();
    found.named.dedup();
    // An address alone is read once.
    if !links.markup.is_empty() || found.named.iter().any(|address| *address != *text) {
        (found.whole, found.markup) = (text.into_owned(), links.markup);
    }
    let are_few = (1..=MAX_ADDRESSES).contains(&found.named.len()) && found.likely.len() <= MAX_LIKELY;
    if are_few { Ok(found) } else { Err(Refusal::NotAUrl) }
}

/// Scheme of an app and what follows it, where an address has one.
pub(super) fn app_scheme(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let is_app = !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https");
    let is_scheme = !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'));
    (is_app && is_scheme && !rest.contains("://")).then_some((scheme, rest))
}

/// The addresses among the words of a sentence.
fn among(text: &str, words: &[&str]) -> Result<Addresses, Refusal> {
    let mut found = Addresses::default();
    for (place, raw) in words.iter().enumerate() {
        // An address of which a link is a part is another address.
        let is_glued = raw.contains(markup::LINKED);
        let whole = if is_glued { raw.replace(markup::LINKED, "") } else { String::new() };
        if is_glued && (HOST_LIKE.is_match(&whole) || SCHEME.is_match(raw)) {
            return Err(Refusal::NotAUrl);
        }
        // What holds an address, and cannot be read, contradicts whatever stands beside it.
        let word = match single(raw) {
            Err(refusal) if HOST_LIKE.is_match(raw) || SCHEME.is_match(raw) => return Err(refusal),
            read => read.unwrap_or_default(),
        };
        let is_address = ADDRESS_LIKE.is_match(&word) || (word.starts_with('@') && word.len() > 3);
        // A browser that takes the blanks for a part of the address goes up from there.
        let steps = raw.to_ascii_lowercase().replace("%2e", ".");
        let goes_up = place > 0 && !is_address && (steps.contains("/..") || steps.contains("\\.."));
        if goes_up || (is_address && lines::is_cut(text, words, place)) {
            return Err(Refusal::NotAUrl);
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

/// One word as an address, unless it holds several or was shortened.
fn single(raw: &str) -> Result<String, Refusal> {
    let word = word(raw);
    let mut schemes = SCHEME.find_iter(&word).skip(1);
    let is_list = schemes.any(|scheme| word[..scheme.start()].ends_with([',', ';', '|', ')', ']', '>', '"']));
    let ends_in_dots = raw.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '…'));
    let is_shortened = ends_in_dots.ends_with("..") || ends_in_dots.ends_with('…');
    if is_list || is_shortened { Err(Refusal::NotAUrl) } else { Ok(word) }
}

/// A word without the punctuation around it, the label in front of it and a scheme said twice.
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

/// Where the second scheme begins of an address that has two in a row.
fn doubled_scheme(word: &str) -> Option<usize> {
    let mut schemes = SCHEME.find_iter(word);
    let (first, second) = (schemes.next()?, schemes.next()?);
    (first.start() == 0 && first.end() == second.start()).then_some(second.start())
}

/// Whether the text in front of a scheme is a note such as `ВК:` or `URL:`, and no address of its own.
fn is_label(text: &str) -> bool {
    let is_plain = !text.contains(['/', '\\', '?', '%', '@', '&', '#']);
    is_plain && !HOST_LIKE.is_match(text) && !NO_LABEL.is_match(text)
}

/// Without a label in front of an address without a scheme: `ВК:vk.com/name`, `url:vk.com/name`. One in Latin letters may
/// be a scheme, unless a host and a path follow it.
fn unlabelled(word: &str) -> &str {
    let Some((label, rest)) = word.split_once(':') else { return word };
    let is_word = !label.is_empty() && label.chars().all(char::is_alphabetic);
    let is_latin = label.is_ascii();
    let is_labelled = is_word && (!is_latin || (HOST_AND_PATH.is_match(rest) && !NO_LABEL.is_match(word)));
    if is_labelled { rest } else { word }
}

/// A mention with a label in front of it as two words: `Telegram:@name`.
fn labelled_mention(word: &str) -> impl Iterator<Item = &str> {
    let colon = word.find(":@").filter(|end| *end > 0 && word[..*end].chars().all(char::is_alphabetic));
    let (label, mention) = colon.map_or((None, word), |end| (Some(&word[..end]), &word[end + 1..]));
    label.into_iter().chain([mention])
}

/// Without what opens a quotation, a list or an emphasis.
fn opened(text: &str) -> &str {
    let opening = |c: char| match c {
        '"' | '\'' | '`' | '<' | '>' | '(' | '{' | '*' | '~' | '|' | ',' | ';' | '-' => true,
        other => !other.is_ascii() && !other.is_alphanumeric(),
    };
    let text = text.trim_start_matches(opening);
    // `[` opens a mention as well, whose own closing bracket then stays.
    let text = text
        .strip_prefix('[')
        .filter(|rest| SCHEME.is_match(rest) || ADDRESS_LIKE.is_match(rest))
        .unwrap_or(text);
    let rest = text.trim_start_matches('_');
    let is_address =
        SCHEME.find(rest).is_some_and(|scheme| scheme.start() == 0) || HOST_AND_PATH.is_match(rest);
    if is_address { rest } else { text }
}

/// Without what ends a sentence, a quotation or an emphasis; a bracket that the address opens itself stays.
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

/// Whether a character belongs to the letter before it.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Decodes an address that was percent-encoded as a whole, once or twice.
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
