//! States of obligation rules, exemptions and abbreviations.

use chrono::{DateTime, NaiveDate, Utc};
use entities::{
    abbreviation, exemption, obligation_rule,
    organization::{Branch, Kind, Level},
};
use serde::{Deserialize, Serialize};

use super::{Names, boxed, from_column, owned, to_column};

/// A rule that obliges organizations to have pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ObligationRule {
    pub id: i64,
    pub code: Box<str>,
    pub name: Box<str>,
    pub names: Names,
    pub terms: Terms,
    pub valid_from: NaiveDate,
    /// Last day on which the rule is in force; `None` for no end.
    pub valid_to: Option<NaiveDate>,
    pub updated_at: DateTime<Utc>,
}

/// Which organizations a rule obliges, and to what. An empty list does not restrict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Terms {
    /// Code of the territory; the rule applies to organizations in it and in its descendants.
    pub jurisdiction: Box<str>,
    #[serde(default)]
    pub kinds: Vec<Kind>,
    #[serde(default)]
    pub levels: Vec<Level>,
    #[serde(default)]
    pub branches: Vec<Branch>,
    /// Codes of sectors.
    #[serde(default)]
    pub sectors: Vec<Box<str>>,
    pub mode: Mode,
    /// Codes of platforms.
    pub platforms: Vec<Box<str>>,
    /// Legal act that the rule is based on.
    #[serde(default)]
    pub basis: Option<Box<str>>,
}

/// How many of the rule's platforms an organization must have a page on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// At least one of them.
    AnyOf,
    /// Each of them.
    AllOf,
}

/// A decision that releases one organization from an obligation; never inferred.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Exemption {
    pub id: i64,
    pub organization_id: i64,
    /// Rule that the organization is released from; `None` for all rules.
    pub rule_id: Option<i64>,
    pub reason: Box<str>,
    pub basis: Option<Box<str>>,
    pub decided_by: Option<Box<str>>,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub source: Box<str>,
    pub updated_at: DateTime<Utc>,
}

/// An abbreviation and its expansions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Abbreviation {
    pub id: i64,
    pub code: Box<str>,
    pub expansions: Vec<Box<str>>,
    pub updated_at: DateTime<Utc>,
}

fn is_in_force((first, last): (NaiveDate, Option<NaiveDate>), day: NaiveDate) -> bool {
    first <= day && last.is_none_or(|last| day <= last)
}

impl ObligationRule {
    /// Whether the rule is in force on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        is_in_force((self.valid_from, self.valid_to), day)
    }
}

impl Exemption {
    /// Whether the exemption is in force on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        is_in_force((self.valid_from, self.valid_to), day)
    }

    /// Whether the exemption releases from this rule.
    pub fn frees_from(&self, rule_id: i64) -> bool {
        self.rule_id.is_none_or(|freed| freed == rule_id)
    }
}

impl TryFrom<obligation_rule::Model> for ObligationRule {
    type Error = anyhow::Error;

    fn try_from(row: obligation_rule::Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            code: row.code.into(),
            name: row.name.into(),
            names: from_column(&row.names)?,
            terms: from_column(&row.terms)?,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            updated_at: row.updated_at,
        })
    }
}

impl From<&ObligationRule> for obligation_rule::Model {
    fn from(record: &ObligationRule) -> Self {
        Self {
            id: record.id,
            code: record.code.to_string(),
            name: record.name.to_string(),
            names: to_column(&record.names),
            terms: to_column(&record.terms),
            valid_from: record.valid_from,
            valid_to: record.valid_to,
            updated_at: record.updated_at,
        }
    }
}

impl From<exemption::Model> for Exemption {
    fn from(row: exemption::Model) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            rule_id: row.rule_id,
            reason: row.reason.into(),
            basis: boxed(row.basis),
            decided_by: boxed(row.decided_by),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            source: row.source.into(),
            updated_at: row.updated_at,
        }
    }
}

impl From<&Exemption> for exemption::Model {
    fn from(record: &Exemption) -> Self {
        Self {
            id: record.id,
            organization_id: record.organization_id,
            rule_id: record.rule_id,
            reason: record.reason.to_string(),
            basis: owned(&record.basis),
            decided_by: owned(&record.decided_by),
            valid_from: record.valid_from,
            valid_to: record.valid_to,
            source: record.source.to_string(),
            updated_at: record.updated_at,
        }
    }
}

impl TryFrom<abbreviation::Model> for Abbreviation {
    type Error = anyhow::Error;

    fn try_from(row: abbreviation::Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            code: row.code.into(),
            expansions: from_column(&row.expansions)?,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Abbreviation> for abbreviation::Model {
    fn from(record: &Abbreviation) -> Self {
        Self {
            id: record.id,
            code: record.code.to_string(),
            expansions: to_column(&record.expansions),
            updated_at: record.updated_at,
        }
    }
}
