//! Candidates: every position in a text where an address or a mention may begin: after a label, in a tag, in
//! brackets, in a word.
//!
//! The parser takes a text apart as people mean it. Other software may start reading elsewhere, so all
//! candidates must lead to the same page.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::{
    Address, AddressBook, AddressError,
    book::is_mention_of,
    html,
    text::{self, Addresses},
};

/// A host, an app scheme, or a mention.
static BEGINNING: LazyLock<Regex> = LazyLock::new(|| {
    text::pattern(
        r"(?i)[a-z][a-z0-9+.-]*://|[\p{L}\p{N}_-]+(?:[.\x{2024}\x{3002}\x{ff0e}\x{ff61}][\p{L}\p{N}_-]+)+|(?:^|[^\p{L}\p{N}_@])@[\p{L}\p{N}_][\p{L}\p{N}_.-]+[\p{L}\p{N}_](?:@[\p{L}\p{N}_.-]+)?",
    )
});
/// A mention in the markup of one platform: `[club1|City]`, `*club1 (City)`.
static MARKED: LazyLock<Regex> =
    LazyLock::new(|| text::pattern(r"(?i)\[[a-z0-9_.]{3,}\|[^\]\n]*\]|\*[a-z0-9_.]{3,} ?\([^)\n]*\)"));
/// A host that ends like a web host, with a top-level domain of letters.
static TOP: LazyLock<Regex> = LazyLock::new(|| text::pattern(r"(?:\.|^)\p{L}{2,}$"));

/// An IPv4 address as a host.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| text::pattern(r"^\d{1,3}(?:\.\d{1,3}){3}$"));

/// Which other addresses contradict the page's own one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// In text: addresses of other pages, and pages of other websites.
    Text,
    /// In tags: addresses of other pages.
    Tags,
}

impl AddressBook {
    /// Whether all other candidates in a text lead to the same page.
    pub(super) fn is_unanimous(&self, found: &Addresses, page: &Result<Address, AddressError>) -> bool {
        let Ok(page) = page else { return true };
        // A character that imitates another was replaced.
        if found.whole.contains('\u{fffd}') {
            return false;
        }
        self.agrees(&found.markup, page, Tier::Tags) && self.all_agree(&found.whole, page)
    }

    /// The same for a text without links.
    pub(super) fn all_agree(&self, text: &str, page: &Address) -> bool {
        // In a text of several words, entities may be shown decoded.
        let is_one = !text.trim().contains(char::is_whitespace);
        let shown = if is_one { text.into() } else { html::unescaped(text) };
        let compatible: String = shown.nfkc().collect();
        let is_as_shown = compatible == text || self.agrees(&compatible, page, Tier::Text);
        // A host may be percent-encoded.
        let hidden = text.split_whitespace().filter(|word| {
            let host = word.split_once("://").map_or(*word, |(_, rest)| rest).split('/').next();
            host.is_some_and(|host| host.contains('%'))
        });
        let mut hidden = hidden.map(|word| percent_decode_str(word).decode_utf8_lossy().into_owned());
        let has_marked = MARKED.find_iter(text).any(|found| {
            let is_same = |resolution: super::Resolution| resolution.outcome.as_ref() == Ok(page);
            !self.read_input(found.as_str()).is_some_and(is_same)
        });
        is_as_shown
            && !has_marked
            && self.agrees(text, page, Tier::Text)
            && hidden.all(|word| self.agrees(&word, page, Tier::Text))
    }

    fn agrees(&self, text: &str, page: &Address, tier: Tier) -> bool {
        let mut offset = 0;
        while let Some(candidate) = next(text, offset) {
            let address = text::closed(candidate.address, candidate.is_italic);
            let (agrees, is_known) = match candidate.is_mention {
                true => (self.mentions(address, page), false),
                false => self.leads(address, &candidate, page, tier),
            };
            if !agrees {
                return false;
            }
            // The path and parameters of a known address are part of it.
            offset = if is_known { candidate.end } else { candidate.host_end };
        }
        true
    }

    /// Whether a mention is of the page.
    fn mentions(&self, mention: &str, page: &Address) -> bool {
        let is_same = |found: super::Resolution| found.outcome.as_ref() == Ok(page);
        is_mention_of(mention, page) || self.read_input(mention).is_some_and(is_same)
    }

    /// Whether a possible address leads to the page or does not contradict it; and whether it belongs to a
    /// platform.
    fn leads(&self, address: &str, candidate: &Candidate<'_>, page: &Address, tier: Tier) -> (bool, bool) {
        let host = candidate.host;
        let is_bare = address.trim_end_matches('/').len() <= host.len();
        match self.read_address(address) {
            Ok(other) => {
                let is_root = other.outcome == Err(AddressError::PlatformRoot);
                let is_own = self.is_host_of(address, page.platform_id);
                let is_same = other.outcome.as_ref() == Ok(page);
                let is_no_page =
                    tier == Tier::Tags && is_own && other.outcome == Err(AddressError::ReservedPath);
                (is_same || is_no_page || (is_root && (is_own || candidate.is_mail)), true)
            }
            // A page of another website may act in the name of this page.
            Err(AddressError::UnknownPlatform) => {
                (tier == Tier::Tags || is_bare || !TOP.is_match(host), false)
            }
            // It contains the host of a platform, but is not a valid address there.
            Err(_) => (!self.is_host(host) && (is_bare || !NUMBER.is_match(host)), false),
        }
    }

    /// Whether a text is the host of a platform.
    fn is_host(&self, text: &str) -> bool {
        url::Host::parse(text).is_ok_and(|host| self.by_host(&host.to_string()).is_some())
    }
}

/// A possible address.
struct Candidate<'a> {
    /// From its host or app scheme on; a mention with its `@`.
    address: &'a str,
    host: &'a str,
    is_mention: bool,
    /// Whether it may be the host of an e-mail address.
    is_mail: bool,
    /// Whether it is emphasized: `_vk.com/name_`.
    is_italic: bool,
    /// End of the candidate in the text, and end of its host.
    end: usize,
    host_end: usize,
}

/// The next candidate of a text at or after a position.
fn next(text: &str, from: usize) -> Option<Candidate<'_>> {
    let mut from = from;
    loop {
        let found = BEGINNING.find_at(text, from)?;
        let scheme = found.as_str().to_ascii_lowercase();
        if scheme == "http://" || scheme == "https://" {
            from = found.end();
            continue;
        }
        let mention = found.as_str().find('@');
        // Emphasis markers are not part of the host.
        let emphasis = found.as_str().len() - found.as_str().trim_start_matches('_').len();
        let start = found.start() + mention.unwrap_or(emphasis);
        let closes = |c: char| c.is_whitespace() || "\"'<>|[]{}()«»“”`*".contains(c);
        let end = text[found.end()..].find(closes).map_or(text.len(), |end| found.end() + end);
        let before = &text[..start];
        let bare = before.trim_end_matches("https://").trim_end_matches("http://");
        let is_mention = mention.is_some();
        return Some(Candidate {
            address: if is_mention { &text[start..found.end()] } else { &text[start..end] },
            host: &text[start..found.end()],
            is_mention,
            is_mail: before.ends_with('@') && end == found.end(),
            is_italic: bare.ends_with('_'),
            end,
            host_end: found.end(),
        });
    }
}
