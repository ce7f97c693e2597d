//! Rules of one platform's addresses, as packs write them, and their compiled form.

use std::collections::HashSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::Refusal;

/// Everything that the registry knows of a platform's addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformRules {
    /// Hosts, each exact; `*.example.org` stands for one more label in front.
    pub hosts: Vec<String>,
    /// Canonical address of a page known by its native id, with `{id}` in it.
    pub id_url: Option<String>,
    /// Canonical address of a page known by its handle, with `{handle}` in it.
    pub handle_url: Option<String>,
    /// Form of handles, where the platform has them.
    #[serde(default)]
    pub handle: HandleRules,
    /// First words of paths that are never a page, folded as handles are.
    #[serde(default)]
    pub reserved: Vec<String>,
    /// Tried in order; the first that matches decides.
    pub matchers: Vec<Matcher>,
}

/// Form of a platform's handles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandleRules {
    /// Regular expression that a folded handle matches.
    pub pattern: String,
    /// What the platform holds to be the same handle.
    #[serde(default)]
    pub fold: Fold,
}

impl Default for HandleRules {
    fn default() -> Self {
        Self { pattern: "^.+$".into(), fold: Fold::default() }
    }
}

/// What a platform holds to be the same handle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fold {
    /// Upper and lower case.
    #[default]
    Case,
    /// Upper and lower case, with dots or without.
    CaseAndDots,
    /// Only equal spelling.
    Nothing,
}

/// One form of address: where to look, what to find, what it gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matcher {
    /// Part of the address to look at.
    #[serde(default)]
    pub on: Part,
    /// Name of the query parameter, when `on` is `query`.
    pub parameter: Option<String>,
    /// Hosts that the matcher is for; all of the platform's when empty.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Regular expression; a group named `id` or `handle` holds the key.
    pub pattern: String,
    /// Makes the match a refusal.
    pub refuse: Option<Refusal>,
}

/// Part of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Path, percent-decoded, without slashes at its end.
    #[default]
    Path,
    /// One query parameter, percent-decoded.
    Query,
    /// What follows `#`.
    Fragment,
    /// Host, in lower case.
    Host,
    /// Whole input, for forms that are no web address.
    Input,
}

/// Why a platform's rules cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{pattern}` is not a usable pattern: {reason}")]
pub struct RulesError {
    pattern: String,
    reason: String,
}

/// Rules with their patterns compiled.
#[derive(Debug)]
pub struct CompiledPlatform {
    pub(super) platform_id: i64,
    pub(super) rules: PlatformRules,
    pub(super) matchers: Vec<(Matcher, Regex)>,
    handle: Regex,
    reserved: HashSet<String>,
}

/// What stays as it is in a canonical address's path.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'@').remove(b'/');

impl CompiledPlatform {
    /// Compiles the rules of a platform.
    ///
    /// # Errors
    /// When a pattern is no regular expression, or gives neither a key nor a refusal.
    pub fn new(platform_id: i64, rules: &PlatformRules) -> Result<Self, RulesError> {
        let matchers = rules.matchers.iter().map(|matcher| {
            let regex = compile(&matcher.pattern)?;
            let gives_key = regex.capture_names().flatten().any(|name| name == "id" || name == "handle");
            if !gives_key && matcher.refuse.is_none() {
                return Err(RulesError {
                    pattern: matcher.pattern.clone(),
                    reason: "it needs a group named `id` or `handle`, or `refuse`".into(),
                });
            }
            Ok((matcher.clone(), regex))
        });
        Ok(Self {
            platform_id,
            matchers: matchers.collect::<Result<_, _>>()?,
            handle: compile(&rules.handle.pattern)?,
            reserved: rules.reserved.iter().cloned().collect(),
            rules: rules.clone(),
        })
    }

    /// Folds a handle as the platform does.
    pub fn fold(&self, handle: &str) -> String {
        match self.rules.handle.fold {
            Fold::Nothing => handle.to_owned(),
            Fold::Case => handle.to_lowercase(),
            Fold::CaseAndDots => handle.to_lowercase().replace('.', ""),
        }
    }

    /// Folds and checks a handle.
    ///
    /// # Errors
    /// When the platform keeps the word for itself, or could not have such a handle.
    pub fn handle(&self, raw: &str) -> Result<Box<str>, Refusal> {
        let folded = self.fold(raw);
        if self.reserved.contains(&folded) {
            return Err(Refusal::ReservedPath);
        }
        if self.handle.is_match(&folded) { Ok(folded.into()) } else { Err(Refusal::InvalidHandle) }
    }

    /// Whether a path begins with a word that the platform keeps for itself.
    pub(super) fn reserves(&self, path: &str) -> bool {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        self.reserved.contains(&self.fold(first))
    }

    /// Canonical address of a page: by handle where it has one, by native id otherwise.
    pub fn canonical_url(&self, native_id: Option<&str>, handle: Option<&str>) -> Option<String> {
        let fill = |template: &Option<String>, hole: &str, value: Option<&str>| {
            let encoded = utf8_percent_encode(value?, PATH).to_string();
            template.as_ref().map(|template| template.replace(hole, &encoded))
        };
        fill(&self.rules.handle_url, "{handle}", handle)
            .or_else(|| fill(&self.rules.id_url, "{id}", native_id))
    }
}

fn compile(pattern: &str) -> Result<Regex, RulesError> {
    RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| RulesError { pattern: pattern.to_owned(), reason: error.to_string() })
}
