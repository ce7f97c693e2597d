//! State of an organization with its identifiers.

use chrono::{DateTime, NaiveDate, Utc};
use entities::{
    organization::{Branch, CodeOrigin, Kind, Level, Model, Status},
    organization_identifier as identifier,
};
use serde::{Deserialize, Serialize};

use super::{FieldSource, boxed, from_column, owned, to_column};

/// An authority or a subordinate institution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Organization {
    pub id: i64,
    pub code: Box<str>,
    /// Whether a source gave the code or an import generated it; `None` if it was written before this was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_origin: Option<CodeOrigin>,
    /// Generated codes that a source's code has replaced: they still refer to this organization, and to no other one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_codes: Vec<Box<str>>,
    pub kind: Kind,
    pub name: Box<str>,
    pub short_name: Option<Box<str>>,
    pub other_names: Vec<OtherName>,
    pub level: Option<Level>,
    pub branch: Option<Branch>,
    pub sector: Option<Box<str>>,
    pub founder_id: Option<i64>,
    pub territory_id: Option<i64>,
    pub parent_id: Option<i64>,
    pub website: Option<Box<str>>,
    pub status: Status,
    /// Timestamp of the last status change; set by `ChangeSet::upsert`.
    #[serde(default)]
    pub status_at: Option<DateTime<Utc>>,
    pub successors: Vec<i64>,
    /// By scheme and value.
    pub identifiers: Vec<Identifier>,
    /// First day of the organization according to its source; independent of the log's timestamps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// Last day of the organization according to its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    pub source: Box<str>,
    /// Sources of the fields that are not of `source`, by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub field_sources: Vec<FieldSource>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A further name that the organization has or had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct OtherName {
    pub name: Box<str>,
    pub kind: OtherNameKind,
    pub language: Option<Box<str>>,
    pub since: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

/// Kind of the other name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum OtherNameKind {
    Translation,
    Former,
    Abbreviation,
    Alternative,
}

/// Identifier of an organization in a national register.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Identifier {
    pub scheme: Box<str>,
    pub value: Box<str>,
    pub state: identifier::State,
}

impl Organization {
    /// Whether the organization is public: drafts and withdrawn organizations are visible to operators only.
    pub fn is_public(&self) -> bool {
        !matches!(self.status, Status::Draft | Status::Withdrawn)
    }

    /// Code of the organization, if it is public.
    pub fn public_code(&self) -> Option<&str> {
        self.is_public().then_some(&*self.code)
    }

    /// Level of an authority; institutions have none, even if they had one as an authority.
    pub fn authority_level(&self) -> Option<Level> {
        self.level.filter(|_| self.kind == Kind::Authority)
    }

    /// Branch of an authority; institutions have none, likewise.
    pub fn authority_branch(&self) -> Option<Branch> {
        self.branch.filter(|_| self.kind == Kind::Authority)
    }

    /// Code of the sector of an institution; authorities have none, likewise.
    pub fn institution_sector(&self) -> Option<&str> {
        self.sector.as_deref().filter(|_| self.kind == Kind::Institution)
    }

    /// Whether this is its code, or a former one.
    pub fn has_code(&self, code: &str) -> bool {
        *self.code == *code || self.former_codes.iter().any(|former| **former == *code)
    }

    /// Builds an organization from its rows.
    ///
    /// # Errors
    /// When a JSON column cannot be parsed.
    pub fn from_rows(row: Model, identifiers: Vec<identifier::Model>) -> anyhow::Result<Self> {
        let identifiers = identifiers.into_iter().map(|row| Identifier {
            scheme: row.scheme.into(),
            value: row.value.into(),
            state: row.state,
        });
        Ok(Self {
            id: row.id,
            code: row.code.into(),
            code_origin: row.code_origin,
            former_codes: from_column(&row.former_codes)?,
            kind: row.kind,
            name: row.name.into(),
            short_name: boxed(row.short_name),
            other_names: from_column(&row.other_names)?,
            level: row.level,
            branch: row.branch,
            sector: boxed(row.sector),
            founder_id: row.founder_id,
            territory_id: row.territory_id,
            parent_id: row.parent_id,
            website: boxed(row.website),
            status: row.status,
            status_at: row.status_at,
            successors: from_column(&row.successors)?,
            identifiers: identifiers.collect(),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            source: row.source.into(),
            field_sources: from_column(&row.field_sources)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    /// Rows of the organization's identifiers.
    pub fn identifier_rows(&self) -> impl Iterator<Item = identifier::Model> + '_ {
        self.identifiers.iter().map(|identifier| identifier::Model {
            organization_id: self.id,
            scheme: identifier.scheme.to_string(),
            value: identifier.value.to_string(),
            state: identifier.state,
        })
    }
}

impl From<&Organization> for Model {
    fn from(record: &Organization) -> Self {
        Self {
            id: record.id,
            code: record.code.to_string(),
            code_origin: record.code_origin,
            former_codes: to_column(&record.former_codes),
            kind: record.kind,
            name: record.name.to_string(),
            short_name: owned(&record.short_name),
            other_names: to_column(&record.other_names),
            level: record.level,
            branch: record.branch,
            sector: owned(&record.sector),
            founder_id: record.founder_id,
            territory_id: record.territory_id,
            parent_id: record.parent_id,
            website: owned(&record.website),
            status: record.status,
            status_at: record.status_at,
            successors: to_column(&record.successors),
            valid_from: record.valid_from,
            valid_to: record.valid_to,
            source: record.source.to_string(),
            field_sources: to_column(&record.field_sources),
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}
