//! A web address taken apart.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1251;
use percent_encoding::percent_decode_str;
use url::Url;

use super::{Refusal, text::composed};

/// Parts of a web address that matchers look at.
pub(super) struct WebAddress {
    /// In lower case, non-Latin labels in Punycode, without a dot at its end.
    pub(super) host: String,
    /// Decoded, with one slash in front and none at the end.
    pub(super) path: String,
    /// Decoded; empty where it cannot be.
    pub(super) fragment: String,
    raw_fragment: String,
    query: String,
}

impl WebAddress {
    /// Takes an address apart; one without a scheme is one of the web.
    ///
    /// # Errors
    /// When it is none, shows another host than it leads to, or names a port of its own.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        if text.contains(char::is_whitespace) {
            return Err(Refusal::NotAUrl);
        }
        let url = match scheme(text) {
            Some("http" | "https") => Url::parse(text),
            Some(_) => return Err(Refusal::NotAUrl),
            None => Url::parse(&format!("https://{}", text.trim_start_matches(['/', '\\']))),
        };
        let url = url.map_err(|_| Refusal::NotAUrl)?;
        // `vk.com@evil.example` shows one host and leads to another.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::NotAUrl);
        }
        let host = url.domain().map(|host| host.trim_end_matches('.').to_owned()).ok_or(Refusal::NotAUrl)?;
        if !host.contains('.') {
            return Err(Refusal::NotAUrl);
        }
        if url.port().is_some_and(|port| !matches!(port, 80 | 443)) {
            return Err(Refusal::UnknownPlatform);
        }
        let raw_fragment = url.fragment().unwrap_or_default().to_owned();
        // A fragment that cannot be read names nothing; it does not spoil the path.
        let fragment = decoded(&raw_fragment).unwrap_or_default();
        let query = url.query().unwrap_or_default().to_owned();
        Ok(Self { host, path: path(url.path())?, fragment, raw_fragment, query })
    }

    /// Whether it is a host alone.
    pub(super) fn is_front_page(&self) -> bool {
        self.path == "/" && self.query.is_empty() && self.raw_fragment.is_empty()
    }

    /// Value of a query parameter; none where it is given twice with different values, of which servers read either.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut values = self.parameters(name);
        let first = values.next()?;
        values.all(|other| other == first).then_some(first)
    }

    /// Whether a parameter stands there with several values.
    pub(super) fn is_contradictory(&self, name: &str) -> bool {
        let mut values = self.parameters(name);
        values.next().is_some_and(|first| values.any(|other| other != first))
    }

    fn parameters<'a>(&'a self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        let pairs = url::form_urlencoded::parse(self.query.as_bytes());
        // Servers read ` id` and `id[]` as `id`.
        let is_named = move |key: &str| key.trim_start().split('[').next() == Some(name);
        pairs.filter(move |(key, _)| is_named(key)).map(|(_, value)| value)
    }

    /// The address that the fragment stands for on a site of one page: `/#!/name` is `/name`.
    ///
    /// # Errors
    /// When it is no path that browsers and servers read alike.
    pub(super) fn of_fragment(&self) -> Result<Option<Self>, Refusal> {
        let inner = self.raw_fragment.strip_prefix('!').unwrap_or(&self.raw_fragment);
        if self.path != "/" || !inner.starts_with('/') {
            return Ok(None);
        }
        let (before, query) = inner.split_once('?').unwrap_or((inner, ""));
        let path = path(before)?;
        let (fragment, raw_fragment) = (String::new(), String::new());
        let inner = Self { host: self.host.clone(), path, fragment, raw_fragment, query: query.to_owned() };
        Ok((inner.path != "/").then_some(inner))
    }
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

/// Path with each run of slashes as one, and none at the end.
///
/// # Errors
/// When it hides a separator or a step upwards behind percent-encoding: some servers resolve it, others do not.
fn path(raw: &str) -> Result<String, Refusal> {
    let folded = raw.to_ascii_lowercase();
    if folded.contains("%2f") || folded.contains("%5c") {
        return Err(Refusal::NotAUrl);
    }
    let decoded = decoded(raw)?;
    let segments: Vec<&str> =
        decoded.split('/').map(str::trim).filter(|segment| !segment.is_empty()).collect();
    if segments.iter().any(|segment| matches!(*segment, "." | "..")) {
        return Err(Refusal::NotAUrl);
    }
    Ok(format!("/{}", segments.join("/")))
}

/// Text behind percent-encoding, in UTF-8 or, as old pages have it, in windows-1251; composed, and nothing invisible in it.
fn decoded(text: &str) -> Result<String, Refusal> {
    let bytes: Cow<'_, [u8]> = percent_decode_str(text).into();
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1251.decode_without_bom_handling(&bytes).0,
    };
    let shown = composed(&text);
    let shown = shown.trim();
    if shown.contains(char::is_control) {
        return Err(Refusal::NotAUrl);
    }
    Ok(shown.to_owned())
}
