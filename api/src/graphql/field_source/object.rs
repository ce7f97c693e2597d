//! GraphQL type of the sources of fields.

use async_graphql::{Enum, SimpleObject};
use registry::{
    model::{self, SourceRank as Rank},
    view::View,
};

use crate::graphql::kit::scalar::DateTime;

/// Rank of a source. By default, and in this order, each outranks those before it; a country's pack may change the
/// order for a field.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Rank")]
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

/// Source of one field, where it is not the source of the record. Imports do not overwrite a field whose source
/// outranks them.
#[derive(SimpleObject)]
pub struct FieldSource {
    /// Name of the field in the API, as in `FieldChange.field`.
    pub field: String,
    /// Rank of the source.
    pub rank: SourceRank,
    /// Name of the source; null without the scope `pages:review`.
    pub source: Option<String>,
    /// Timestamp since which it is the source of the field.
    pub at: DateTime,
}

impl FieldSource {
    /// Sources of a record's fields as the viewer may see them: everyone sees those that outrank imports, without their
    /// names.
    pub fn visible(view: &View, sources: &[model::FieldSource]) -> Vec<Self> {
        let is_reviewer = view.viewer().is_reviewer();
        let seen = sources.iter().filter(|it| is_reviewer || it.rank > Rank::Import);
        let source = |it: &model::FieldSource| Self {
            field: it.field.to_string(),
            rank: it.rank.into(),
            source: is_reviewer.then(|| it.source.to_string()),
            at: DateTime(it.at),
        };
        seen.map(source).collect()
    }
}
