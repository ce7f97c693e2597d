//! Address rules of one platform, as packs define them.

use serde::{Deserialize, Serialize};

use super::AddressError;

/// Address rules of a platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformRules {
    /// Hosts, matched exactly; `*.example.org` matches one additional label.
    pub hosts: Vec<String>,
    /// Regular expression of further hosts, such as language subdomains; it must match the whole host.
    #[serde(default)]
    pub host_pattern: Option<String>,
    /// Canonical URL of a page by native id, with the placeholder `{id}`.
    pub id_url: Option<String>,
    /// Canonical URL of a page by handle, with the placeholder `{handle}` or with the names of groups of the
    /// handle's pattern.
    pub handle_url: Option<String>,
    /// Format of handles, if the platform has them.
    #[serde(default)]
    pub handle: HandleRules,
    /// First path segments that are never a page, folded like handles.
    #[serde(default)]
    pub reserved: Vec<String>,
    /// Schemes of the platform's own apps that replace `https`, as in `app://example.org/name`.
    #[serde(default)]
    pub app_schemes: Vec<String>,
    /// Further names that people use for the platform: a mention next to another platform's name is not an
    /// address.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether the front page's fragment is a path, as in old single-page sites: `/#!/name` is `/name`.
    #[serde(default)]
    pub fragment_paths: bool,
    /// Tried in order; the first match decides. Matchers for paths, hosts and inputs come before those for
    /// parameters and fragments, regardless of their position.
    pub matchers: Vec<Matcher>,
}

/// Format of a platform's handles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandleRules {
    /// Regular expression that a folded handle must match.
    pub pattern: String,
    /// Regular expression of names reserved by the platform, such as those of numbered content.
    #[serde(default)]
    pub reserved: Option<String>,
    /// Minimum and maximum number of characters.
    #[serde(default)]
    pub length: Option<(usize, usize)>,
    /// Which handles the platform treats as equal.
    #[serde(default)]
    pub fold: Fold,
}

impl Default for HandleRules {
    fn default() -> Self {
        Self { pattern: "^.+$".into(), reserved: None, length: None, fold: Fold::default() }
    }
}

/// Which handles a platform treats as equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fold {
    /// Handles that differ in case only.
    #[default]
    Case,
    /// Handles that differ in case or dots only.
    CaseAndDots,
    /// Identical handles only.
    Nothing,
}

/// One form of address: the part to match, the pattern and the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matcher {
    /// Part of the address to match.
    #[serde(default)]
    pub on: Part,
    /// Name of the query parameter, when `on` is `query`.
    pub parameter: Option<String>,
    /// Regular expression of the paths that the matcher applies to. Required for parameters and fragments:
    /// without it they name no page.
    #[serde(default)]
    pub path: Option<String>,
    /// Hosts that the matcher applies to; empty for all hosts of the platform.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Regular expression; a group named `id` or `handle` holds the key.
    pub pattern: String,
    /// Template of the handle from the pattern's groups, such as `@{name}@{host}`; a missing group `host` is
    /// the address's own host. The handle belongs to the platform of that host.
    #[serde(default)]
    pub form: Option<String>,
    /// Makes a match a refusal.
    pub refuse: Option<AddressError>,
    /// Whether the platform shows the match on top of the page of the path, on any path: it is then the
    /// embedded page. A matcher that refuses a post in the path means that the post may be anybody's.
    #[serde(default)]
    pub overlay: bool,
}

impl Matcher {
    /// Whether the matcher applies to a parameter or fragment: it names a page only on its own paths.
    pub fn needs_path(&self) -> bool {
        matches!(self.on, Part::Query | Part::Fragment)
    }
}

/// Part of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Path, percent-decoded, without trailing slashes.
    #[default]
    Path,
    /// One query parameter, percent-decoded.
    Query,
    /// What follows `#`.
    Fragment,
    /// Host, in lower case.
    Host,
    /// Whole input, for forms that are not web addresses.
    Input,
}

/// Why a platform's rules cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{pattern}` is not a usable pattern: {reason}")]
pub struct RulesError {
    pub(super) pattern: String,
    pub(super) reason: String,
}
