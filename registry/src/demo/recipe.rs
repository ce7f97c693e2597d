//! Recipe of a generated registry: a data file that refers to a country's pack.

use std::collections::BTreeMap;

use anyhow::Result;
use entities::organization::Branch;
use rust_embed::RustEmbed;
use serde::Deserialize;

#[derive(RustEmbed)]
#[folder = "demo/"]
struct Recipes;

/// Contents of a recipe file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Recipe {
    /// Pack with the platforms, schemes, sectors and regions.
    pub pack: String,
    /// Source of every generated record.
    pub source: String,
    pub nicknames: Vec<String>,
    pub offices_held: Vec<String>,
    pub national: National,
    pub platforms: Vec<PlatformShare>,
    pub identifiers: Vec<IdentifierTemplate>,
    pub lifecycle: BTreeMap<entities::page::Lifecycle, u32>,
    pub mark: MarkShare,
    pub widget: WidgetShare,
    /// Transliteration of names to handles.
    pub letters: BTreeMap<char, String>,
    pub federal: Vec<Federal>,
    pub offices: Vec<Office>,
    pub regional: Vec<Regional>,
    pub municipal: Municipal,
    pub institutions: Vec<InstitutionTemplate>,
    pub regions: Vec<Region>,
}

/// National totals.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct National {
    pub pages: u32,
    pub authorities: u32,
    pub institutions: u32,
    /// Pages of federal bodies on the first platform.
    pub federal_pages: u32,
}

#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct PlatformShare {
    pub code: String,
    pub pages: u32,
    /// Template: `#` is a digit; empty if the platform shows no ids.
    pub native_id: String,
    /// Template with `{slug}` and identifiers by the last part of their scheme; empty if there are no
    /// handles.
    pub handle: String,
    /// Metrics of the platform besides subscribers, views, posts and reactions: any of `messages`, `reach`,
    /// `videos`.
    pub figures: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct IdentifierTemplate {
    pub scheme: String,
    /// `#` is a digit, `?` the check digit.
    pub template: String,
}

#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct MarkShare {
    pub platforms: Vec<String>,
    pub method: String,
    #[serde(flatten)]
    pub shares: BTreeMap<entities::page::Mark, u32>,
}

#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct WidgetShare {
    pub platforms: Vec<String>,
    #[serde(flatten)]
    pub shares: BTreeMap<entities::page::Widget, u32>,
}

#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Federal {
    pub name: String,
    pub short_name: String,
    pub branch: Branch,
    #[serde(default)]
    pub under_first: bool,
}

#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Office {
    /// Short name of the federal body.
    pub of: String,
    pub name: String,
}

#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Regional {
    pub name: String,
    pub branch: Branch,
}

#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Municipal {
    /// Nominative and genitive.
    pub adjectives: Vec<(String, String)>,
    /// Nominative and genitive.
    pub kinds: Vec<(String, String)>,
    pub bodies: Vec<Regional>,
}

#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct InstitutionTemplate {
    pub sector: String,
    pub weight: u32,
    pub name: String,
    pub short_name: String,
    pub handle: String,
}

#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Region {
    pub code: String,
    pub genitive: String,
    /// Pages on the first platform.
    pub pages: u32,
}

impl Recipe {
    /// The built-in recipe.
    ///
    /// # Errors
    /// Never, unless the program was built with an invalid recipe.
    pub fn built_in() -> Result<Self> {
        let name = Recipes::iter().next().ok_or_else(|| anyhow::anyhow!("the program holds no recipe"))?;
        let file = Recipes::get(&name).ok_or_else(|| anyhow::anyhow!("the program holds no recipe"))?;
        Ok(toml::from_str(std::str::from_utf8(&file.data)?)?)
    }
}
