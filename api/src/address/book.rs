//! All platforms' rules together: the one entry for resolving an address.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    CompiledPlatform, Matcher, Part,
    input::{self, Input, WebAddress},
};

/// What an address leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Platform's id.
    pub platform_id: i64,
    /// Page's key on the platform.
    pub key: Key,
}

/// How a platform tells one page from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The platform's permanent id.
    NativeId(Box<str>),
    /// A name that may change, folded as the platform folds it.
    Handle(Box<str>),
}

/// Why an input is not the address of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No web address at all, or a deceptive one.
    NotAUrl,
    /// An address on a host that belongs to no known platform.
    UnknownPlatform,
    /// The platform's own front page.
    PlatformRoot,
    /// A path that the platform keeps for itself.
    ReservedPath,
    /// A person's profile.
    PersonalProfile,
    /// An invitation to a private channel.
    PrivateInvite,
    /// A private channel's inner id.
    PrivateChannelId,
    /// A post, video or other content that does not name its page.
    ContentNotPage,
    /// A bot.
    BotNotPage,
    /// A name that the platform would not allow.
    InvalidHandle,
    /// A form of address that the platform's rules do not know.
    UnknownForm,
}

/// Rules of all platforms, by host.
#[derive(Clone, Debug, Default)]
pub struct AddressBook {
    platforms: HashMap<i64, Arc<CompiledPlatform>>,
    hosts: HashMap<String, i64>,
    /// Platforms with forms that are no web address, in ascending order.
    others: Vec<i64>,
}

impl AddressBook {
    /// Adds a platform, or replaces its rules.
    pub fn insert(&mut self, platform: CompiledPlatform) {
        let id = platform.platform_id;
        self.hosts.retain(|_, owner| *owner != id);
        self.others.retain(|other| *other != id);
        self.hosts.extend(platform.rules.hosts.iter().map(|host| (host.to_lowercase(), id)));
        if platform.matchers.iter().any(|(matcher, _)| matcher.on == Part::Input) {
            self.others.push(id);
            self.others.sort_unstable();
        }
        self.platforms.insert(id, Arc::new(platform));
    }

    /// Rules of a platform.
    pub fn platform(&self, id: i64) -> Option<&CompiledPlatform> {
        self.platforms.get(&id).map(Arc::as_ref)
    }

    /// Says what `raw` leads to. Total: any text gets an answer.
    ///
    /// # Errors
    /// A typed refusal when it is not the address of a page.
    pub fn resolve(&self, raw: &str) -> Result<Address, Refusal> {
        match input::read(raw)? {
            Input::Other(text) => self.resolve_other(&text),
            Input::Web(address) => {
                let platform = self.by_host(&address.host).ok_or(Refusal::UnknownPlatform)?;
                resolve_web(platform, &address)
            }
        }
    }

    fn by_host(&self, host: &str) -> Option<&CompiledPlatform> {
        let id = self.hosts.get(host).or_else(|| {
            let (_, parent) = host.split_once('.')?;
            self.hosts.get(&format!("*.{parent}"))
        })?;
        self.platform(*id)
    }

    fn resolve_other(&self, text: &str) -> Result<Address, Refusal> {
        let platforms = self.others.iter().filter_map(|id| self.platform(*id));
        for platform in platforms {
            for matcher in platform.matchers.iter().filter(|(matcher, _)| matcher.on == Part::Input) {
                if let Some(answer) = apply(platform, matcher, text) {
                    return answer;
                }
            }
        }
        Err(Refusal::NotAUrl)
    }
}

fn resolve_web(platform: &CompiledPlatform, address: &WebAddress) -> Result<Address, Refusal> {
    for matcher in &platform.matchers {
        let (rule, _) = matcher;
        if !rule.hosts.is_empty() && !rule.hosts.contains(&address.host) {
            continue;
        }
        let part = match rule.on {
            Part::Path => Cow::Borrowed(address.path.as_str()),
            Part::Fragment => Cow::Borrowed(address.fragment.as_str()),
            Part::Host => Cow::Borrowed(address.host.as_str()),
            Part::Query => match rule.parameter.as_deref().and_then(|name| address.parameter(name)) {
                Some(value) => value,
                None => continue,
            },
            Part::Input => continue,
        };
        if let Some(answer) = apply(platform, matcher, &part) {
            return answer;
        }
    }
    Err(match address.path.as_str() {
        "/" => Refusal::PlatformRoot,
        path if platform.reserves(path) => Refusal::ReservedPath,
        _ => Refusal::UnknownForm,
    })
}

fn apply(
    platform: &CompiledPlatform,
    (matcher, regex): &(Matcher, regex::Regex),
    text: &str,
) -> Option<Result<Address, Refusal>> {
    let found = regex.captures(text)?;
    if let Some(refusal) = matcher.refuse {
        return Some(Err(refusal));
    }
    let key = match (found.name("id"), found.name("handle")) {
        (Some(id), _) => Ok(Key::NativeId(id.as_str().into())),
        (None, Some(handle)) => platform.handle(handle.as_str()).map(Key::Handle),
        (None, None) => return None,
    };
    Some(key.map(|key| Address { platform_id: platform.platform_id, key }))
}
