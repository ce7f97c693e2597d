//! Every place of a text where an address may begin: behind a label, in a tag, in brackets, in the middle of a word.
//!
//! Reading a text takes it apart as people mean it. What that overlooks, somebody else may read first: so each of these
//! places must lead to the same page.

use std::sync::LazyLock;

use regex::Regex;

use super::{Address, AddressBook, Refusal, text};

/// A host, or the scheme of an app.
static BEGINNING: LazyLock<Regex> = LazyLock::new(|| {
    text::pattern(
        r"(?i)[a-z][a-z0-9+.-]*://|[\p{L}\p{N}_-]+(?:[.\x{2024}\x{3002}\x{ff0e}\x{ff61}][\p{L}\p{N}_-]+)+",
    )
});

impl AddressBook {
    /// Whether whatever else in a text may be read as the address of a platform leads to the same page.
    pub(super) fn is_unanimous(&self, text: &str, found: &Result<Address, Refusal>) -> bool {
        let Ok(page) = found else { return true };
        let mut place = 0;
        while let Some(candidate) = next(text, place) {
            let address = text::closed(candidate.address, candidate.is_italic);
            let (agrees, is_known) = match self.read_address(address) {
                Ok(other) => {
                    let is_root = other.outcome == Err(Refusal::PlatformRoot);
                    let is_own_root = is_root && self.is_host_of(address, found);
                    let is_same = other.outcome.as_ref() == Ok(page);
                    (is_same || is_own_root || (is_root && candidate.is_mail), true)
                }
                // It shows the host of a platform, and is no address there.
                Err(_) => (!self.is_host(&text[candidate.start..candidate.host_end]), false),
            };
            if !agrees {
                return false;
            }
            // What stands in the path or a parameter of an address is a part of that.
            place = if is_known { candidate.end } else { candidate.host_end };
        }
        true
    }

    /// Whether a text is the host of a platform.
    fn is_host(&self, text: &str) -> bool {
        url::Host::parse(text).is_ok_and(|host| self.by_host(&host.to_string()).is_some())
    }
}

/// What may be an address.
struct Candidate<'a> {
    /// From its host or its app's scheme on.
    address: &'a str,
    /// Whether it may be the host of an e-mail address.
    is_mail: bool,
    /// Whether it is emphasized: `_vk.com/name_`.
    is_italic: bool,
    /// Where it begins and ends in the text, and where its host ends.
    start: usize,
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
        let closes = |c: char| c.is_whitespace() || "\"'<>|[]{}()«»“”`*".contains(c);
        let end = text[found.end()..].find(closes).map_or(text.len(), |end| found.end() + end);
        let is_mail = text[..found.start()].ends_with('@') && end == found.end();
        let before = &text[..found.start()];
        let bare = before.trim_end_matches("https://").trim_end_matches("http://");
        return Some(Candidate {
            address: &text[found.start()..end],
            is_mail,
            is_italic: bare.ends_with('_') || found.as_str().starts_with('_'),
            start: found.start(),
            end,
            host_end: found.end(),
        });
    }
}
