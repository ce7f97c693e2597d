//! Values of settings, with what to write when they are wrong.

use std::{fmt::Display, net::SocketAddr, ops::RangeInclusive, str::FromStr};

use axum::http::HeaderValue;
use ipnet::IpNet;
use url::Url;

/// Maximum number of characters of a text in one line.
const MAX_CHARACTERS: usize = 200;

/// Values of a setting, separated by commas.
#[derive(Clone, Debug)]
pub struct List<T>(Vec<T>);

impl<T: Clone> List<T> {
    /// Reads the values. Empty ones are ignored: an empty variable is a list without values.
    pub(super) fn read(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Self, String> {
        let values = text.split(',').map(str::trim).filter(|value| !value.is_empty());
        values.map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The values of all lists: a flag may be repeated.
    pub(super) fn items(lists: &[Self]) -> Vec<T> {
        lists.iter().flat_map(|list| list.0.iter().cloned()).collect()
    }
}

/// A whole number in a range.
pub(crate) fn whole_number<T>(text: &str, range: RangeInclusive<T>) -> Result<T, String>
where
    T: FromStr + PartialOrd + Display,
{
    let number = text.trim().parse::<T>().ok().filter(|number| range.contains(number));
    let (least, most) = (range.start(), range.end());
    number.ok_or_else(|| format!("write a whole number from {least} to {most}, without separators"))
}

/// A text that files, keys and logs have in one line.
pub(super) fn one_line(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_in_line = !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
    if is_in_line && (1..=MAX_CHARACTERS).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    Err(format!("write 1 to {MAX_CHARACTERS} characters, without line breaks and other control characters"))
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.trim().parse().map_err(|_| "write ADDRESS:PORT, such as 127.0.0.1:8080 or [::]:8080".into())
}

/// An origin as browsers send it. `*` is none, also as a part of a host: a script of any site could use a key.
pub(super) fn origin(text: &str) -> Result<HeaderValue, String> {
    let url = Url::parse(text).ok();
    let sent = url.as_ref().and_then(|url| {
        let host = url.host_str().filter(|host| !host.is_empty() && !host.contains('*'))?;
        // A default port is not sent.
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{host}{port}", url.scheme()))
    });
    let no_origin =
        || format!("`{text}` is not an origin; write https://HOST or https://HOST:PORT, without `*`");
    match sent {
        Some(sent) if sent == text => HeaderValue::from_str(text).map_err(|_| no_origin()),
        Some(sent) => Err(format!("browsers send `{text}` as `{sent}`; write it so")),
        None => Err(no_origin()),
    }
}

/// A network, or the network of a single address.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let net = text.parse().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
    net.map_err(|_| format!("`{text}` is not an IP address or network"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_of_their_range_are_rejected_with_the_range() {
        assert_eq!(whole_number(" 7 ", 1..=9), Ok(7));
        for wrong in ["0", "10", "1.5", "1,000", "-1", "", "18446744073709551616"] {
            let message = whole_number(wrong, 1..=9).expect_err(wrong);
            assert!(message.contains("from 1 to 9"), "{message}");
        }
    }

    #[test]
    fn a_text_has_one_line_of_bounded_length() {
        assert_eq!(one_line(" Реестр № 1 "), Ok("Реестр № 1".to_owned()));
        assert!(one_line(&"я".repeat(200)).is_ok());
        for wrong in ["", " ", "a\nb", "a\rb", "a\u{0}b", "a\u{2028}b", &"я".repeat(201)] {
            assert!(
                one_line(wrong).is_err_and(|message| message.contains("1 to 200 characters")),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn empty_values_of_a_list_are_ignored_and_an_empty_list_has_none() {
        for (text, expected) in
            [("", [].as_slice()), (" , ", &[]), ("http://a, ,https://b:81,", &["http://a", "https://b:81"])]
        {
            let list = List::read(text, origin).expect(text);
            assert_eq!(List::items(&[list]), expected, "{text}");
        }
        assert!(List::read("10.0.0.0/8,", network).is_ok());
        assert!(List::read("10.0.0.0/8,nowhere", network).is_err());
    }
}
