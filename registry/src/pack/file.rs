//! The format of a pack file, and the built-in packs.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use entities::{indicator::Unit, platform::Status, territory::Kind};
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::{
    address::{CompiledPlatform, PlatformRules},
    calendar::TimeZone,
    identifier::{Check, SchemeRules},
    model::{IndicatorFigure, Names, PrecedenceTerms, RatingTerms, Terms},
    parse_error,
};

#[derive(RustEmbed)]
#[folder = "packs/"]
struct BuiltIn;

/// A pack file (TOML).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PackFile {
    pub pack: Head,
    #[serde(default)]
    pub schemes: Vec<SchemeEntry>,
    #[serde(default)]
    pub sectors: Vec<SectorEntry>,
    #[serde(default)]
    pub platforms: Vec<PlatformEntry>,
    /// Parents before their children.
    #[serde(default)]
    pub territories: Vec<TerritoryEntry>,
    #[serde(default)]
    pub obligations: Vec<ObligationEntry>,
    #[serde(default)]
    pub abbreviations: Vec<AbbreviationEntry>,
    #[serde(default)]
    pub indicators: Vec<IndicatorEntry>,
    #[serde(default)]
    pub methodologies: Vec<MethodologyEntry>,
    /// Precedence of sources, where it is not the default one.
    pub precedence: Option<PrecedenceTerms>,
}

/// A national indicator with its published figures and their sources.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct IndicatorEntry {
    pub code: String,
    pub name: String,
    #[serde(default)]
    pub names: Names,
    pub unit: Unit,
    pub figures: Vec<IndicatorFigure>,
}

/// A version of a rating methodology.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct MethodologyEntry {
    pub code: String,
    pub name: String,
    #[serde(default)]
    pub names: Names,
    pub version: i32,
    pub valid_from: NaiveDate,
    pub terms: RatingTerms,
}

/// Code, name, version, language and time zone of the pack.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Head {
    pub code: String,
    pub name: String,
    pub version: u32,
    /// Language of the entries' names (BCP 47).
    pub language: String,
    /// Reporting time zone of the registry, in the IANA time zone database.
    pub time_zone: Option<TimeZone>,
    /// Codes of built-in packs to load first.
    #[serde(default)]
    pub includes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SchemeEntry {
    pub code: String,
    pub name: String,
    #[serde(default)]
    pub names: Names,
    pub pattern: String,
    pub pad_to: Option<usize>,
    #[serde(default)]
    pub is_unique: bool,
    pub check: Option<Check>,
    pub person_pattern: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SectorEntry {
    pub code: String,
    pub name: String,
    #[serde(default)]
    pub names: Names,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PlatformEntry {
    pub code: String,
    pub name: String,
    #[serde(default)]
    pub names: Names,
    pub website: Option<String>,
    pub status: Option<Status>,
    #[serde(default)]
    pub metrics: Vec<Box<str>>,
    /// Methods by which the platform's mark for state organizations is confirmed.
    #[serde(default)]
    pub mark_methods: Vec<Box<str>>,
    pub address: PlatformRules,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct TerritoryEntry {
    pub code: String,
    pub kind: Kind,
    pub name: String,
    #[serde(default)]
    pub names: Names,
    pub parent: Option<String>,
    pub timezone: Option<String>,
    pub population: Option<i64>,
    pub population_date: Option<NaiveDate>,
    pub population_source: Option<String>,
    pub coordinating_centre: Option<String>,
    #[serde(default)]
    pub codes: BTreeMap<Box<str>, Box<str>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ObligationEntry {
    pub code: String,
    pub name: String,
    #[serde(default)]
    pub names: Names,
    pub valid_from: NaiveDate,
    /// Last day of the rule.
    pub valid_to: Option<NaiveDate>,
    pub terms: Terms,
}

/// An abbreviation and its expansions, which search treats as equal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct AbbreviationEntry {
    pub short: String,
    pub expansions: Vec<Box<str>>,
}

impl SchemeEntry {
    /// Rules of the scheme.
    pub fn rules(&self) -> SchemeRules {
        SchemeRules {
            pattern: self.pattern.clone(),
            pad_to: self.pad_to,
            is_unique: self.is_unique,
            check: self.check.clone(),
            person_pattern: self.person_pattern.clone(),
        }
    }
}

impl PackFile {
    /// Reads a pack and checks all its patterns.
    ///
    /// # Errors
    /// When the text is not a pack, or a rule in it is invalid.
    pub fn parse(text: &str) -> Result<Self> {
        let file: Self =
            toml::from_str(text).map_err(|error| anyhow::anyhow!(parse_error::of_toml(text, &error)))?;
        file.check_patterns()?;
        file.check_numbers()?;
        file.check_precedence()?;
        for obligation in &file.obligations {
            if obligation.terms.platforms.is_empty() {
                bail!("obligation `{}` has no platform", obligation.code);
            }
        }
        // Only built-in packs can be included, so that there are no cycles.
        if let Some(other) = file.pack.includes.iter().find(|name| !built_in().any(|code| code == **name)) {
            let known = built_in().collect::<Vec<_>>().join(", ");
            bail!("the pack includes `{other}`; only built-in packs can be included: {known}");
        }
        if file.pack.includes.contains(&file.pack.code) {
            bail!("the pack includes itself");
        }
        Ok(file)
    }

    /// Refuses NaN, infinite values and a modulus of 0, which could not be read back once stored.
    fn check_numbers(&self) -> Result<()> {
        for indicator in &self.indicators {
            if indicator.figures.iter().any(|figure| !figure.value.is_finite()) {
                bail!("indicator `{}` has a figure that is not a finite number", indicator.code);
            }
        }
        for methodology in &self.methodologies {
            if !methodology.terms.weight().is_finite() {
                bail!("methodology `{}` has a weight that is not a finite number", methodology.code);
            }
        }
        for scheme in &self.schemes {
            if let Some(Check::Remainder { modulus: 0 } | Check::Weighted { modulus: 0, .. }) = scheme.check {
                bail!("scheme `{}` has a modulus of 0", scheme.code);
            }
        }
        Ok(())
    }

    /// Checks all patterns and reports all errors.
    fn check_patterns(&self) -> Result<()> {
        let mut wrong = Vec::new();
        for platform in &self.platforms {
            let matchers = platform.address.matchers.iter().enumerate();
            let of_matchers: Vec<String> = matchers
                .filter_map(|(index, matcher)| Some((index + 1, matcher.validate().err()?)))
                .map(|(number, error)| format!("platform `{}`, matcher {number}: {error}", platform.code))
                .collect();
            // Other errors of the platform are reported once its matchers are valid.
            let of_platform =
                CompiledPlatform::new(0, &platform.address).err().filter(|_| of_matchers.is_empty());
            wrong.extend(of_platform.map(|error| format!("platform `{}`: {error}", platform.code)));
            wrong.extend(of_matchers);
        }
        for scheme in &self.schemes {
            let error = scheme.rules().validate().err();
            wrong.extend(error.map(|error| format!("scheme `{}`: {error}", scheme.code)));
        }
        if wrong.is_empty() { Ok(()) } else { bail!("{}", wrong.join("\n")) }
    }

    /// Reads a pack by built-in code or by file path.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn find(name: &str) -> Result<Self> {
        let text = match BuiltIn::get(&format!("{name}.toml")) {
            Some(file) => String::from_utf8(file.data.into_owned())?,
            None if std::path::Path::new(name).is_file() => std::fs::read_to_string(name)
                .with_context(|| format!("cannot read the pack {name}; it must be a UTF-8 file"))?,
            None => bail!(
                "`{name}` is neither a file nor a built-in pack ({}): give the path of the pack file, also of a loaded pack.",
                built_in().collect::<Vec<_>>().join(", ")
            ),
        };
        let pack = Self::parse(&text).with_context(|| format!("pack `{name}` cannot be used"))?;
        let code = &pack.pack.code;
        if code != name && built_in().any(|known| known == *code) {
            bail!("pack `{name}` cannot be used: `{code}` is the code of a built-in pack; use another code.");
        }
        Ok(pack)
    }
}

/// Codes of the built-in packs.
pub fn built_in() -> impl Iterator<Item = String> {
    BuiltIn::iter().filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
}
