//! Address rules of one platform with compiled patterns.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Captures, Regex, RegexBuilder};

use super::{
    AddressError, Fold, Matcher, Part, PlatformRules, RulesError, labels::Labels, text::pattern,
    web::WebAddress,
};

/// Rules with compiled patterns.
#[derive(Debug)]
pub struct CompiledPlatform {
    pub(super) platform_id: i64,
    pub(super) rules: PlatformRules,
    matchers: Vec<CompiledMatcher>,
    host: Option<Regex>,
    handle: Regex,
    own: Option<Regex>,
    reserved: HashSet<String>,
    /// Names that people use for the platform, in lower case.
    pub(super) labels: Labels,
}

/// A matcher with compiled patterns.
#[derive(Debug)]
struct CompiledMatcher {
    rule: Matcher,
    pattern: Regex,
    path: Option<Regex>,
}

/// Result of a matcher.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    NativeId(String),
    /// A handle as written, and the host that identifies its platform, for federated handles.
    Handle(String, Option<String>),
    Refused(AddressError),
}

/// Files that every site serves besides its pages.
static FILE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:robots\.txt|favicon\.ico|sitemap[\w-]*\.xml|manifest\.(?:json|webmanifest)|(?:app-)?ads\.txt|index\.(?:html?|php)|humans\.txt|security\.txt|browserconfig\.xml|opensearch\.xml|crossdomain\.xml|apple-touch-icon[\w-]*\.png|service-?worker\.js|sw\.js|\.well-known)$",
    )
});

/// Characters that are not percent-encoded in the path of a canonical URL.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'@')
    .remove(b'/')
    .remove(b':');

impl CompiledPlatform {
    /// Compiles the rules of a platform.
    ///
    /// # Errors
    /// When a pattern is not a regular expression, or yields neither a key nor a refusal.
    pub fn new(platform_id: i64, rules: &PlatformRules) -> Result<Self, RulesError> {
        Ok(Self {
            platform_id,
            matchers: rules.matchers.iter().map(CompiledMatcher::new).collect::<Result<_, _>>()?,
            host: rules.host_pattern.as_deref().map(|host| compile(&format!("^(?:{host})$"))).transpose()?,
            handle: compile(&rules.handle.pattern)?,
            own: rules.handle.reserved.as_deref().map(compile).transpose()?,
            reserved: rules.reserved.iter().cloned().collect(),
            labels: Labels::of_hosts(&rules.hosts).with(rules.labels.iter().map(String::as_str)),
            rules: rules.clone(),
        })
    }

    /// Adds names that people use for the platform.
    pub fn with_names<'a>(mut self, names: impl Iterator<Item = &'a str>) -> Self {
        self.labels = self.labels.with(names);
        self
    }

    /// Whether the platform's host pattern matches a host.
    pub(super) fn has_host(&self, host: &str) -> bool {
        self.host.as_ref().is_some_and(|pattern| pattern.is_match(host))
    }

    /// Case-folds a handle by the platform's rules.
    pub fn fold(&self, handle: &str) -> String {
        match self.rules.handle.fold {
            Fold::Nothing => handle.to_owned(),
            Fold::Case => lower(handle),
            Fold::CaseAndDots => lower(handle).replace('.', ""),
        }
    }

    /// Folds and validates a handle.
    ///
    /// # Errors
    /// When the word is reserved by the platform, or is not a valid handle.
    pub fn handle(&self, raw: &str) -> Result<Box<str>, AddressError> {
        let folded = self.fold(raw);
        let is_own = self.own.as_ref().is_some_and(|own| own.is_match(&folded));
        if is_own || self.reserved.contains(&folded) || FILE.is_match(&folded) || FILE.is_match(raw) {
            return Err(AddressError::ReservedPath);
        }
        let (fewest, most) = self.rules.handle.length.unwrap_or((1, usize::MAX));
        let is_possible = self.handle.is_match(&folded) && (fewest..=most).contains(&folded.chars().count());
        if is_possible { Ok(folded.into()) } else { Err(AddressError::InvalidHandle) }
    }

    /// Why a path that no matcher recognizes is not the address of a page.
    pub(super) fn refusal(&self, path: &str) -> AddressError {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match path {
            "/" => AddressError::PlatformRoot,
            _ if self.reserved.contains(&self.fold(first)) => AddressError::ReservedPath,
            _ => AddressError::UnknownForm,
        }
    }

    /// Canonical URL of a page: by handle if possible, otherwise by native id.
    pub fn canonical_url(&self, native_id: Option<&str>, handle: Option<&str>) -> Option<String> {
        let by_handle = || self.fill_handle(self.rules.handle_url.as_deref()?, handle?);
        let by_id = || Some(self.rules.id_url.as_deref()?.replace("{id}", &encoded(native_id?)));
        by_handle().or_else(by_id)
    }

    fn fill_handle(&self, template: &str, handle: &str) -> Option<String> {
        if template.contains("{handle}") {
            return Some(template.replace("{handle}", &encoded(handle)));
        }
        let groups = self.handle.captures(handle)?;
        filled(template, |hole| groups.name(hole).map(|group| encoded(group.as_str()).into_owned()))
    }

    /// What the path or the host of an address names.
    pub(super) fn find_by_path(&self, address: &WebAddress) -> Option<Found> {
        let names = |matcher: &&CompiledMatcher| !matcher.rule.needs_path() && !matcher.rule.overlay;
        let mut matchers = self.matchers.iter().filter(names);
        matchers.find_map(|matcher| matcher.find(address).filter(|_| matcher.is_for_path(address)))
    }

    /// What parameters or the fragment name, on the paths where they may. A refusal takes precedence; several
    /// different pages are ambiguous and name none.
    pub(super) fn find_by_parameter(&self, address: &WebAddress) -> Option<Found> {
        let matchers =
            self.matchers.iter().filter(|matcher| matcher.rule.needs_path() && matcher.path.is_some());
        let mut found = matchers
            .filter(|matcher| matcher.is_for_path(address))
            .filter_map(|matcher| matcher.find(address));
        let mut named = found.next()?;
        for other in found {
            match (&named, &other) {
                (Found::Refused(_), _) => {}
                (_, Found::Refused(_)) => named = other,
                _ if named == other => {}
                _ => named = Found::Refused(AddressError::UnknownForm),
            }
        }
        Some(named)
    }

    /// Everything that is shown on top of the page of the path, on any path. A parameter with several values
    /// is ambiguous.
    pub(super) fn find_overlays(&self, address: &WebAddress) -> Vec<Found> {
        let overlays = self.matchers.iter().filter(|matcher| matcher.rule.overlay);
        let found = overlays.filter_map(|matcher| {
            let parameter = matcher.rule.parameter.as_deref().filter(|_| matcher.rule.on == Part::Query);
            let is_unclear = parameter.is_some_and(|name| address.is_contradictory(name));
            if is_unclear { Some(Found::Refused(AddressError::UnknownForm)) } else { matcher.find(address) }
        });
        found.collect()
    }

    /// Whether the platform has forms that are not web addresses.
    pub(super) fn reads_inputs(&self) -> bool {
        self.matchers.iter().any(|matcher| matcher.rule.on == Part::Input)
    }

    /// Result of the first matcher for a text that is not a web address.
    pub(super) fn find_input(&self, text: &str) -> Option<Found> {
        let matchers = self.matchers.iter().filter(|matcher| matcher.rule.on == Part::Input);
        matchers.filter_map(|matcher| matcher.apply(text, None)).next()
    }
}

impl Matcher {
    /// Checks that the matcher is usable.
    ///
    /// # Errors
    /// When a pattern is not a regular expression, or yields neither a key nor a refusal.
    pub fn validate(&self) -> Result<(), RulesError> {
        CompiledMatcher::new(self).map(drop)
    }
}

impl CompiledMatcher {
    fn new(rule: &Matcher) -> Result<Self, RulesError> {
        let (pattern, path) = (compile(&rule.pattern)?, rule.path.as_deref().map(compile).transpose()?);
        let gives_key = pattern.capture_names().flatten().any(|name| name == "id" || name == "handle");
        if !gives_key && rule.form.is_none() && rule.refuse.is_none() {
            return Err(RulesError {
                pattern: rule.pattern.clone(),
                reason: "it needs a group named `id` or `handle`, `form`, or `refuse`".into(),
            });
        }
        Ok(Self { rule: rule.clone(), pattern, path })
    }

    /// Result of the matcher for its part of the address, if the matcher applies to the host.
    fn find(&self, address: &WebAddress) -> Option<Found> {
        let is_host = self.rule.hosts.is_empty() || self.rule.hosts.contains(&address.host);
        self.apply(&self.part(address).filter(|_| is_host)?, Some(&address.host))
    }

    fn is_for_path(&self, address: &WebAddress) -> bool {
        self.path.as_ref().is_none_or(|path| path.is_match(&address.path))
    }

    fn part<'a>(&self, address: &'a WebAddress) -> Option<Cow<'a, str>> {
        match self.rule.on {
            Part::Path => Some(Cow::Borrowed(&address.path)),
            Part::Fragment => Some(Cow::Borrowed(&address.fragment)),
            Part::Host => Some(Cow::Borrowed(&address.host)),
            Part::Query => address.parameter(self.rule.parameter.as_deref()?),
            Part::Input => None,
        }
    }

    fn apply(&self, text: &str, host: Option<&str>) -> Option<Found> {
        let found = self.pattern.captures(text)?;
        if let Some(refusal) = self.rule.refuse {
            return Some(Found::Refused(refusal));
        }
        if let Some(form) = &self.rule.form {
            return formed(form, &found, host);
        }
        // Patterns match digits of any script; native ids have ASCII digits only.
        let by_id = found.name("id").map(|id| match id.as_str() {
            id if id.is_ascii() => Found::NativeId(id.to_owned()),
            _ => Found::Refused(AddressError::UnknownForm),
        });
        by_id.or_else(|| Some(Found::Handle(found.name("handle")?.as_str().to_owned(), None)))
    }
}

/// Handle composed from the groups of a match.
fn formed(form: &str, found: &Captures<'_>, host: Option<&str>) -> Option<Found> {
    let of_group = |name: &str| found.name(name).map(|group| group.as_str().to_owned());
    // Decoding it again could yield another host than the one shown.
    if of_group("host").is_some_and(|host| host.contains('%')) {
        return Some(Found::Refused(AddressError::UnknownForm));
    }
    let written = of_group("host").map(|host| match url::Host::parse(&host) {
        Ok(url::Host::Domain(domain)) => domain,
        _ => host.to_lowercase(),
    });
    let host = written.or_else(|| host.map(str::to_owned));
    let handle = filled(form, |hole| if hole == "host" { host.clone() } else { of_group(hole) })?;
    Some(Found::Handle(handle, host.filter(|_| form.contains("{host}"))))
}

/// Fills a template; `None` when a placeholder has no value.
fn filled(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = String::new();
    let mut parts = template.split('{');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (hole, rest) = part.split_once('}')?;
        text.push_str(&value(hole)?);
        text.push_str(rest);
    }
    Some(text)
}

/// Lower case, except for letters of other scripts that would become Latin ones, such as the kelvin sign.
fn lower(text: &str) -> String {
    let one = |c: char| -> String {
        if c.is_ascii() {
            return c.to_ascii_lowercase().into();
        }
        let lower: String = c.to_lowercase().collect();
        if lower.is_ascii() { c.into() } else { lower }
    };
    text.chars().map(one).collect()
}

fn encoded(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, PATH).into()
}

fn compile(pattern: &str) -> Result<Regex, RulesError> {
    RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| RulesError { pattern: pattern.to_owned(), reason: error.to_string() })
}
