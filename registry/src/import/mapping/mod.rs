//! Mappings from columns of a file to fields of the registry.

mod constants;
mod exported;
mod limits;
mod sections;

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{
    file::{Columns, Fault, Row},
    options::Kind,
    value::Value,
};
use crate::{parse_error, snapshot::Snapshot};

pub use limits::RemovalLimits;
pub use sections::{ExemptionMapping, IfMissing, OrganizationMapping, PageMapping, TerritoryMapping};

/// Longest value of a field, in characters.
const MAX_VALUE: usize = 4_000;

/// A mapping file (TOML).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Mapping {
    #[serde(default)]
    pub file: FileRules,
    /// Limits of the removal guard for imports with `--full`.
    #[serde(default)]
    pub max_removals: RemovalLimits,
    /// What to do with identifiers whose check digit is wrong.
    #[serde(default)]
    pub check_digits: CheckDigits,
    /// Date of the row: it never overwrites a change that was made later.
    pub as_of: Option<Value>,
    pub territory: Option<TerritoryMapping>,
    pub organization: Option<OrganizationMapping>,
    #[serde(default)]
    pub pages: Vec<PageMapping>,
    pub exemption: Option<ExemptionMapping>,
}

/// How to read the file where detection is not enough.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct FileRules {
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    /// Lines to skip before the header, such as a title.
    #[serde(default)]
    pub skip_rows: usize,
    /// Column names of a file without a header.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Whether the file is one that the registry exported.
    #[serde(skip)]
    pub is_exported: bool,
}

/// What to do with identifiers whose check digit is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckDigits {
    /// Refuse the row.
    #[default]
    Refuse,
    /// Import the identifier with the state `CHECK_FAILED`.
    Keep,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// When it cannot be read or is invalid; the message gives the line.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the mapping {}", path.display()))?;
        toml::from_str(&text).map_err(|error| {
            anyhow::anyhow!("{} is not a mapping: {}", path.display(), parse_error::of_toml(&text, &error))
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
                bail!("the mapping needs an [organization] section for the owners of the pages.")
            }
            _ => {}
        }
        self.check_columns(kind, columns)?;
        self.check_is_export(kind, columns)?;
        self.check_kept()?;
        constants::check(self, snapshot)?;
        let schemes = self.organization.iter().flat_map(|organization| organization.identifiers.keys());
        for scheme in schemes {
            if snapshot.scheme_by_code(scheme).is_none() {
                bail!("unknown identifier scheme `{scheme}`; load the pack that has it first.");
            }
        }
        if snapshot.platforms().is_empty() && kind == Kind::Pages {
            bail!("the registry has no platforms yet; run `registry pack load` first.");
        }
        Ok(())
    }

    fn check_columns(&self, kind: Kind, columns: &Columns) -> Result<()> {
        for column in self.columns(kind) {
            if columns.is_doubled(column) {
                bail!("the file has two columns named `{column}`; rename one of them.");
            }
            // An exported file has either the names of CSV or those of NDJSON.
            if !columns.contains(column) && !self.file.is_exported {
                bail!(
                    "the mapping uses the column `{column}`, but the file has only: {}. If there are lines before \
                     the header, set their number in the mapping: [file] skip_rows = 1; if there is no header, \
                     set the column names: [file] columns = [\"…\"].",
                    columns.names().join(", ")
                );
            }
        }
        Ok(())
    }

    fn check_kept(&self) -> Result<()> {
        let of_territory = self.territory.iter().flat_map(|it| &it.keep);
        let of_organization = self.organization.iter().flat_map(|it| &it.keep);
        let kept = of_territory.map(|field| (field, TerritoryMapping::KEPT.as_slice()));
        for (field, known) in kept.chain(of_organization.map(|it| (it, OrganizationMapping::KEPT.as_slice())))
        {
            if !known.contains(&field.as_str()) {
                bail!("unknown field `{field}` in `keep`; known fields: {}.", known.join(", "));
            }
        }
        Ok(())
    }

    /// Columns that an import of this kind reads.
    pub(super) fn columns(&self, kind: Kind) -> BTreeSet<&str> {
        self.values(kind).into_iter().flat_map(Value::columns).collect()
    }

    /// Finds a value longer than `MAX_VALUE`.
    pub(super) fn long_value(&self, kind: Kind, row: &Row, columns: &Columns) -> Option<Fault> {
        if row.cells.iter().all(|cell| cell.len() <= MAX_VALUE) {
            return None;
        }
        let is_long = |text: String| text.chars().count() > MAX_VALUE;
        let long =
            self.values(kind).into_iter().find(|value| value.list(row, columns).into_iter().any(is_long))?;
        Some(Fault {
            text: format!(
                "The value of `{}` has more than {MAX_VALUE} characters.",
                long.columns().first().unwrap_or(&"a column")
            ),
            advice: "Shorten it, or check for a quote that is not closed.",
        })
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
