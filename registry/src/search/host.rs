//! Hosts of websites in queries and documents.

use std::sync::LazyLock;

use regex::Regex;

/// A text that is only a host or a URL of a website.
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:https?://)?(?:www\.)?((?:[\p{L}\p{N}-]+\.)+(?:[a-z]{2,6}|xn--[a-z0-9-]+|рф|рус))\.?(?::\d+)?(?:[/?#].*)?$")
        .expect("the pattern is a constant")
});

/// Host of a website without `www.`, in lower case and Punycode; `None` if the text is not a host or URL.
pub(super) fn host_of(text: &str) -> Option<String> {
    let host = HOST.captures(text.trim())?.get(1)?.as_str().to_lowercase();
    // Converts internationalized names to Punycode.
    url::Host::parse(&host).ok().map(|host| host.to_string())
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn a_host_is_that_of_an_address_and_no_words() {
        for (text, host) in [
            ("cbr.ru", Some("cbr.ru")),
            ("https://www.Government.ru/", Some("government.ru")),
            ("http://kvs.spb.sudrf.ru/modules.php?name=x", Some("kvs.spb.sudrf.ru")),
            ("госуслуги.рф", Some("xn--c1aapkosapc.xn--p1ai")),
            ("xn--c1aapkosapc.xn--p1ai", Some("xn--c1aapkosapc.xn--p1ai")),
            ("г. Тула", None),
            ("ул.Ленина", None),
            ("28RS0004", None),
        ] {
            assert_eq!(host_of(text).as_deref(), host, "{text}");
        }
    }
}
