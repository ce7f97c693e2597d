//! Websites of organizations.

use super::{file::Row, mapping::OrganizationMapping, row::Import, row_error::Code};
use crate::model::Organization;

impl Import {
    /// Sets the website. An invalid one is skipped with a warning.
    pub(super) fn fill_website(
        &mut self,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
        is_kept: bool,
    ) {
        let Some(text) = self.text(row, &mapping.website).filter(|_| !is_kept) else { return };
        match website(&text) {
            Some(url) => organization.website = Some(url.into()),
            None => {
                let text =
                    format!("`{text}` is not a valid website address. The rest of the row was imported.");
                self.warn(Code::BadValue, text, "Give an address that begins with https:// or http://.");
            }
        }
    }
}

/// Validates an HTTP(S) URL with a host; a host without a scheme gets `http://`.
fn website(text: &str) -> Option<String> {
    let has_scheme = text.contains("://");
    let is_bare = !has_scheme && !text.contains(':') && text.split('/').next()?.contains('.');
    let url = if is_bare { format!("http://{text}") } else { text.to_owned() };
    let parsed = url::Url::parse(&url).ok()?;
    let is_of_web = matches!(parsed.scheme(), "http" | "https") && parsed.username().is_empty();
    let is_whole = parsed.host_str()?.contains('.') && url.len() <= MAX_WEBSITE;
    (is_of_web && is_whole && !url.contains(char::is_whitespace)).then_some(url)
}

/// Longest address of a website, in bytes.
const MAX_WEBSITE: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_web_are_taken_and_others_are_not() {
        for (text, url) in [
            ("https://mos.ru/x?a=1", Some("https://mos.ru/x?a=1")),
            ("HTTP://мвд.рф", Some("HTTP://мвд.рф")),
            ("www.mos.ru/x", Some("http://www.mos.ru/x")),
            ("javascript:alert(1)", None),
            ("javascript://mos.ru/%0aalert(1)", None),
            ("data:text/html,x", None),
            ("https://user@mos.ru/", None),
            ("https://", None),
            ("mos ru", None),
            ("https://mos.ru/a b", None),
            ("нет", None),
            ("a@mos.ru", None),
        ] {
            assert_eq!(website(text).as_deref(), url, "{text}");
        }
    }
}
