//! Evidence of a change.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use url::Url;

/// What a change is based on, as whoever makes it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Evidence {
    /// Web addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<Box<str>>,
    /// Number of a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Box<str>>,
    /// Day of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
}

/// Maximum number of characters of a reason.
pub const MAX_REASON: usize = 500;
/// Maximum number of addresses of evidence.
pub const MAX_URLS: usize = 10;
/// Maximum number of characters of an address.
const MAX_URL: usize = 2_000;
/// Maximum number of characters of the number of a document.
const MAX_DOCUMENT: usize = 200;

/// What is wrong with a reason; `None` if nothing is.
pub fn reason_fault(reason: &str) -> Option<String> {
    let is_valid = is_line(reason, MAX_REASON);
    (!is_valid).then(|| format!("A reason has 1 to {MAX_REASON} characters, without control characters."))
}

/// Whether a text is not blank, has no control characters, and at most this many characters.
fn is_line(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

impl Evidence {
    /// What is wrong with the evidence; `None` if nothing is.
    pub fn fault(&self, today: NaiveDate) -> Option<String> {
        let is_web = |url: &str| {
            is_line(url, MAX_URL)
                && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        };
        if self.urls.len() > MAX_URLS {
            return Some(format!("Evidence has at most {MAX_URLS} addresses."));
        }
        if let Some(index) = self.urls.iter().position(|url| !is_web(url)) {
            return Some(format!(
                "`urls[{index}]` is not a web address of at most {MAX_URL} characters that begins with http or https."
            ));
        }
        if self.document.as_ref().is_some_and(|number| !is_line(number, MAX_DOCUMENT)) {
            let text = format!("`document` has 1 to {MAX_DOCUMENT} characters, without control characters.");
            return Some(text);
        }
        let is_later = self.date.is_some_and(|date| date > today);
        is_later.then(|| "`date` is in the future.".into())
    }

    /// Whether nothing is given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(urls: &[&str], document: Option<&str>) -> Option<String> {
        let urls = urls.iter().map(|url| (*url).into()).collect();
        let today = NaiveDate::from_ymd_opt(2026, 3, 1)?;
        Evidence { urls, document: document.map(Into::into), date: Some(today) }.fault(today)
    }

    #[test]
    fn evidence_is_bounded_and_names_web_addresses() {
        assert_eq!(fault(&["https://tula.example/decree"], Some("No. 12")), None);
        for bad in ["javascript:alert(1)", "ftp://tula.example", "tula.example", "https://"] {
            assert!(fault(&["https://tula.example", bad], None).is_some_and(|text| text.contains("urls[1]")));
        }
        assert!(fault(&["https://tula.example"; 11], None).is_some());
        assert!(fault(&[], Some(" ")).is_some());
    }

    #[test]
    fn a_reason_is_one_line() {
        assert_eq!(reason_fault("The office was closed."), None);
        for bad in ["", "  ", "two\nlines", &"x".repeat(501)] {
            assert!(reason_fault(bad).is_some());
        }
    }
}
