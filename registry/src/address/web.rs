//! Parsing of web addresses.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1251;
use percent_encoding::percent_decode_str;
use url::Url;

use super::{AddressError, text::composed};

/// Parts of a web address that matchers apply to.
pub(super) struct WebAddress {
    /// In lower case, with non-Latin labels in Punycode and without a trailing dot.
    pub(super) host: String,
    /// Decoded, with one leading slash and no trailing slash.
    pub(super) path: String,
    /// Decoded; empty if it cannot be decoded.
    pub(super) fragment: String,
    raw_fragment: String,
    query: String,
}

impl WebAddress {
    /// Parses an address; without a scheme it is a web address.
    ///
    /// # Errors
    /// When it is not a web address, shows another host than it leads to, or has a non-standard port.
    pub(super) fn parse(text: &str) -> Result<Self, AddressError> {
        if text.contains(char::is_whitespace) {
            return Err(AddressError::NotAUrl);
        }
        let url = match scheme(text) {
            Some("http" | "https") => Url::parse(text),
            Some(_) => return Err(AddressError::NotAUrl),
            None => Url::parse(&format!("https://{}", text.trim_start_matches(['/', '\\']))),
        };
        let url = url.map_err(|_| AddressError::NotAUrl)?;
        // `vk.com@evil.example` shows one host and leads to another.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::NotAUrl);
        }
        let host =
            url.domain().map(|host| host.trim_end_matches('.').to_owned()).ok_or(AddressError::NotAUrl)?;
        if !host.contains('.') {
            return Err(AddressError::NotAUrl);
        }
        if url.port().is_some_and(|port| !matches!(port, 80 | 443)) {
            return Err(AddressError::UnknownPlatform);
        }
        let raw_fragment = url.fragment().unwrap_or_default().to_owned();
        // An undecodable fragment names nothing, but does not invalidate the path.
        let fragment = decoded(&raw_fragment).unwrap_or_default();
        let query = url.query().unwrap_or_default().to_owned();
        Ok(Self { host, path: path(url.path())?, fragment, raw_fragment, query })
    }

    /// Whether the address is a host only.
    pub(super) fn is_front_page(&self) -> bool {
        self.path == "/" && self.query.is_empty() && self.raw_fragment.is_empty()
    }

    /// Value of a query parameter; `None` when it occurs with different values, because servers may read
    /// either.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut values = self.parameters(name);
        let first = values.next()?;
        values.all(|other| other == first).then_some(first)
    }

    /// Whether a parameter occurs with different values.
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

    /// The address in the fragment of a single-page site: `/#!/name` is `/name`.
    ///
    /// # Errors
    /// When browsers and servers would read its path differently.
    pub(super) fn of_fragment(&self) -> Result<Option<Self>, AddressError> {
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

/// Scheme of the text: `http`, `https` or `other`; `host:port` has none.
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

/// Path with repeated slashes collapsed and no trailing slash.
///
/// # Errors
/// When percent-encoding hides a separator or a parent segment: some servers resolve it, others do not.
fn path(raw: &str) -> Result<String, AddressError> {
    let folded = raw.to_ascii_lowercase();
    if folded.contains("%2f") || folded.contains("%5c") {
        return Err(AddressError::NotAUrl);
    }
    let decoded = decoded(raw)?;
    let segments: Vec<&str> =
        decoded.split('/').map(str::trim).filter(|segment| !segment.is_empty()).collect();
    if segments.iter().any(|segment| matches!(*segment, "." | "..")) {
        return Err(AddressError::NotAUrl);
    }
    Ok(format!("/{}", segments.join("/")))
}

/// Percent-decoded text in UTF-8, otherwise in windows-1251 as on old pages; in composed form, without
/// invisible characters.
fn decoded(text: &str) -> Result<String, AddressError> {
    let bytes: Cow<'_, [u8]> = percent_decode_str(text).into();
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1251.decode_without_bom_handling(&bytes).0,
    };
    let shown = composed(&text);
    let shown = shown.trim();
    if shown.contains(char::is_control) {
        return Err(AddressError::NotAUrl);
    }
    Ok(shown.to_owned())
}
