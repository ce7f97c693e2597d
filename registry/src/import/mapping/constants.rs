//! Checks a mapping's constants, which if invalid would make every row fail.

use anyhow::{Result, bail};
use entities::{organization, page, territory};
use serde::de::DeserializeOwned;

use super::Mapping;
use crate::{
    import::{row::member_of, value::Value},
    snapshot::Snapshot,
};

/// Checks enum constants and the territory scheme.
pub(super) fn check(mapping: &Mapping, snapshot: &Snapshot) -> Result<()> {
    if let Some(territory) = &mapping.territory {
        is_member::<territory::Kind>("kind", Some(&territory.kind))?;
    }
    if let Some(organization) = &mapping.organization {
        is_member::<organization::Kind>("kind", organization.kind.as_ref())?;
        is_member::<organization::Level>("level", organization.level.as_ref())?;
        is_member::<organization::Branch>("branch", organization.branch.as_ref())?;
        is_member::<organization::Status>("status", organization.status.as_ref())?;
        if let Some(scheme) = &organization.territory_scheme
            && snapshot.territories().values().all(|it| !it.scheme_codes.contains_key(scheme.as_str()))
        {
            bail!("no territory of the registry has a code in the scheme `{scheme}` of territory_scheme.");
        }
    }
    for page in &mapping.pages {
        is_member::<page::Category>("category", page.category.as_ref())?;
        is_member::<page::Lifecycle>("lifecycle", page.lifecycle.as_ref())?;
        is_member::<page::Mark>("mark", page.mark.as_ref())?;
        is_member::<page::Widget>("widget", page.widget.as_ref())?;
    }
    Ok(())
}

fn is_member<T: DeserializeOwned>(field: &str, value: Option<&Value>) -> Result<()> {
    let Some(text) = value.and_then(Value::constant) else { return Ok(()) };
    match member_of::<T>(text) {
        Ok(_) => Ok(()),
        Err(error) => bail!("the mapping's constant `{text}` is not a valid {field}; {error}."),
    }
}
