//! Targets of links in HTML, Markdown, BBCode and wiki text: a link's own text says nothing of where it leads.

use std::{borrow::Cow, sync::LazyLock};

use regex::{Captures, Regex};

use super::{Refusal, text::pattern};

/// Where a link begins in Markdown, in BBCode whatever its tag is called, and in wiki text.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?P<markdown>\]\()|\[(?P<bbcode>[a-z]+)=|\[(?P<plain>url|link|a)\]|(?P<wiki>[\[<])https?://[^|\s\]>]+\|",
    )
});
/// Tags of BBCode that show what stands between them.
static FORMATTING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\[/?(?:b|i|u|s|size|colou?r|font|quote|spoiler|center|left|right|list|code)(?:=(?P<value>[^\]\n]*))?\]",
    )
});
/// A character by its name or number in HTML.
static ENTITY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]*);"));
/// A link of a spreadsheet.
static FORMULA: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?i)^=(?:HYPERLINK|ГИПЕРССЫЛКА)\(\s*"([^"]+)"\s*(?:[,;]\s*(?:"[^"]*"|[a-z]{1,3}\d+)\s*)?\)$"#)
});
/// The beginning of a link in HTML that was escaped.
static ESCAPED_LINK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)&lt;a\s[^<>]*href"));
/// An image in Markdown, which may be what a link shows.
static IMAGE: LazyLock<Regex> = LazyLock::new(|| pattern(r"!\[[^\]]*\]\([^)]*\)"));
/// Stands in the text where a link stood.
pub(super) const LINKED: char = '\u{fffc}';

/// Links of a text, and the text without them.
pub(super) struct Links<'a> {
    pub(super) targets: Vec<String>,
    pub(super) rest: Cow<'a, str>,
    /// Tags that are no links, and what links show that holds markup itself.
    pub(super) markup: String,
}

/// The text, or what a spreadsheet or a page has as the source of a link.
///
/// # Errors
/// When a formula makes an address that is not seen.
pub(super) fn source(text: &str) -> Result<Cow<'_, str>, Refusal> {
    match FORMULA.captures(text).and_then(|link| link.get(1)) {
        Some(address) => Ok(Cow::Borrowed(address.as_str())),
        None if text.starts_with('=') && text.contains('(') => Err(Refusal::NotAUrl),
        None if ESCAPED_LINK.is_match(text) => Ok(unescaped(text)),
        None => Ok(Cow::Borrowed(text)),
    }
}

/// Targets of the links that a text holds; none where it has no links.
///
/// # Errors
/// When a link has no target, or one that is read in different ways.
pub(super) fn links(text: &str) -> Result<Links<'_>, Refusal> {
    let (mut targets, mut markup) = (Vec::new(), String::new());
    let text = match text.contains('<') {
        true => html(text, &mut targets, &mut markup)?.into(),
        false => Cow::Borrowed(text),
    };
    if !text.contains(['[', '|']) {
        return Ok(Links { targets, rest: text, markup });
    }
    let text = FORMATTING.replace_all(&text, " $value ");
    let text = IMAGE.replace_all(&text, "image");
    let (mut rest, mut here) = (String::new(), 0);
    while let Some(found) = LINK.captures_at(&text, here) {
        let link = bracketed(&text, here, &found)?;
        if link.shown.contains(['[', '<', '|']) {
            markup.push_str(&format!(" {} ", link.shown));
        }
        rest.push_str(&text[here..link.start]);
        rest.push(LINKED);
        targets.push(unescaped(&link.target).into_owned());
        here = link.end;
    }
    rest.push_str(&text[here..]);
    Ok(Links { targets, rest: rest.into(), markup })
}

/// With the entities of HTML resolved, once.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    html_escape::decode_html_entities(text)
}

/// With the entities resolved that stand for a sign between words, and `&amp;`: in plain text, browsers take the others as
/// they stand.
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

/// What separates the parts of a tag (HTML, 13.2.5).
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

/// Takes all `<a …>` with what they show; answers the text without them.
fn html(text: &str, targets: &mut Vec<String>, markup: &mut String) -> Result<String, Refusal> {
    let mut without = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        without.push_str(&rest[..start]);
        let tag = &rest[start + 1..];
        let is_tag = |name: &str| {
            let head = tag.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name));
            head.is_some() && tag[name.len()..].starts_with(|c: char| is_blank(c) || c == '/')
        };
        // Where a base leads, no address of a link says.
        if is_tag("base") {
            return Err(Refusal::NotAUrl);
        }
        if !is_tag("a") {
            // Other tags show nothing of themselves; what is no tag is text.
            let end = tag.find('>').filter(|_| is_plain_tag(tag));
            end.into_iter().for_each(|end| markup.push_str(&format!(" {} ", unescaped(&tag[..end]))));
            without.push(if end.is_some() { ' ' } else { '<' });
            rest = end.map_or(tag, |end| &tag[end + 1..]);
            continue;
        }
        let (target, after) = href(&tag[1..]);
        targets.push(unescaped(target.ok_or(Refusal::NotAUrl)?).into_owned());
        without.push(LINKED);
        let after = after.strip_prefix('>').unwrap_or(after);
        let (shown, behind) = link_end(after).unwrap_or((after, after));
        if shown.contains('<') {
            markup.push_str(&format!(" {} ", unescaped(shown)));
        }
        rest = behind;
    }
    without.push_str(rest);
    Ok(without)
}

/// What a link of HTML shows, and what stands behind it.
fn link_end(text: &str) -> Option<(&str, &str)> {
    let lower = text.to_ascii_lowercase();
    let ends = lower.match_indices("</a").map(|(start, _)| start);
    let start = ends
        .into_iter()
        .find(|start| lower[start + 3..].starts_with(|c| is_blank(c) || matches!(c, '>' | '/')))?;
    let end = start + lower[start..].find('>')?;
    Some((&text[..start], &text[end + 1..]))
}

/// A link with what it shows: from where to where it stands, and where it leads.
struct Bracketed {
    start: usize,
    end: usize,
    target: String,
    shown: String,
}

/// Reads one link that begins with a bracket, in the text from `here` on.
fn bracketed(text: &str, here: usize, found: &Captures<'_>) -> Result<Bracketed, Refusal> {
    let whole = found.get(0).ok_or(Refusal::NotAUrl)?;
    let (mut start, after) = (whole.start(), &text[whole.end()..]);
    let mut label = "";
    let (target, length) = if found.name("markdown").is_some() {
        let end = start;
        start = text[here..start].rfind('[').map_or(start, |place| here + place);
        label = &text[start + usize::from(start < end)..end];
        markdown(after)
    } else if let Some(tag) = found.name("bbcode") {
        let (target, length) = attribute(after)?;
        let shown = shown(&after[length..], tag.as_str());
        label = &after[length..length + shown];
        (target, length + shown)
    } else if let Some(tag) = found.name("plain") {
        let length = after.find('[').unwrap_or(after.len());
        (after[..length].trim().to_owned(), length + shown(&after[length..], tag.as_str()))
    } else {
        // Wiki text may take the bar for a part of the address.
        if after.starts_with(['/', '.', '?', '#', '%', '&', '=', '\\']) {
            return Err(Refusal::NotAUrl);
        }
        let close = if whole.as_str().starts_with('[') { ']' } else { '>' };
        let length = after.find(close).map_or(after.len(), |end| end + 1);
        // Some wikis have the target behind the bar.
        label = &text[whole.end() - 1..whole.end() + length];
        (whole.as_str()[1..whole.as_str().len() - 1].to_owned(), length)
    };
    // Behind the target in Markdown stands a title; whatever else is no link.
    let shown = label
        .strip_suffix(']')
        .map_or(label, |label| label.rsplit_once("[/").map_or(label, |it| it.0))
        .to_owned();
    Ok(Bracketed { start, end: whole.end() + length, target, shown })
}

/// Whether a tag of HTML begins here, behind its `<`: a name of letters and digits, and then a blank or the end.
fn is_plain_tag(text: &str) -> bool {
    let name = text.trim_start_matches('/');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    let after = &name[end..];
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && (after.starts_with(['>', ' ', '\n', '\t']) || after.starts_with("/>"))
}

/// Target of a link in Markdown and how long it is with its closing bracket: as CommonMark reads it (0.31.2, 6.3).
fn markdown(text: &str) -> (String, usize) {
    let begin = text.len() - text.trim_start().len();
    let is_pointed = text[begin..].starts_with('<');
    let (mut target, mut depth, mut end) = (String::new(), 0, text.len());
    let mut letters = text[begin..].char_indices().skip(usize::from(is_pointed)).peekable();
    while let Some((place, letter)) = letters.next() {
        let escaped = letters.peek().filter(|(_, next)| letter == '\\' && next.is_ascii_punctuation());
        if let Some((_, next)) = escaped {
            target.push(*next);
            letters.next();
            continue;
        }
        let ends = match letter {
            '>' => is_pointed,
            '(' | ')' if is_pointed => false,
            ')' => depth == 0,
            // CommonMark ends a target at ASCII blanks and control characters alone.
            other => (other == ' ' || other.is_ascii_control()) && !is_pointed,
        };
        if ends {
            end = begin + place;
            break;
        }
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        target.push(letter);
    }
    let length = text[end..].find(')').map_or(text.len(), |close| end + close + 1);
    (target, length)
}

/// Value of a tag in BBCode, and how long it is with the closing bracket.
fn attribute(text: &str) -> Result<(String, usize), Refusal> {
    let close = text.find(']').ok_or(Refusal::NotAUrl)?;
    let value = text[..close].trim();
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let (value, rest) = value[1..].split_once(quote).ok_or(Refusal::NotAUrl)?;
            if rest.trim().is_empty() { value } else { return Err(Refusal::NotAUrl) }
        }
        _ if value.contains(char::is_whitespace) => return Err(Refusal::NotAUrl),
        _ => value,
    };
    Ok((value.to_owned(), close + 1))
}

/// Length of what a tag of BBCode shows, with its end.
fn shown(text: &str, tag: &str) -> usize {
    let end = format!("[/{}]", tag.to_ascii_lowercase());
    text.to_ascii_lowercase().find(&end).map_or(0, |place| place + end.len())
}

/// Value of the first attribute `href` of a tag, and what follows the tag: as browsers read it (HTML, 13.2.5).
fn href(mut rest: &str) -> (Option<&str>, &str) {
    let mut target = None;
    loop {
        rest = rest.trim_start_matches(|c: char| is_blank(c) || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return (target, rest);
        }
        // The first character belongs to the name, whatever it is.
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
        if name.eq_ignore_ascii_case("href") && target.is_none() {
            target = Some(value.trim_matches(is_blank));
        }
    }
}
