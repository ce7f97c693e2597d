//! Link targets in HTML, Markdown, BBCode and wiki text: the text of a link does not determine its target.

use std::{borrow::Cow, sync::LazyLock};

use regex::{Captures, Regex};

use super::{
    AddressError,
    html::{TAG, html, joined, unescaped},
    text::pattern,
};

/// Beginning of a link in Markdown, BBCode and wiki text.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?P<markdown>\]\()|\[(?P<bbcode>url|link|a)=|\[(?P<plain>url|link|a)\]|(?P<wiki>[\[<])https?://[^|\s\]>]+\|",
    )
});
/// BBCode tags that format their contents, and any other tag with a value.
static FORMATTING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\[(?:/[a-z]+|b|i|u|s|size|colou?r|font|quote|spoiler|center|left|right|list|code|(?P<tag>[a-z]+)=(?P<value>[^\]\n]*))\]",
    )
});
/// BBCode tags that are links.
const LINKS: [&str; 3] = ["url", "link", "a"];
/// A hyperlink formula of a spreadsheet.
static FORMULA: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?i)^=(?:HYPERLINK|ГИПЕРССЫЛКА)\(\s*"([^"]+)"\s*(?:[,;]\s*(?:"[^"]*"|[a-z]{1,3}\d+)\s*)?\)$"#)
});
/// Beginning of an escaped HTML link.
static ESCAPED_LINK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)&lt;a\s[^<>]*href"));
/// An image in Markdown, which may be the content of a link.
static IMAGE: LazyLock<Regex> = LazyLock::new(|| pattern(r"!\[(?P<shown>[^\]]*)\]\((?P<source>[^)]*)\)"));
/// Placeholder for a link in the text.
pub(super) const LINKED: char = '\u{fffc}';

/// Links of a text, and the text without them.
pub(super) struct Links<'a> {
    pub(super) targets: Vec<String>,
    pub(super) rest: Cow<'a, str>,
    /// Tags that are not links, and contents of links that contain markup.
    pub(super) markup: String,
}

/// The text, or the link source in a spreadsheet formula or in escaped HTML.
///
/// # Errors
/// When a formula computes an address.
pub(super) fn source(text: &str) -> Result<Cow<'_, str>, AddressError> {
    match FORMULA.captures(text).and_then(|link| link.get(1)) {
        Some(address) => Ok(Cow::Borrowed(address.as_str())),
        None if text.starts_with('=') && text.contains('(') => Err(AddressError::NotAUrl),
        None if ESCAPED_LINK.is_match(text) => Ok(with_tags(text).into()),
        None => Ok(Cow::Borrowed(text)),
    }
}

/// Extracts the links of a text; no targets if it has no links.
///
/// # Errors
/// When a link has no target, or an ambiguous one.
pub(super) fn links(text: &str) -> Result<Links<'_>, AddressError> {
    let (mut targets, mut markup) = (Vec::new(), String::new());
    let text = match text.contains('<') {
        true => html(text, &mut targets, &mut markup)?.into(),
        false => Cow::Borrowed(text),
    };
    if !text.contains(['[', '|']) {
        return Ok(Links { targets, rest: text, markup });
    }
    let text = joined(&without_formatting(&text, &mut markup));
    let text = IMAGE.replace_all(&text, |found: &Captures<'_>| {
        markup.push_str(&format!(" {} {} ", &found["shown"], &found["source"]));
        "image"
    });
    let (mut rest, mut here) = (String::new(), 0);
    while let Some(found) = LINK.captures_at(&text, here) {
        let link = bracketed(&text, here, &found)?;
        if link.shown.contains(['[', '<', '|']) {
            markup.push_str(&format!(" {} ", link.shown));
        }
        markup.push_str(&format!(" {} ", link.tail));
        rest.push_str(&text[here..link.start]);
        rest.push(LINKED);
        targets.push(unescaped(&link.target).into_owned());
        here = link.end;
    }
    rest.push_str(&text[here..]);
    Ok(Links { targets, rest: rest.into(), markup })
}

/// Replaces BBCode tags that are not links by placeholders.
fn without_formatting<'a>(text: &'a str, markup: &mut String) -> Cow<'a, str> {
    FORMATTING.replace_all(text, |found: &Captures<'_>| {
        let (whole, tag) = (&found[0], found.name("tag").map_or("", |tag| tag.as_str()));
        let closes = |name: &&str| {
            whole.get(2..).is_some_and(|rest| rest.trim_end_matches(']').eq_ignore_ascii_case(name))
        };
        let is_link = LINKS.iter().any(|name| name.eq_ignore_ascii_case(tag));
        if is_link || (whole.starts_with("[/") && LINKS.iter().any(closes)) {
            return whole.to_owned();
        }
        markup.push_str(&format!(" {} ", found.name("value").map_or("", |value| value.as_str())));
        TAG.to_string()
    })
}

/// A link: its range in the text, its target and its contents.
struct Bracketed {
    start: usize,
    end: usize,
    target: String,
    shown: String,
    /// Text after the target, before the end of the link.
    tail: String,
}

/// Parses one link that begins with a bracket, in the text from `here` on.
fn bracketed(text: &str, here: usize, found: &Captures<'_>) -> Result<Bracketed, AddressError> {
    let whole = found.get(0).ok_or(AddressError::NotAUrl)?;
    let (mut start, after) = (whole.start(), &text[whole.end()..]);
    let (mut label, mut tail) = ("", String::new());
    let (target, length) = if found.name("markdown").is_some() {
        let end = start;
        start = text[here..start].rfind('[').map_or(start, |offset| here + offset);
        label = &text[start + usize::from(start < end)..end];
        let (target, length, behind) = markdown(after);
        tail = behind;
        (target, length)
    } else if let Some(tag) = found.name("bbcode") {
        let (target, length) = attribute(after)?;
        let shown = shown(&after[length..], tag.as_str());
        label = &after[length..length + shown];
        (target, length + shown)
    } else if let Some(tag) = found.name("plain") {
        let length = after.find('[').unwrap_or(after.len());
        (after[..length].trim().to_owned(), length + shown(&after[length..], tag.as_str()))
    } else {
        // Some wikis treat the bar as part of the address.
        if after.starts_with(['/', '.', '?', '#', '%', '&', '=', '\\']) {
            return Err(AddressError::NotAUrl);
        }
        let close = if whole.as_str().starts_with('[') { ']' } else { '>' };
        let length = after.find(close).map_or(after.len(), |end| end + 1);
        // Some wikis have the target after the bar.
        label = &text[whole.end() - 1..whole.end() + length];
        (whole.as_str()[1..whole.as_str().len() - 1].to_owned(), length)
    };
    let shown = label
        .strip_suffix(']')
        .map_or(label, |label| label.rsplit_once("[/").map_or(label, |it| it.0))
        .to_owned();
    Ok(Bracketed { start, end: whole.end() + length, target, shown, tail })
}

/// Target of a Markdown link, its length including the closing bracket, and the text before that bracket,
/// parsed as in CommonMark (0.31.2, 6.3).
fn markdown(text: &str) -> (String, usize, String) {
    let begin = text.len() - text.trim_start().len();
    let is_pointed = text[begin..].starts_with('<');
    let (mut target, mut depth, mut end) = (String::new(), 0, text.len());
    let mut chars = text[begin..].char_indices().skip(usize::from(is_pointed)).peekable();
    while let Some((offset, letter)) = chars.next() {
        let escaped = chars.peek().filter(|(_, next)| letter == '\\' && next.is_ascii_punctuation());
        if let Some((_, next)) = escaped {
            target.push(*next);
            chars.next();
            continue;
        }
        let ends = match letter {
            '>' => is_pointed,
            '(' | ')' if is_pointed => false,
            ')' => depth == 0,
            // In CommonMark, only ASCII blanks and control characters end a target.
            other => (other == ' ' || other.is_ascii_control()) && !is_pointed,
        };
        if ends {
            end = begin + offset;
            break;
        }
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        target.push(letter);
    }
    let close = text[end..].find(')').map_or(text.len(), |close| end + close);
    (target, text.len().min(close + 1), text[end..close].to_owned())
}

/// Value of a BBCode tag, and its length including the closing bracket.
fn attribute(text: &str) -> Result<(String, usize), AddressError> {
    let close = text.find(']').ok_or(AddressError::NotAUrl)?;
    let value = text[..close].trim();
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let (value, rest) = value[1..].split_once(quote).ok_or(AddressError::NotAUrl)?;
            if rest.trim().is_empty() { value } else { return Err(AddressError::NotAUrl) }
        }
        _ if value.contains(char::is_whitespace) => return Err(AddressError::NotAUrl),
        _ => value,
    };
    Ok((value.to_owned(), close + 1))
}

/// Length of the contents of a BBCode tag, including its end tag.
fn shown(text: &str, tag: &str) -> usize {
    let end = format!("[/{}]", tag.to_ascii_lowercase());
    text.to_ascii_lowercase().find(&end).map_or(0, |offset| offset + end.len())
}

/// Decodes the tags of an escaped source; character references in its text stay.
fn with_tags(text: &str) -> String {
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'")];
    signs.iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}
