//! Tests address rules on samples: canonical addresses resolve to their own keys, each matcher is reached, and first
//! path segments are not handles.

use super::{Checked, Findings, samples::samples};
use crate::{
    address::{AddressBook, AddressError, CompiledPlatform, Key, Matcher, Part},
    pack::file::PlatformEntry,
};

pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    let mut book = AddressBook::default();
    // As in the registry, a later entry with the same code replaces an earlier one.
    let platforms: Vec<&PlatformEntry> = checked.all().flat_map(|pack| &pack.platforms).collect();
    for (id, platform) in platforms.iter().enumerate() {
        let is_replaced = platforms[id + 1..].iter().any(|later| later.code == platform.code);
        if let (Ok(compiled), false) = (CompiledPlatform::new(id as i64, &platform.address), is_replaced) {
            book.insert(compiled);
        }
    }
    let own = platforms.len() - checked.file.platforms.len();
    for (index, platform) in checked.file.platforms.iter().enumerate() {
        let entry = format!("platform `{}`", platform.code);
        let tried = RuleTest { book: &book, platform, id: (own + index) as i64 };
        tried.canonical_addresses(&entry, findings);
        tried.first_words(&entry, findings);
        tried.matchers(&entry, findings);
        tried.zeros(&entry, findings);
        tried.hosts(&entry, findings);
    }
}

/// A platform under test, among all others.
struct RuleTest<'a> {
    book: &'a AddressBook,
    platform: &'a PlatformEntry,
    id: i64,
}

impl RuleTest<'_> {
    fn canonical_addresses(&self, entry: &str, findings: &mut Findings) {
        let Some(compiled) = self.book.platform(self.id) else { return };
        let rules = &self.platform.address;
        let handles = samples(&rules.handle.pattern, None).into_iter().chain(self.formed());
        let handles = handles.filter(|it| compiled.handle(it).is_ok_and(|folded| *folded == **it));
        let handles: Vec<Key> = handles.map(|it| Key::Handle(it.into())).collect();
        let ids = rules.matchers.iter().flat_map(|matcher| samples(&matcher.pattern, Some("id")));
        let ids: Vec<Key> = ids.filter(|id| !id.is_empty()).map(|id| Key::NativeId(id.into())).collect();
        for (field, template, keys) in
            [("handle_url", &rules.handle_url, handles), ("id_url", &rules.id_url, ids)]
        {
            let url = |key: &Key| match key {
                Key::Handle(handle) => compiled.canonical_url(None, Some(handle)),
                Key::NativeId(id) => compiled.canonical_url(Some(id), None),
            };
            // One working key is enough: keys of several forms may have different addresses.
            let works = |key: &Key| url(key).is_some_and(|url| self.key(&url).as_ref() == Some(key));
            let broken = keys.first().filter(|_| template.is_some() && !keys.iter().any(works));
            if let Some(url) = broken.and_then(url) {
                let text = match self.book.resolve(&url) {
                    Err(error) => format!("`{field}` gives `{url}`, which is refused: {error:?}"),
                    Ok(other) => format!("`{field}` gives `{url}`, which leads elsewhere: {:?}", other.key),
                };
                findings.problem(entry, text);
            }
        }
    }

    /// Sample handles made with `form`, which may contain the host.
    fn formed(&self) -> Vec<String> {
        let rules = &self.platform.address;
        let Some(host) = rules.hosts.iter().find(|host| !host.starts_with("*.")) else { return Vec::new() };
        let forms =
            rules.matchers.iter().filter_map(|matcher| Some((matcher.form.as_deref()?, &matcher.pattern)));
        forms
            .flat_map(|(form, pattern)| {
                let names = samples(pattern, Some("name"));
                names.into_iter().map(|name| form.replace("{name}", &name).replace("{host}", host))
            })
            .collect()
    }

    /// Key that an address resolves to on this platform.
    fn key(&self, url: &str) -> Option<Key> {
        let address = self.book.resolve(url).ok().filter(|address| address.platform_id == self.id)?;
        Some(address.key)
    }

    /// Checks that the first path segments of matchers are reserved.
    fn first_words(&self, entry: &str, findings: &mut Findings) {
        let rules = &self.platform.address;
        let of_path = rules.matchers.iter().filter(|it| it.on == Part::Path).map(|it| &it.pattern);
        let patterns = of_path.chain(rules.matchers.iter().filter_map(|it| it.path.as_ref()));
        let mut words: Vec<String> = patterns.flat_map(|pattern| first_words(pattern)).collect();
        words.sort();
        words.dedup();
        let Some(host) = rules.hosts.iter().find(|host| !host.starts_with("*.")) else { return };
        for word in words {
            let leads = self.key(&format!("https://{host}/{word}"));
            if matches!(&leads, Some(Key::Handle(handle)) if **handle == *word) {
                findings.problem(
                    entry,
                    format!(
                        "paths begin with `/{word}/`, but `/{word}` resolves to a page: add `{word}` to `reserved`"
                    ),
                );
            }
        }
    }

    /// Checks matchers on hosts: each can match a host of the platform, and `www` and `m` are not handles.
    fn hosts(&self, entry: &str, findings: &mut Findings) {
        let rules = &self.platform.address;
        let of_hosts = rules.matchers.iter().enumerate().filter(|(_, it)| it.on == Part::Host);
        for (index, matcher) in of_hosts {
            let hosts = samples(&matcher.pattern, None);
            let is_own = |host: &String| {
                !matches!(self.book.resolve(&format!("https://{host}/")), Err(AddressError::UnknownPlatform))
            };
            if !hosts.is_empty() && !hosts.iter().any(is_own) {
                let text = format!(
                    "`{}` is not a host of the platform: add `*.` and its domain to `hosts`",
                    hosts[0]
                );
                findings.problem(&format!("{entry}, matcher {}", index + 1), text);
            }
        }
        for site in rules.hosts.iter().filter_map(|host| host.strip_prefix("*.")) {
            for word in ["www", "m"] {
                if let Some(Key::Handle(handle)) = self.key(&format!("https://{word}.{site}/")) {
                    let text = format!(
                        "`{word}.{site}` resolves to the page `{handle}`: refuse such hosts in an earlier matcher"
                    );
                    findings.problem(entry, text);
                    break;
                }
            }
        }
    }

    /// Finds matchers whose addresses are all matched by an earlier one.
    fn matchers(&self, entry: &str, findings: &mut Findings) {
        let matchers = &self.platform.address.matchers;
        for (index, matcher) in matchers.iter().enumerate().filter(|(_, it)| it.path.is_none() && !it.overlay)
        {
            let mut texts = samples(&matcher.pattern, None);
            // A pattern without an end anchor also matches longer addresses.
            if !super::addresses::ends(&matcher.pattern) {
                texts.extend(texts.clone().into_iter().map(|text| format!("{text}/b/7")));
            }
            let taker = matchers[..index].iter().position(|earlier| {
                let takes = regex::Regex::new(&earlier.pattern);
                is_asked_before(earlier, matcher)
                    && !texts.is_empty()
                    && takes.is_ok_and(|it| texts.iter().all(|text| it.is_match(text)))
            });
            if let Some(taker) = taker {
                let text =
                    format!("matcher {} already matches its addresses, such as `{}`", taker + 1, texts[0]);
                findings.problem(&format!("{entry}, matcher {}", index + 1), text);
            }
        }
    }

    /// Finds numeric ids that allow leading zeros: each spelling would be a different page.
    fn zeros(&self, entry: &str, findings: &mut Findings) {
        for (index, matcher) in self.platform.address.matchers.iter().enumerate() {
            let Ok(pattern) = regex::Regex::new(&matcher.pattern) else { continue };
            // In alphanumeric ids, a leading zero is significant.
            let are_digits = |id: &String| id.bytes().all(|it| it.is_ascii_digit());
            if !samples(&matcher.pattern, Some("id")).iter().all(are_digits) {
                continue;
            }
            let keeps_zero = samples(&matcher.pattern, None).into_iter().any(|text| {
                let id = pattern.captures(&text).and_then(|found| found.name("id"));
                let Some(id) = id.filter(|id| id.as_str().bytes().all(|it| it.is_ascii_digit())) else {
                    return false;
                };
                let padded = format!("{}0{}", &text[..id.start()], &text[id.start()..]);
                let found = pattern.captures(&padded).and_then(|found| found.name("id"));
                !id.is_empty() && found.is_some_and(|found| found.as_str() == format!("0{}", id.as_str()))
            });
            if keeps_zero {
                let text = "`042` and `42` are different ids: write `0*(?<id>[1-9]\\d*)`".to_owned();
                findings.problem(&format!("{entry}, matcher {}", index + 1), text);
            }
        }
    }
}

/// Whether an earlier matcher is tried on every address on which a later one is.
fn is_asked_before(earlier: &Matcher, later: &Matcher) -> bool {
    let has_hosts = earlier.hosts.is_empty()
        || !later.hosts.is_empty() && later.hosts.iter().all(|host| earlier.hosts.contains(host));
    let is_open = earlier.path.is_none() && !earlier.overlay;
    (earlier.on, &earlier.parameter) == (later.on, &later.parameter) && is_open && has_hosts
}

/// Literal first path segments of a pattern.
fn first_words(pattern: &str) -> Vec<String> {
    let Some(rest) = pattern.trim_start_matches("(?i)").strip_prefix("^/") else { return Vec::new() };
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let (words, rest) = match rest.strip_prefix("(?:").and_then(|rest| rest.split_once(')')) {
        Some(group) => group,
        None => rest.split_at(rest.find(|c| !is_letter(c)).unwrap_or(rest.len())),
    };
    let ends = ["/", "$", "(?:/", "(/"].iter().any(|end| rest.starts_with(end));
    let words: Vec<String> = words.split('|').map(str::to_owned).collect();
    let are_words = words.iter().all(|word| !word.is_empty() && word.chars().all(is_letter));
    if ends && are_words { words } else { Vec::new() }
}
