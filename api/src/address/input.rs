//! What people paste, made into a web address where it is one.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::Url;

use super::Refusal;

/// Longer inputs are no address of a page, and would only cost time.
const MAX_BYTES: usize = 2_048;

/// An input without its wrapping.
pub(super) enum Input<'a> {
    /// An address of the web.
    Web(WebAddress),
    /// Something else, such as `@name` or `tg://…`.
    Other(Cow<'a, str>),
}

/// Parts of a web address that matchers look at.
pub(super) struct WebAddress {
    pub(super) host: String,
    pub(super) path: String,
    pub(super) fragment: String,
    url: Url,
}

impl WebAddress {
    /// Value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

pub(super) fn read(raw: &str) -> Result<Input<'_>, Refusal> {
    if raw.len() > MAX_BYTES {
        return Err(Refusal::NotAUrl);
    }
    let text = unwrap(raw);
    match scheme(&text) {
        Some("http" | "https") => web(&text).map(Input::Web),
        Some(_) => Ok(Input::Other(text)),
        None if text.starts_with('@') => Ok(Input::Other(text)),
        None => web(&format!("https://{}", text.trim_start_matches('/'))).map(Input::Web),
    }
}

/// Strips quotes, spaces and invisible characters that come with copied text.
fn unwrap(raw: &str) -> Cow<'_, str> {
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    let wrapping = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '«' | '»' | '"' | '\'' | '`' | '<' | '>' | '(' | ')')
            || matches!(c, '“' | '”' | '„' | '‘' | '’' | ',' | ';')
    };
    if raw.contains(invisible) {
        let visible: String = raw.chars().filter(|c| !invisible(*c)).collect();
        return Cow::Owned(visible.trim_matches(wrapping).to_owned());
    }
    Cow::Borrowed(raw.trim_matches(wrapping))
}

/// Scheme in lower case where the text has one; `host:port` is none.
fn scheme(text: &str) -> Option<&'static str> {
    let (before, _) = text.split_once(':')?;
    let is_scheme = before.starts_with(|c: char| c.is_ascii_alphabetic())
        && before.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-'));
    match before {
        _ if !is_scheme => None,
        _ if before.eq_ignore_ascii_case("http") => Some("http"),
        _ if before.eq_ignore_ascii_case("https") => Some("https"),
        _ => Some("other"),
    }
}

fn web(text: &str) -> Result<WebAddress, Refusal> {
    if text.contains(char::is_whitespace) {
        return Err(Refusal::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_| Refusal::NotAUrl)?;
    // `vk.com@evil.example` shows one host and leads to another.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::NotAUrl);
    }
    let host = url.domain().map(|host| host.trim_end_matches('.').to_owned()).ok_or(Refusal::NotAUrl)?;
    if !host.contains('.') {
        return Err(Refusal::NotAUrl);
    }
    if url.port().is_some() {
        return Err(Refusal::UnknownPlatform);
    }
    let path = decoded(url.path())?;
    let path = format!("/{}", path.trim_matches('/'));
    let fragment = decoded(url.fragment().unwrap_or_default())?;
    Ok(WebAddress { host, path, fragment, url })
}

fn decoded(text: &str) -> Result<String, Refusal> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| Refusal::NotAUrl)?;
    if text.contains(char::is_control) {
        return Err(Refusal::NotAUrl);
    }
    Ok(text.into_owned())
}
