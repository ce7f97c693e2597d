//! Sources of single fields, where they are not the source of the whole record.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Precedence of sources, in ascending order: a field is not overwritten from a source of lower precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SourceRank {
    /// An import from a file.
    Import,
    /// The platform of the page.
    Platform,
    /// The authority that is responsible for the organization.
    Authority,
    /// An operator of the registry.
    Operator,
}

impl SourceRank {
    /// All ranks, in ascending order.
    pub const ALL: [Self; 4] = [Self::Import, Self::Platform, Self::Authority, Self::Operator];

    /// Name of the rank in packs and in the documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Import => "IMPORT",
            Self::Platform => "PLATFORM",
            Self::Authority => "AUTHORITY",
            Self::Operator => "OPERATOR",
        }
    }
}

/// Source of one field of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct FieldSource {
    /// Name of the field in the API.
    pub field: Box<str>,
    pub rank: SourceRank,
    /// Name of the source: that of a client or of an operator.
    pub source: Box<str>,
    pub at: DateTime<Utc>,
}

/// Precedence of a field's source; without an entry, that of imports.
pub fn rank_of(sources: &[FieldSource], field: &str) -> SourceRank {
    sources.iter().find(|it| &*it.field == field).map_or(SourceRank::Import, |it| it.rank)
}

/// Sets the source of a field; entries stay in the order of their fields.
pub fn set_source(sources: &mut Vec<FieldSource>, entry: FieldSource) {
    match sources.binary_search_by(|it| it.field.cmp(&entry.field)) {
        Ok(index) => sources[index] = entry,
        Err(index) => sources.insert(index, entry),
    }
}

/// Removes the source of a field; returns whether there was one.
pub fn remove_source(sources: &mut Vec<FieldSource>, field: &str) -> bool {
    let before = sources.len();
    sources.retain(|it| &*it.field != field);
    sources.len() < before
}
