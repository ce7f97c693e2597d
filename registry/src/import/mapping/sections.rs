//! Sections of a mapping and their fields.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::import::value::Value;

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
    /// Fields that are not overwritten once set.
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
    /// First and last day of the organization.
    pub valid_from: Option<Value>,
    pub valid_to: Option<Value>,
    /// Former names with their periods.
    #[serde(default)]
    pub former_names: Vec<FormerNameMapping>,
    /// Code of the territory, or its code in `territory_scheme`.
    pub territory: Option<Value>,
    pub territory_scheme: Option<String>,
    /// Code of the parent organization.
    pub parent: Option<Value>,
    /// Code of the founding authority.
    pub founder: Option<Value>,
    /// Codes of the successors of a merged or split organization.
    pub successors: Option<Value>,
    /// Identifiers by scheme.
    #[serde(default)]
    pub identifiers: BTreeMap<String, Value>,
    /// Whether organizations with the same identifier are units of one legal entity, distinguished by name.
    #[serde(default)]
    pub units: bool,
    /// Whether a file of pages may create unknown organizations.
    #[serde(default)]
    pub if_missing: IfMissing,
    /// Fields that are not overwritten once set.
    #[serde(default)]
    pub keep: Vec<String>,
}

/// A former name of an organization.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct FormerNameMapping {
    pub name: Value,
    pub language: Option<Value>,
    pub since: Option<Value>,
    pub until: Option<Value>,
}

/// What to do with a page whose owner is not in the registry.
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
    /// Code or name of the platform: must agree with the address.
    pub platform: Option<Value>,
    pub title: Option<Value>,
    pub page_type: Option<Value>,
    pub office_title: Option<Value>,
    pub languages: Option<Value>,
    pub category: Option<Value>,
    /// Lifecycle stage: rows of pages that are not `REGISTERED` are refused.
    pub lifecycle: Option<Value>,
    /// Codes of the organizations that co-own the page.
    pub co_owners: Option<Value>,
    pub mark: Option<Value>,
    pub mark_method: Option<Value>,
    pub mark_at: Option<Value>,
    pub widget: Option<Value>,
    /// First day on which the page is official.
    pub valid_from: Option<Value>,
    pub subscribers: Option<Value>,
    pub last_post_at: Option<Value>,
    /// Date of `subscribers` and `last_post_at`; default: `as_of`, or else the day of the import.
    pub figures_at: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ExemptionMapping {
    /// Code of the exempt organization.
    pub organization: Value,
    /// Code of the obligation rule; all rules if there is none.
    pub rule: Option<Value>,
    pub reason: Value,
    pub basis: Option<Value>,
    pub decided_by: Option<Value>,
    pub valid_from: Value,
    pub valid_to: Option<Value>,
}

impl TerritoryMapping {
    /// Fields that `keep` may name.
    pub(super) const KEPT: [&str; 8] = [
        "kind",
        "name",
        "parent",
        "timezone",
        "population",
        "population_date",
        "population_source",
        "coordinating_centre",
    ];

    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
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
    /// Fields that `keep` may name.
    pub(super) const KEPT: [&str; 12] = [
        "name",
        "short_name",
        "kind",
        "level",
        "branch",
        "sector",
        "website",
        "valid_from",
        "valid_to",
        "territory",
        "parent",
        "founder",
    ];

    /// Whether rows refer to other organizations, which may come later in the file.
    pub(in crate::import) fn has_relations(&self) -> bool {
        self.parent.is_some() || self.founder.is_some() || self.successors.is_some()
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
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
            &self.valid_from,
            &self.valid_to,
            &self.territory,
            &self.parent,
            &self.founder,
            &self.successors,
        ];
        let former = self.former_names.iter().flat_map(|former| {
            std::iter::once(&former.name)
                .chain([&former.language, &former.since, &former.until].into_iter().flatten())
        });
        let named = self.names.values().chain(self.identifiers.values()).chain(former);
        std::iter::once(&self.name).chain(optional.into_iter().flatten()).chain(named)
    }
}

impl PageMapping {
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        let optional = [
            &self.native_id,
            &self.platform,
            &self.title,
            &self.page_type,
            &self.office_title,
            &self.languages,
            &self.category,
            &self.lifecycle,
            &self.co_owners,
            &self.mark,
            &self.mark_method,
            &self.mark_at,
            &self.widget,
            &self.valid_from,
            &self.subscribers,
            &self.last_post_at,
            &self.figures_at,
        ];
        std::iter::once(&self.url).chain(optional.into_iter().flatten())
    }
}

impl ExemptionMapping {
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        let optional = [&self.rule, &self.basis, &self.decided_by, &self.valid_to];
        [&self.organization, &self.reason, &self.valid_from].into_iter().chain(optional.into_iter().flatten())
    }
}
