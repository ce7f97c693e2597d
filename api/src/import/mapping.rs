//! Mappings: which column of a file is which field of the registry.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{file::Columns, options::Kind, value::Value};
use crate::snapshot::Snapshot;

/// A mapping as its TOML file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Mapping {
    #[serde(default)]
    pub file: FileRules,
    /// What to do with identifiers whose check digit does not hold.
    #[serde(default)]
    pub check_digits: CheckDigits,
    /// Date of the row: an older row never overwrites what was written later.
    pub as_of: Option<Value>,
    pub territory: Option<TerritoryMapping>,
    pub organization: Option<OrganizationMapping>,
    #[serde(default)]
    pub pages: Vec<PageMapping>,
    pub exemption: Option<ExemptionMapping>,
}

/// How to read the file, where it cannot be told from the file itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct FileRules {
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
}

/// What to do with identifiers whose check digit does not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckDigits {
    /// Refuse the row.
    #[default]
    Refuse,
    /// Take the identifier in, marked as failed.
    Keep,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct TerritoryMapping {
    pub code: Value,
    pub kind: Value,
    pub name: Value,
    /// Names by language tag.
    #[serde(default)]
    pub names: BTreeMap<String, Value>,
    pub parent: Option<Value>,
    pub timezone: Option<Value>,
    pub population: Option<Value>,
    pub population_date: Option<Value>,
    pub population_source: Option<Value>,
    pub coordinating_centre: Option<Value>,
    /// Codes in other classifiers.
    #[serde(default)]
    pub codes: BTreeMap<String, Value>,
    /// Fields that stay as they are where they are set already.
    #[serde(default)]
    pub keep: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct OrganizationMapping {
    pub code: Option<Value>,
    pub name: Value,
    pub name_language: Option<Value>,
    pub short_name: Option<Value>,
    /// Names by language tag.
    #[serde(default)]
    pub names: BTreeMap<String, Value>,
    pub kind: Option<Value>,
    pub level: Option<Value>,
    pub branch: Option<Value>,
    pub sector: Option<Value>,
    pub status: Option<Value>,
    pub website: Option<Value>,
    /// Territory's own code, or its code in `territory_scheme`.
    pub territory: Option<Value>,
    pub territory_scheme: Option<String>,
    /// Code of the organization above.
    pub parent: Option<Value>,
    /// Code of the founding authority.
    pub founder: Option<Value>,
    /// Codes of the organizations that followed a merged or split one.
    pub successors: Option<Value>,
    /// Identifiers by scheme.
    #[serde(default)]
    pub identifiers: BTreeMap<String, Value>,
    /// Whether a file of pages may bring organizations that the registry does not know.
    #[serde(default)]
    pub if_missing: IfMissing,
    /// Fields that stay as they are where they are set already.
    #[serde(default)]
    pub keep: Vec<String>,
}

/// What to do with a page whose owner the registry does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IfMissing {
    /// Create the organization from the row.
    #[default]
    Create,
    /// Refuse the row.
    Refuse,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PageMapping {
    pub url: Value,
    pub native_id: Option<Value>,
    /// Platform's code as the file has it: must agree with the address.
    pub platform: Option<Value>,
    pub title: Option<Value>,
    pub page_type: Option<Value>,
    pub office_title: Option<Value>,
    pub languages: Option<Value>,
    pub category: Option<Value>,
    pub mark: Option<Value>,
    pub mark_method: Option<Value>,
    pub mark_at: Option<Value>,
    pub widget: Option<Value>,
    pub subscribers: Option<Value>,
    pub last_post_at: Option<Value>,
    /// Date that subscribers and last post are of; the day of the import where there is none.
    pub figures_at: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ExemptionMapping {
    /// Code of the organization that is freed.
    pub organization: Value,
    /// Code of the rule that it is freed from; all of them where there is none.
    pub rule: Option<Value>,
    pub reason: Value,
    pub basis: Option<Value>,
    pub decided_by: Option<Value>,
    pub valid_from: Value,
    pub valid_to: Option<Value>,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// When it cannot be read or is no mapping: the message names the line.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the mapping {}", path.display()))?;
        toml::from_str(&text).map_err(|error| {
            let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
            let line = before.matches('\n').count() + 1;
            anyhow::anyhow!("{} is not a mapping: line {line}: {}", path.display(), error.message())
        })
    }

    /// Checks the mapping against the kind of import, the file's columns and the registry.
    pub(super) fn check(&self, kind: Kind, columns: &Columns, snapshot: &Snapshot) -> Result<()> {
        match kind {
            Kind::Territories if self.territory.is_none() => {
                bail!("the mapping needs a [territory] section.")
            }
            Kind::Organizations if self.organization.is_none() => {
                bail!("the mapping needs an [organization] section.")
            }
            Kind::Exemptions if self.exemption.is_none() => {
                bail!("the mapping needs an [exemption] section.")
            }
            Kind::Pages if self.pages.is_empty() => bail!("the mapping needs a [[pages]] section."),
            Kind::Pages if self.organization.is_none() => {
                bail!("the mapping needs an [organization] section, to know the pages' owners.")
            }
            _ => {}
        }
        for column in self.values(kind).into_iter().flat_map(Value::columns) {
            if !columns.contains(column) {
                bail!(
                    "the mapping names the column `{column}`, but the file has only: {}.",
                    columns.names().join(", ")
                );
            }
        }
        let schemes = self.organization.iter().flat_map(|organization| organization.identifiers.keys());
        for scheme in schemes {
            if snapshot.scheme_by_code(scheme).is_none() {
                bail!("the registry knows no identifier scheme `{scheme}`; load the pack that has it first.");
            }
        }
        if snapshot.platforms().is_empty() && kind == Kind::Pages {
            bail!("the registry knows no platform yet; run `registry pack load` first.");
        }
        Ok(())
    }

    fn values(&self, kind: Kind) -> Vec<&Value> {
        let mut values: Vec<&Value> = self.as_of.iter().collect();
        match (kind, &self.territory, &self.organization) {
            (Kind::Territories, Some(territory), _) => values.extend(territory.values()),
            (Kind::Organizations | Kind::Pages, _, Some(organization)) => {
                values.extend(organization.values())
            }
            (Kind::Exemptions, ..) => values.extend(self.exemption.iter().flat_map(ExemptionMapping::values)),
            _ => {}
        }
        if kind == Kind::Pages {
            values.extend(self.pages.iter().flat_map(PageMapping::values));
        }
        values
    }
}

impl TerritoryMapping {
    fn values(&self) -> impl Iterator<Item = &Value> {
        let optional = [
            &self.parent,
            &self.timezone,
            &self.population,
            &self.population_date,
            &self.population_source,
            &self.coordinating_centre,
        ];
        let named = self.names.values().chain(self.codes.values());
        [&self.code, &self.kind, &self.name].into_iter().chain(optional.into_iter().flatten()).chain(named)
    }
}

impl OrganizationMapping {
    fn values(&self) -> impl Iterator<Item = &Value> {
        let optional = [
            &self.code,
            &self.name_language,
            &self.short_name,
            &self.kind,
            &self.level,
            &self.branch,
            &self.sector,
            &self.status,
            &self.website,
            &self.territory,
            &self.parent,
            &self.founder,
            &self.successors,
        ];
        let named = self.names.values().chain(self.identifiers.values());
        std::iter::once(&self.name).chain(optional.into_iter().flatten()).chain(named)
    }
}

impl PageMapping {
    fn values(&self) -> impl Iterator<Item = &Value> {
        let optional = [
            &self.native_id,
            &self.platform,
            &self.title,
            &self.page_type,
            &self.office_title,
            &self.languages,
            &self.category,
            &self.mark,
            &self.mark_method,
            &self.mark_at,
            &self.widget,
            &self.subscribers,
            &self.last_post_at,
            &self.figures_at,
        ];
        std::iter::once(&self.url).chain(optional.into_iter().flatten())
    }
}

impl ExemptionMapping {
    fn values(&self) -> impl Iterator<Item = &Value> {
        let optional = [&self.rule, &self.basis, &self.decided_by, &self.valid_to];
        [&self.organization, &self.reason, &self.valid_from].into_iter().chain(optional.into_iter().flatten())
    }
}
