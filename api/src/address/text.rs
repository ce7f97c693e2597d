//! The address in a text: what people copy along with it is taken off, and nothing is guessed.

use std::{borrow::Cow, sync::LazyLock};

use percent_encoding::percent_decode_str;
use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

use super::Refusal;

/// Longer inputs are no address of a page, and would only cost time.
const MAX_BYTES: usize = 2_048;

/// Targets of links in Markdown, HTML and BBCode. The link's own text says nothing of where it leads.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\]\(\s*<?(?P<markdown>[^)\s>]+)|<a\b[^>]*?\shref\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>"']+))|\[url(?:=["']?(?P<bbcode>[^\]"']+)["']?|\](?P<plain>[^\[]+))"#,
    )
});
/// A word that is an address among other words: it has a scheme, or a host and a path.
static ADDRESS_LIKE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:[a-z][a-z0-9+-]*:[/\\]|//|[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+(?::\d+)?/)")
});
/// A scheme of the web in the middle of a word.
static SCHEME: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)https?:[/\\]{1,2}"));
/// Schemes that run what follows them, or show something else than they name.
static NO_LABEL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:javascript|vbscript|data|blob|file|mailto|intent|about):"));
static HOST_LIKE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)[a-z0-9]\.[a-z]"));

/// Compiles a pattern of this file.
fn pattern(text: &str) -> Regex {
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
    let shown: String = raw.chars().filter(|c| !is_invisible(*c)).nfc().collect();
    Ok(Cow::Owned(shown.trim_matches(|c: char| c.is_whitespace() || c.is_control()).to_owned()))
}

/// Default-ignorable and Bidi_Control characters (Unicode, DerivedCoreProperties and PropList).
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
}

/// The one address that a text holds.
///
/// # Errors
/// When it holds none, or several that differ.
pub(super) fn address(text: &str) -> Result<String, Refusal> {
    let text = unescaped(text);
    let mut links = LINK.captures_iter(&text).filter_map(target);
    if let Some(first) = links.next() {
        return if links.all(|other| other == first) { Ok(word(&first)) } else { Err(Refusal::NotAUrl) };
    }
    let text = decoded_whole(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [] => Err(Refusal::NotAUrl),
        [one] => single(one),
        several => among(several),
    }
}

fn target(link: Captures<'_>) -> Option<String> {
    let found = link.iter().skip(1).flatten().next()?;
    Some(found.as_str().trim().to_owned())
}

/// Scheme of an app and what follows it, where an address has one.
pub(super) fn app_scheme(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let is_app = !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https");
    let is_scheme = !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'));
    (is_app && is_scheme && !rest.contains("://")).then_some((scheme, rest))
}

/// The address among the words of a sentence.
fn among(words: &[&str]) -> Result<String, Refusal> {
    let mut found: Option<(usize, String)> = None;
    for (place, raw) in words.iter().enumerate() {
        let word = single(raw).unwrap_or_default();
        let is_address = ADDRESS_LIKE.is_match(&word) || (word.starts_with('@') && word.len() > 3);
        match &found {
            _ if !is_address => {}
            Some((_, known)) if *known == word => {}
            Some(_) => return Err(Refusal::NotAUrl),
            None => found = Some((place, word)),
        }
    }
    let (place, address) = found.ok_or(Refusal::NotAUrl)?;
    // An address that a space or a line break has cut in two must not be read as its first half.
    let is_closed =
        !words[place].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '-' | '='));
    let goes_on = |next: &&str| {
        next.starts_with(|c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '.' | '%' | '?' | '&' | '=')
        })
    };
    match words.get(place + 1) {
        Some(next) if goes_on(next) && !is_closed => Err(Refusal::NotAUrl),
        _ => Ok(address),
    }
}

/// One word as an address, unless it holds several.
fn single(raw: &str) -> Result<String, Refusal> {
    let word = word(raw);
    let mut schemes = SCHEME.find_iter(&word).skip(1);
    let is_list = schemes.any(|scheme| word[..scheme.start()].ends_with([',', ';', '|', ')', ']', '>', '"']));
    if is_list { Err(Refusal::NotAUrl) } else { Ok(word) }
}

/// A word without the punctuation around it, the label in front of it and a scheme said twice.
fn word(raw: &str) -> String {
    let mut word = opened(raw);
    if let Some(scheme) = SCHEME.find(word).filter(|scheme| scheme.start() > 0)
        && is_label(&word[..scheme.start()])
    {
        word = &word[scheme.start()..];
    }
    while let Some(second) = SCHEME.find_iter(word).nth(1).filter(|second| {
        SCHEME.find(word).is_some_and(|first| first.start() == 0 && first.end() == second.start())
    }) {
        word = &word[second.start()..];
    }
    let is_italic = raw.trim_start().starts_with('_') && raw.trim_end().ends_with('_');
    closed(word, is_italic).to_owned()
}

/// Whether the text in front of a scheme is a note such as `ВК:` or `URL:`, and no address of its own.
fn is_label(text: &str) -> bool {
    let is_plain = !text.contains(['/', '\\', '?', '%', '@', '&', '#']);
    is_plain && !HOST_LIKE.is_match(text) && !NO_LABEL.is_match(text)
}

/// Without what opens a quotation, a list or an emphasis.
fn opened(text: &str) -> &str {
    let opening = |c: char| {
        c.is_whitespace()
            || matches!(c, '«' | '»' | '"' | '\'' | '`' | '<' | '>' | '(' | '{' | '*' | '~' | '|' | '•' | '·')
            || matches!(c, '“' | '”' | '„' | '‘' | '’' | ',' | ';' | '-' | '–' | '—' | '→' | '‹')
    };
    let text = text.trim_start_matches(opening);
    // `[` opens a mention as well, whose own closing bracket then stays.
    let text = text
        .strip_prefix('[')
        .filter(|rest| SCHEME.is_match(rest) || ADDRESS_LIKE.is_match(rest))
        .unwrap_or(text);
    let rest = text.trim_start_matches('_');
    if SCHEME.find(rest).is_some_and(|scheme| scheme.start() == 0) { rest } else { text }
}

/// Without what ends a sentence, a quotation or an emphasis; a bracket that the address opens itself stays.
fn closed(mut text: &str, is_italic: bool) -> &str {
    loop {
        let Some(last) = text.chars().next_back() else { return text };
        let goes = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '"' | '\'' | '`' | '*' | '~' | '|' | '…' | '>' | '<' => {
                true
            }
            '»' | '«' | '“' | '”' | '„' | '‘' | '’' | '›' | '\\' => true,
            '_' => is_italic,
            ')' => text.matches(')').count() > text.matches('(').count(),
            ']' => text.matches(']').count() > text.matches('[').count(),
            '}' => text.matches('}').count() > text.matches('{').count(),
            other => other.is_whitespace() || other.is_control(),
        };
        if !goes {
            return text;
        }
        text = &text[..text.len() - last.len_utf8()];
    }
}

/// With the entities of HTML that addresses meet resolved.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut text = text.to_owned();
    for (entity, character) in [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&#47;", "/"),
        ("&#x2F;", "/"),
        ("&amp;", "&"),
        ("&#38;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    Cow::Owned(text)
}

/// Decodes an address that was percent-encoded as a whole, once or twice: it has no slash of its own.
fn decoded_whole(mut text: Cow<'_, str>) -> Cow<'_, str> {
    for _ in 0..2 {
        let is_whole = !text.contains('/') && {
            let folded = text.to_ascii_lowercase();
            folded.contains("%2f") || folded.contains("%252f")
        };
        if !is_whole {
            break;
        }
        let Ok(decoded) = percent_decode_str(&text).decode_utf8() else { break };
        text = Cow::Owned(decoded.into_owned());
    }
    text
}
