//! A pack loaded into the registry.

use std::collections::BTreeMap;

use entities::{change::SubjectType, pack::Model};
use serde::{Deserialize, Serialize};

use super::{SourceRank, from_column, to_column};
use crate::calendar::TimeZone;

/// A pack of country data and its last loaded version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Pack {
    pub id: i64,
    pub code: Box<str>,
    pub version: i64,
    /// Reporting time zone; that of the pack added last counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<TimeZone>,
    /// Precedence of sources where the pack changes it; of each field, that of the pack added last counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precedence: Option<PrecedenceTerms>,
}

/// Precedence of sources by field, named as in the API: the ranks of sources in descending order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PrecedenceTerms {
    #[serde(default)]
    pub pages: BTreeMap<Box<str>, [SourceRank; 4]>,
    #[serde(default)]
    pub organizations: BTreeMap<Box<str>, [SourceRank; 4]>,
}

impl PrecedenceTerms {
    /// Ranks of sources of a field in descending order; `None` if the pack does not change it.
    pub fn order(&self, subject_type: SubjectType, field: &str) -> Option<[SourceRank; 4]> {
        let fields = match subject_type {
            SubjectType::Page => &self.pages,
            _ => &self.organizations,
        };
        fields.get(field).copied()
    }
}

impl TryFrom<Model> for Pack {
    type Error = anyhow::Error;

    fn try_from(row: Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            code: row.code.into(),
            version: row.version,
            time_zone: row.time_zone.map(TimeZone::try_from).transpose()?,
            precedence: row.precedence.map(|terms| from_column(&terms)).transpose()?,
        })
    }
}

impl From<&Pack> for Model {
    fn from(pack: &Pack) -> Self {
        Self {
            id: pack.id,
            code: pack.code.to_string(),
            version: pack.version,
            time_zone: pack.time_zone.map(String::from),
            precedence: pack.precedence.as_ref().map(to_column),
        }
    }
}
