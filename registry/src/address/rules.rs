//! Rules of one platform's addresses, as packs write them.

use serde::{Deserialize, Serialize};

use super::Refusal;

/// Everything that the registry knows of a platform's addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformRules {
    /// Hosts, each exact; `*.example.org` stands for one more label in front.
    pub hosts: Vec<String>,
    /// Regular expression of further hosts, such as those of languages; it matches the whole host.
    #[serde(default)]
    pub host_pattern: Option<String>,
    /// Canonical address of a page known by its native id, with `{id}` in it.
    pub id_url: Option<String>,
    /// Canonical address of a page known by its handle, with `{handle}` in it, or with the names of groups
    /// of the handle's pattern.
    pub handle_url: Option<String>,
    /// Form of handles, where the platform has them.
    #[serde(default)]
    pub handle: HandleRules,
    /// First words of paths that are never a page, folded as handles are.
    #[serde(default)]
    pub reserved: Vec<String>,
    /// Schemes of the platform's own apps that stand for `https`, as in `app://example.org/name`.
    #[serde(default)]
    pub app_schemes: Vec<String>,
    /// Words by which people call the platform beside its names: a mention beside that of another platform is no address.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether the front page's fragment is a path: `/#!/name` is `/name`, as sites of one page had it.
    #[serde(default)]
    pub fragment_paths: bool,
    /// Tried in order; the first that matches decides. Those for paths, hosts and inputs come before those
    /// for parameters and fragments, wherever they stand.
    pub matchers: Vec<Matcher>,
}

/// Form of a platform's handles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandleRules {
    /// Regular expression that a folded handle matches.
    pub pattern: String,
    /// Regular expression of names that the platform uses itself, such as those of numbered content.
    #[serde(default)]
    pub reserved: Option<String>,
    /// Fewest and most characters.
    #[serde(default)]
    pub length: Option<(usize, usize)>,
    /// What the platform holds to be the same handle.
    #[serde(default)]
    pub fold: Fold,
}

impl Default for HandleRules {
    fn default() -> Self {
        Self { pattern: "^.+$".into(), reserved: None, length: None, fold: Fold::default() }
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
    /// Regular expression of the paths that the matcher is for. Parameters and fragments need one: without it
    /// they name no page.
    #[serde(default)]
    pub path: Option<String>,
    /// Hosts that the matcher is for; all of the platform's when empty.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Regular expression; a group named `id` or `handle` holds the key.
    pub pattern: String,
    /// How the handle is put together from the pattern's groups, such as `@{name}@{host}`; a group `host` that
    /// is not there is the address's own host. The handle belongs to the platform that has that host.
    #[serde(default)]
    pub form: Option<String>,
    /// Makes the match a refusal.
    pub refuse: Option<Refusal>,
    /// Whether the platform shows what is found over the page of the path, on any path: it is then the address's embedded
    /// page. One that finds a post in the path and refuses it says that the post may be of anybody.
    #[serde(default)]
    pub overlay: bool,
}

impl Matcher {
    /// Whether the matcher looks at what a path does not say: it names a page on its own paths alone.
    pub fn needs_path(&self) -> bool {
        matches!(self.on, Part::Query | Part::Fragment)
    }
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
    pub(super) pattern: String,
    pub(super) reason: String,
}
