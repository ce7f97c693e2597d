//! States of reference data from packs: platforms, identifier schemes, sectors.

use chrono::{DateTime, Utc};
use entities::{identifier_scheme, platform, sector};
use serde::{Deserialize, Serialize};

use super::{Names, boxed, from_column, owned, to_column};
use crate::{address::PlatformRules, identifier::SchemeRules};

/// A social platform and its address rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Platform {
    pub id: i64,
    pub code: Box<str>,
    pub name: Box<str>,
    pub names: Names,
    pub website: Option<Box<str>>,
    pub status: platform::Status,
    pub address_rules: PlatformRules,
    pub metrics: Vec<Box<str>>,
    /// Confirmation methods of the platform's mark for state organizations; empty when it has no such mark.
    #[serde(default)]
    pub mark_methods: Vec<Box<str>>,
    pub updated_at: DateTime<Utc>,
}

/// An identifier scheme: format and check digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct IdentifierScheme {
    pub id: i64,
    pub code: Box<str>,
    pub name: Box<str>,
    pub names: Names,
    pub rules: SchemeRules,
    pub updated_at: DateTime<Utc>,
}

/// A sector of institutions, such as education.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Sector {
    pub id: i64,
    pub code: Box<str>,
    pub name: Box<str>,
    pub names: Names,
    pub updated_at: DateTime<Utc>,
}

impl TryFrom<platform::Model> for Platform {
    type Error = anyhow::Error;

    fn try_from(row: platform::Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            code: row.code.into(),
            name: row.name.into(),
            names: from_column(&row.names)?,
            website: boxed(row.website),
            status: row.status,
            address_rules: from_column(&row.address_rules)?,
            metrics: from_column(&row.metrics)?,
            mark_methods: from_column(&row.mark_methods)?,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Platform> for platform::Model {
    fn from(record: &Platform) -> Self {
        Self {
            id: record.id,
            code: record.code.to_string(),
            name: record.name.to_string(),
            names: to_column(&record.names),
            website: owned(&record.website),
            status: record.status,
            address_rules: to_column(&record.address_rules),
            metrics: to_column(&record.metrics),
            mark_methods: to_column(&record.mark_methods),
            updated_at: record.updated_at,
        }
    }
}

impl TryFrom<identifier_scheme::Model> for IdentifierScheme {
    type Error = anyhow::Error;

    fn try_from(row: identifier_scheme::Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            code: row.code.into(),
            name: row.name.into(),
            names: from_column(&row.names)?,
            rules: from_column(&row.rules)?,
            updated_at: row.updated_at,
        })
    }
}

impl From<&IdentifierScheme> for identifier_scheme::Model {
    fn from(record: &IdentifierScheme) -> Self {
        Self {
            id: record.id,
            code: record.code.to_string(),
            name: record.name.to_string(),
            names: to_column(&record.names),
            rules: to_column(&record.rules),
            updated_at: record.updated_at,
        }
    }
}

impl TryFrom<sector::Model> for Sector {
    type Error = anyhow::Error;

    fn try_from(row: sector::Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            code: row.code.into(),
            name: row.name.into(),
            names: from_column(&row.names)?,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Sector> for sector::Model {
    fn from(record: &Sector) -> Self {
        Self {
            id: record.id,
            code: record.code.to_string(),
            name: record.name.to_string(),
            names: to_column(&record.names),
            updated_at: record.updated_at,
        }
    }
}
