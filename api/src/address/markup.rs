//! Targets of links in HTML, Markdown, BBCode and wiki text: a link's own text says nothing of where it leads.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

use super::{Refusal, text::pattern};

/// Links in Markdown, in BBCode whatever its tag is called, and in wiki text.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\]\(\s*<?(?P<markdown>[^)\s>]+)|\[[a-z]+=["']?(?P<bbcode>[^\]"'\s]+)|\[(?:url|link|a)\](?P<plain>[^\[\s]+)|[\[<](?P<wiki>https?://[^|\s\]>]+)\|"#,
    )
});
/// An image in Markdown, which may be what a link shows.
static IMAGE: LazyLock<Regex> = LazyLock::new(|| pattern(r"!\[[^\]]*\]\([^)]*\)"));

/// Targets of the links that a text holds; none where it has no links.
///
/// # Errors
/// When an HTML link has no target.
pub(super) fn links(text: &str) -> Result<Vec<Cow<'_, str>>, Refusal> {
    if text.contains('<')
        && let Some(found) = html(text)?
    {
        return Ok(found);
    }
    if !text.contains('[') && !text.contains("|") {
        return Ok(Vec::new());
    }
    let text = IMAGE.replace_all(text, "image");
    let targets = LINK.captures_iter(&text).filter_map(|link| link.iter().skip(1).flatten().next());
    Ok(targets.map(|target| Cow::Owned(target.as_str().to_owned())).collect())
}

/// With the entities of HTML resolved, once.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    html_escape::decode_html_entities(text)
}

/// Targets of all `<a …>`; none where there are none.
fn html(text: &str) -> Result<Option<Vec<Cow<'_, str>>>, Refusal> {
    let mut found = None;
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let Some(attributes) = rest.strip_prefix(['a', 'A']) else { continue };
        if !attributes.starts_with(|c: char| c.is_whitespace() || c == '/') {
            continue;
        }
        let (target, after) = href(attributes);
        found.get_or_insert_with(Vec::new).push(Cow::Borrowed(target.ok_or(Refusal::NotAUrl)?));
        rest = after;
    }
    Ok(found)
}

/// Value of the first attribute `href` of a tag, and what follows the tag: as browsers read it (HTML, 13.2.5).
fn href(mut rest: &str) -> (Option<&str>, &str) {
    let mut target = None;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return (target, rest);
        }
        // The first character belongs to the name, whatever it is.
        let ends = |c: char| c.is_whitespace() || matches!(c, '=' | '/' | '>');
        let end = rest.char_indices().skip(1).find(|(_, c)| ends(*c)).map_or(rest.len(), |(end, _)| end);
        let (name, after) = rest.split_at(end);
        rest = after.trim_start();
        let Some(value) = rest.strip_prefix('=') else { continue };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = &value[1..];
                let end = inner.find(quote).unwrap_or(inner.len());
                (&inner[..end], inner.get(end + 1..).unwrap_or_default())
            }
            _ => value.split_at(value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len())),
        };
        rest = after;
        if name.eq_ignore_ascii_case("href") && target.is_none() {
            target = Some(value.trim());
        }
    }
}
