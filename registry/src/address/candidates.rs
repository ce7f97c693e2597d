//! Every place of a text where an address or a mention may begin: behind a label, in a tag, in brackets, in a word.
//!
//! Reading a text takes it apart as people mean it. What that overlooks, somebody else may read first: so each of these
//! places must lead to the same page.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::{
    Address, AddressBook, Refusal,
    book::is_mention_of,
    html,
    text::{self, Addresses},
};

/// A host, the scheme of an app, or a mention.
static BEGINNING: LazyLock<Regex> = LazyLock::new(|| {
    text::pattern(
        r"(?i)[a-z][a-z0-9+.-]*://|[\p{L}\p{N}_-]+(?:[.\x{2024}\x{3002}\x{ff0e}\x{ff61}][\p{L}\p{N}_-]+)+|(?:^|[^\p{L}\p{N}_@])@[\p{L}\p{N}_][\p{L}\p{N}_.-]+[\p{L}\p{N}_](?:@[\p{L}\p{N}_.-]+)?",
    )
});
/// A mention as one platform writes it in texts: `[club1|City]`, `*club1 (City)`.
static MARKED: LazyLock<Regex> =
    LazyLock::new(|| text::pattern(r"(?i)\[[a-z0-9_.]{3,}\|[^\]\n]*\]|\*[a-z0-9_.]{3,} ?\([^)\n]*\)"));
/// The end of a host that may be one of the web.
static TOP: LazyLock<Regex> = LazyLock::new(|| text::pattern(r"(?:\.|^)\p{L}{2,}$"));

/// A host by its number.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| text::pattern(r"^\d{1,3}(?:\.\d{1,3}){3}$"));

/// Which addresses beside a page's own contradict it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// Of text: those of other pages, and pages of other websites.
    Text,
    /// Of tags: those of other pages.
    Tags,
}

impl AddressBook {
    /// Whether whatever else in a text may be read as an address leads to the same page.
    pub(super) fn is_unanimous(&self, found: &Addresses, page: &Result<Address, Refusal>) -> bool {
        let Ok(page) = page else { return true };
        // A letter that imitates another was taken out.
        if found.whole.contains('\u{fffd}') {
            return false;
        }
        self.agrees(&found.markup, page, Tier::Tags) && self.all_agree(&found.whole, page)
    }

    /// The same of a text without links.
    pub(super) fn all_agree(&self, text: &str, page: &Address) -> bool {
        // Among other words, an entity may be shown as what it stands for.
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
        let mut place = 0;
        while let Some(candidate) = next(text, place) {
            let address = text::closed(candidate.address, candidate.is_italic);
            let (agrees, is_known) = match candidate.is_mention {
                true => (self.mentions(address, page), false),
                false => self.leads(address, &candidate, page, tier),
            };
            if !agrees {
                return false;
            }
            // What stands in the path or a parameter of an address is a part of that.
            place = if is_known { candidate.end } else { candidate.host_end };
        }
        true
    }

    /// Whether a mention is of the page, or of nothing that we know.
    fn mentions(&self, mention: &str, page: &Address) -> bool {
        let is_same = |found: super::Resolution| found.outcome.as_ref() == Ok(page);
        is_mention_of(mention, page) || self.read_input(mention).is_some_and(is_same)
    }

    /// Whether what may be an address leads to the page, or to nothing that contradicts it; and whether it is of a platform.
    fn leads(&self, address: &str, candidate: &Candidate<'_>, page: &Address, tier: Tier) -> (bool, bool) {
        let host = candidate.host;
        let is_bare = address.trim_end_matches('/').len() <= host.len();
        match self.read_address(address) {
            Ok(other) => {
                let is_root = other.outcome == Err(Refusal::PlatformRoot);
                let is_own = self.is_host_of(address, page.platform_id);
                let is_same = other.outcome.as_ref() == Ok(page);
                let is_no_page = tier == Tier::Tags && is_own && other.outcome == Err(Refusal::ReservedPath);
                (is_same || is_no_page || (is_root && (is_own || candidate.is_mail)), true)
            }
            // A page of another website may ask for anything in the name of this one.
            Err(Refusal::UnknownPlatform) => (tier == Tier::Tags || is_bare || !TOP.is_match(host), false),
            // It shows the host of a platform, and is no address there.
            Err(_) => (!self.is_host(host) && (is_bare || !NUMBER.is_match(host)), false),
        }
    }

    /// Whether a text is the host of a platform.
    fn is_host(&self, text: &str) -> bool {
        url::Host::parse(text).is_ok_and(|host| self.by_host(&host.to_string()).is_some())
    }
}

/// What may be an address.
struct Candidate<'a> {
    /// From its host or its app's scheme on; a mention with its `@`.
    address: &'a str,
    host: &'a str,
    is_mention: bool,
    /// Whether it may be the host of an e-mail address.
    is_mail: bool,
    /// Whether it is emphasized: `_vk.com/name_`.
    is_italic: bool,
    /// Where it ends in the text, and where its host ends.
    end: usize,
    host_end: usize,
}

/// The next candidate of a text from a place on.
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
        // What emphasizes an address is no part of its host.
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
