//! Address rules of all platforms: the entry point for resolving an address.

use std::{collections::HashMap, sync::Arc};

use super::{
    Address, AddressError, CompiledPlatform, Key, Resolution, compiled::Found, text, web::WebAddress,
};

/// Address rules of all platforms, by host.
#[derive(Clone, Debug, Default)]
pub struct AddressBook {
    platforms: HashMap<i64, Arc<CompiledPlatform>>,
    hosts: HashMap<String, i64>,
    /// Platforms with a host pattern, in ascending order.
    patterns: Vec<i64>,
    /// Platforms with forms that are not web addresses, in ascending order.
    others: Vec<i64>,
}

impl AddressBook {
    /// Adds a platform, or replaces its rules.
    pub fn insert(&mut self, platform: CompiledPlatform) {
        let id = platform.platform_id;
        self.hosts.retain(|_, owner| *owner != id);
        self.hosts.extend(platform.rules.hosts.iter().map(|host| (host.to_lowercase(), id)));
        for (list, is_in) in [
            (&mut self.patterns, platform.rules.host_pattern.is_some()),
            (&mut self.others, platform.reads_inputs()),
        ] {
            list.retain(|other| *other != id);
            list.extend(is_in.then_some(id));
            list.sort_unstable();
        }
        self.platforms.insert(id, Arc::new(platform));
    }

    /// Rules of a platform.
    pub fn platform(&self, id: i64) -> Option<&CompiledPlatform> {
        self.platforms.get(&id).map(Arc::as_ref)
    }

    /// Resolves `raw`. Total: every text has a result.
    ///
    /// # Errors
    /// A typed refusal when it is not the address of a page.
    pub fn resolve(&self, raw: &str) -> Result<Address, AddressError> {
        self.read(raw).outcome
    }

    /// Returns everything that `raw` says about a page.
    pub fn read(&self, raw: &str) -> Resolution {
        self.read_text(raw).unwrap_or_else(Resolution::refused)
    }

    fn read_text(&self, raw: &str) -> Result<Resolution, AddressError> {
        let visible = text::visible(raw)?;
        if let Some(found) = self.read_input(&visible) {
            let around: String = visible.split_whitespace().skip(1).collect::<Vec<_>>().join(" ");
            let is_clear = !visible.starts_with('@') || self.is_of(&text::words(&around), &found.outcome);
            let agrees = found.outcome.as_ref().map_or(true, |page| self.all_agree(&around, page));
            return if is_clear && agrees { Ok(found) } else { Err(AddressError::NotAUrl) };
        }
        let found = text::addresses(&visible)?;
        let read = |address: &String| self.read_address(address).unwrap_or_else(Resolution::refused);
        // A mention of the same page agrees with its address.
        let (mentions, addresses): (Vec<&String>, Vec<&String>) =
            found.named.iter().partition(|address| address.starts_with('@'));
        let is_mention = addresses.is_empty();
        // The front page of a website beside the address of a page is ignored, unless there are mentions.
        let is_site =
            |address: &&&String| found.named.len() > 1 && mentions.is_empty() && self.is_site(address);
        let named = if is_mention { &mentions } else { &addresses };
        let mut named = named.iter().filter(|address| !is_site(address)).map(|address| read(address));
        let first = named.next().ok_or(AddressError::NotAUrl)?;
        if !is_mention
            && !mentions
                .iter()
                .all(|mention| first.outcome.as_ref().is_ok_and(|page| is_mention_of(mention, page)))
        {
            return Err(AddressError::NotAUrl);
        }
        // Several spellings of one page are one address; a different page is a contradiction.
        let is_same = |other: Resolution| other.outcome == first.outcome;
        let agrees = |word: &String| self.word_agrees(word, &first.outcome, is_mention);
        let is_another_s = is_mention && !self.is_of(&found.words, &first.outcome);
        let is_one = named.all(is_same) && found.likely.iter().all(agrees) && !is_another_s;
        if is_one && self.is_unanimous(&found, &first.outcome) {
            Ok(first)
        } else {
            Err(AddressError::NotAUrl)
        }
    }

    /// Whether a word that may be an address does not contradict the page.
    fn word_agrees(&self, word: &str, page: &Result<Address, AddressError>, is_mention: bool) -> bool {
        match self.read_address(word) {
            Ok(other) if other.outcome == Err(AddressError::PlatformRoot) => {
                page.as_ref().is_ok_and(|page| self.is_host_of(word, page.platform_id))
            }
            Ok(other) => other.outcome.is_err() || other.outcome == *page,
            Err(refusal) => !is_mention || refusal != AddressError::UnknownPlatform,
        }
    }

    /// Whether the words around a mention fit its platform: there are none, or they name it and no other;
    /// unknown words may name another one. A native id needs no words.
    fn is_of(&self, words: &[String], outcome: &Result<Address, AddressError>) -> bool {
        let Ok(address) = outcome else { return true };
        let is_named = |platform: &CompiledPlatform| platform.labels.are_in(words);
        let mut others = self.platforms.values().filter(|it| it.platform_id != address.platform_id);
        let is_own = self.platform(address.platform_id).is_some_and(is_named);
        let is_clear = words.is_empty() || is_own || matches!(address.key, Key::NativeId(_));
        is_clear && !others.any(|platform| is_named(platform))
    }

    /// Whether an address is the front page of a website that belongs to no platform.
    fn is_site(&self, address: &str) -> bool {
        WebAddress::parse(address).is_ok_and(|it| it.is_front_page() && !self.imitates(&it.host))
    }

    /// Whether a host is a platform's, below one, or contains its name: `vk.com.evil.example`, `vk-com.ru`.
    fn imitates(&self, host: &str) -> bool {
        let is_foreign =
            host.contains("xn--") && host.rsplit('.').next().is_some_and(|top| !top.starts_with("xn--"));
        let plain = format!(".{}.", host.replace('-', "."));
        is_foreign
            || self.by_host(host).is_some()
            || self.hosts.keys().any(|own| plain.contains(&format!(".{}.", own.trim_start_matches("*."))))
    }

    /// Whether a word is an address on a host of the platform.
    pub(super) fn is_host_of(&self, word: &str, platform_id: i64) -> bool {
        let address = WebAddress::parse(word).ok();
        address.and_then(|it| self.by_host(&it.host)).is_some_and(|it| it.platform_id == platform_id)
    }

    pub(super) fn read_address(&self, address: &str) -> Result<Resolution, AddressError> {
        if let Some(found) = self.read_input(address) {
            return Ok(found);
        }
        let scheme = text::app_scheme(address);
        let address = WebAddress::parse(scheme.map_or(address, |(_, rest)| rest))?;
        let platform = self.by_host(&address.host).ok_or(AddressError::UnknownPlatform)?;
        let is_own =
            |scheme: &str| platform.rules.app_schemes.iter().any(|own| own.eq_ignore_ascii_case(scheme));
        if scheme.is_some_and(|(scheme, _)| !is_own(scheme)) {
            return Err(AddressError::NotAUrl);
        }
        let inner = if platform.rules.fragment_paths { address.of_fragment()? } else { None };
        // A parameter and a fragment that could each name a page are ambiguous.
        if inner.is_some() && platform.find_by_parameter(&address).is_some() {
            return Err(AddressError::UnknownForm);
        }
        Ok(self.read_web(platform, &inner.unwrap_or(address)))
    }

    pub(super) fn by_host(&self, host: &str) -> Option<&CompiledPlatform> {
        let of_parent = || self.hosts.get(&format!("*.{}", host.split_once('.')?.1)).copied();
        let of_pattern = || {
            self.patterns.iter().copied().find(|id| self.platform(*id).is_some_and(|it| it.has_host(host)))
        };
        self.platform(self.hosts.get(host).copied().or_else(of_parent).or_else(of_pattern)?)
    }

    /// Forms that are not web addresses, such as `@name` or `tg://…`.
    pub(super) fn read_input(&self, text: &str) -> Option<Resolution> {
        let mut platforms = self.others.iter().filter_map(|id| self.platform(*id));
        let (platform, found) =
            platforms.find_map(|platform| Some((platform, platform.find_input(text)?)))?;
        Some(self.resolution(platform, found))
    }

    /// The path decides. A parameter or a fragment counts only when the path names no page.
    fn read_web(&self, platform: &CompiledPlatform, address: &WebAddress) -> Resolution {
        let by_path = platform.find_by_path(address).map(|found| self.resolution(platform, found));
        match by_path {
            Some(mut named) if named.outcome.is_ok() => {
                named.embedded = self.overlay(platform, address, &named.outcome);
                named
            }
            unnamed => {
                let by_parameter =
                    platform.find_by_parameter(address).map(|found| self.resolution(platform, found));
                by_parameter
                    .or(unnamed)
                    .unwrap_or_else(|| Resolution::refused(platform.refusal(&address.path)))
            }
        }
    }

    /// Page shown on top of the named one; of several, the first refusal, otherwise `UnknownForm`.
    fn overlay(
        &self,
        platform: &CompiledPlatform,
        address: &WebAddress,
        page: &Result<Address, AddressError>,
    ) -> Option<Result<Address, AddressError>> {
        let found = platform.find_overlays(address).into_iter();
        let mut shown: Vec<_> = found.map(|found| self.resolution(platform, found).outcome).collect();
        shown.retain(|overlay| overlay != page);
        shown.dedup();
        let first_error = shown.iter().position(Result::is_err);
        match (shown.len(), first_error) {
            (0, _) => None,
            (1, _) => shown.pop(),
            (_, Some(index)) => Some(shown.swap_remove(index)),
            (_, None) => Some(Err(AddressError::UnknownForm)),
        }
    }

    fn resolution(&self, platform: &CompiledPlatform, found: Found) -> Resolution {
        let (handle, host) = match found {
            Found::NativeId(id) => {
                let address = Address { platform_id: platform.platform_id, key: Key::NativeId(id.into()) };
                return Resolution { outcome: Ok(address), embedded: None, impossible_handle: None };
            }
            Found::Refused(refusal) => return Resolution::refused(refusal),
            Found::Handle(handle, host) => (handle, host),
        };
        // A federated handle belongs to the platform of its host, wherever it appears.
        let platform = match host.as_deref() {
            None => platform,
            Some(host) => match self.by_host(host) {
                Some(platform) => platform,
                None => return Resolution::refused(AddressError::UnknownPlatform),
            },
        };
        let platform_id = platform.platform_id;
        let key = platform.handle(&handle).map(Key::Handle);
        Resolution {
            impossible_handle: (key == Err(AddressError::InvalidHandle))
                .then(|| (platform_id, platform.fold(&handle))),
            outcome: key.map(|key| Address { platform_id, key }),
            embedded: None,
        }
    }
}

/// Whether a mention has the handle of the page.
pub(super) fn is_mention_of(mention: &str, page: &Address) -> bool {
    let Key::Handle(handle) = &page.key else { return false };
    let name = mention.trim_start_matches('@');
    let handle = handle.trim_start_matches('@');
    handle.eq_ignore_ascii_case(name)
        || handle.split('@').next().is_some_and(|own| own.eq_ignore_ascii_case(name))
}
