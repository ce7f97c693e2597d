//! Mappings of the files that the registry exports, for imports without a mapping of their own.

use std::fmt::Write;

use anyhow::{Result, bail};
use toml::Value;

use super::Mapping;
use crate::{
    import::{file::Columns, options::Kind},
    snapshot::Snapshot,
};

/// Mapping of exported lists of organizations, without identifiers.
const ORGANIZATIONS: &str = include_str!("exported_organizations.toml");
/// Mapping of exported lists of pages.
const PAGES: &str = include_str!("exported_pages.toml");

impl Mapping {
    /// Mapping of the files of organizations or pages that the registry exports.
    ///
    /// # Errors
    /// When files of this kind are not exported.
    pub fn of_exports(kind: Kind, snapshot: &Snapshot) -> Result<Self> {
        let text = match kind {
            Kind::Organizations => with_identifiers(snapshot)?,
            Kind::Pages => PAGES.to_owned(),
            Kind::Territories | Kind::Exemptions => bail!("give a --mapping for {}.", kind.word()),
        };
        let mut mapping: Self = toml::from_str(&text)?;
        mapping.file.is_exported = true;
        Ok(mapping)
    }

    /// Checks that a file without a mapping of its own is an exported one.
    pub(super) fn check_is_export(&self, kind: Kind, columns: &Columns) -> Result<()> {
        let needed = if kind == Kind::Pages { "url" } else { "code" };
        if self.file.is_exported && !columns.contains(needed) {
            bail!(
                "the file is not an exported list of {}: it has no column `{needed}`; give a --mapping.",
                kind.word()
            );
        }
        Ok(())
    }
}

/// The mapping of organizations, with the identifiers of all schemes: they share a column, each after its scheme.
fn with_identifiers(snapshot: &Snapshot) -> Result<String> {
    let mut text = format!("{ORGANIZATIONS}\n[organization.identifiers]\n");
    for scheme in snapshot.schemes().values() {
        let pattern = Value::String(format!("^{} (.+)$", regex::escape(&scheme.code)));
        let key = Value::String(scheme.code.to_string());
        writeln!(text, "{key} = {{ column = \"identifiers\", split = \";\", pattern = {pattern} }}")?;
    }
    Ok(text)
}
