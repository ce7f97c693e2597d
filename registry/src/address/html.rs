//! HTML: links and their targets, other tags, character references.

use std::{borrow::Cow, sync::LazyLock};

use regex::{Captures, Regex};

use super::{AddressError, markup::LINKED, text::pattern};

/// An HTML character reference, by name or number.
static ENTITY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]*);"));
/// Placeholder for a tag that does not break a line: the text on both sides of it is shown as one word.
pub(super) const TAG: char = '\u{fdd0}';
/// Tags that break a line.
const BLOCKS: [&str; 36] = [
    "br",
    "p",
    "div",
    "li",
    "td",
    "th",
    "tr",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "table",
    "tbody",
    "thead",
    "section",
    "article",
    "header",
    "footer",
    "blockquote",
    "pre",
    "figure",
    "figcaption",
    "nav",
    "main",
    "aside",
    "address",
    "center",
    "option",
];

/// Decodes HTML character references, once.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    html_escape::decode_html_entities(text)
}

/// Decodes the character references of separators, and `&amp;`; in plain text, browsers leave the others as
/// they are.
pub(super) fn without_entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    ENTITY.replace_all(text, |found: &Captures<'_>| {
        let entity = &found[0];
        let decoded = html_escape::decode_html_entities(entity);
        let is_of_address =
            decoded.contains(|c: char| c.is_alphanumeric() || "/\\?#=_.:@%-+~".contains(c) || c == '\t');
        if is_of_address && decoded != entity { entity.to_owned() } else { decoded.into_owned() }
    })
}

/// Separators inside a tag (HTML, 13.2.5).
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

/// Extracts all `<a …>` elements with their contents; returns the text without them.
pub(super) fn html(
    text: &str,
    targets: &mut Vec<String>,
    markup: &mut String,
) -> Result<String, AddressError> {
    let mut without = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        without.push_str(&rest[..start]);
        let tag = &rest[start + 1..];
        let is_tag = |name: &str| {
            let head = tag.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name));
            head.is_some() && tag[name.len()..].starts_with(|c: char| is_blank(c) || c == '/')
        };
        // A base changes the targets of relative links.
        if is_tag("base") {
            return Err(AddressError::NotAUrl);
        }
        if !is_tag("a") {
            rest = other_tag(tag, &mut without, markup);
            continue;
        }
        let (target, after) = href(&tag[1..], markup);
        targets.push(unescaped(target.ok_or(AddressError::NotAUrl)?).into_owned());
        without.push(LINKED);
        let after = after.strip_prefix('>').unwrap_or(after);
        let (shown, behind) = link_end(after).unwrap_or((after, after));
        // The text of a link is not its target, but a tag inside the link may lead elsewhere.
        let tags = shown.split('<').skip(1).filter_map(|tag| tag.split('>').next());
        tags.for_each(|tag| markup.push_str(&format!(" {} ", unescaped(tag))));
        rest = behind;
    }
    without.push_str(rest);
    Ok(joined(&without))
}

/// Replaces a tag that is not a link, given without its `<`; returns the text after it.
fn other_tag<'a>(tag: &'a str, without: &mut String, markup: &mut String) -> &'a str {
    // Other tags show no text of their own; what is not a tag is text.
    let end = tag.find('>').filter(|_| is_plain_tag(tag));
    end.into_iter().for_each(|end| markup.push_str(&format!(" {} ", unescaped(&tag[..end]))));
    without.push(if end.is_none() {
        '<'
    } else if is_block(tag) {
        ' '
    } else {
        TAG
    });
    end.map_or(tag, |end| &tag[end + 1..])
}

/// Whether a tag, given without its `<`, breaks a line.
fn is_block(tag: &str) -> bool {
    let name = tag.trim_start_matches('/');
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(name))
}

/// Replaces placeholders of tags: inside a word with the link placeholder, elsewhere with a blank.
pub(super) fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(TAG) {
        joined.push_str(&rest[..start]);
        rest = rest[start..].trim_start_matches(TAG);
        let is_part = |c: char| c.is_alphanumeric() || "_/%-~=&?#@".contains(c);
        let mut next = rest.chars();
        let goes_on = match next.next() {
            Some('.') => next.next().is_some_and(char::is_alphanumeric),
            next => next.is_some_and(is_part),
        };
        let is_one = goes_on && joined.ends_with(is_part);
        joined.push(if is_one { LINKED } else { ' ' });
    }
    joined.push_str(rest);
    joined
}

/// Contents of an HTML link, and the text after it.
fn link_end(text: &str) -> Option<(&str, &str)> {
    let lower = text.to_ascii_lowercase();
    let ends = lower.match_indices("</a").map(|(start, _)| start);
    let start = ends
        .into_iter()
        .find(|start| lower[start + 3..].starts_with(|c| is_blank(c) || matches!(c, '>' | '/')))?;
    let end = start + lower[start..].find('>')?;
    Some((&text[..start], &text[end + 1..]))
}

/// Whether an HTML tag begins here, after its `<`: a name of letters and digits, followed by a separator or
/// the end.
fn is_plain_tag(text: &str) -> bool {
    let name = text.trim_start_matches('/');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    let after = &name[end..];
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && (after.starts_with(['>', ' ', '\n', '\t']) || after.starts_with("/>"))
}

/// Value of the first `href` attribute of a tag, and the text after the tag, parsed as browsers do (HTML,
/// 13.2.5). Attributes that lead elsewhere on a click are added to `markup`.
fn href<'a>(mut rest: &'a str, markup: &mut String) -> (Option<&'a str>, &'a str) {
    let mut target = None;
    loop {
        rest = rest.trim_start_matches(|c: char| is_blank(c) || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return (target, rest);
        }
        // The first character is always part of the name.
        let ends = |c: char| is_blank(c) || matches!(c, '=' | '/' | '>');
        let end = rest.char_indices().skip(1).find(|(_, c)| ends(*c)).map_or(rest.len(), |(end, _)| end);
        let (name, after) = rest.split_at(end);
        rest = after.trim_start_matches(is_blank);
        let Some(value) = rest.strip_prefix('=') else { continue };
        let value = value.trim_start_matches(is_blank);
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = &value[1..];
                let end = inner.find(quote).unwrap_or(inner.len());
                (&inner[..end], inner.get(end + 1..).unwrap_or_default())
            }
            _ => value.split_at(value.find(|c: char| is_blank(c) || c == '>').unwrap_or(value.len())),
        };
        rest = after;
        let is_script = name.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("on"));
        if is_script || name.eq_ignore_ascii_case("ping") {
            markup.push_str(&format!(" {} ", unescaped(value)));
        }
        if name.eq_ignore_ascii_case("href") && target.is_none() {
            target = Some(value.trim_matches(is_blank));
        }
    }
}
