//! Models: the state of one subject, as stored in the snapshot and the change log.

mod client;
mod evidence;
mod field_source;
mod figures;
mod import_job;
mod obligation;
mod organization;
mod pack;
mod page;
mod proposal;
mod rating;
mod record;
mod reference;
mod scope;
mod segment;
mod territory;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Serialize, de::DeserializeOwned};

pub use client::{Client, ClientKey};
pub use evidence::{Evidence, MAX_REASON, reason_fault};
pub use field_source::{FieldSource, SourceRank, rank_of, remove_source, set_source};
pub use figures::{BatchSource, FigureDigests, Figures, StatisticsBatch, month_number};
pub use import_job::ImportJob;
pub use obligation::{Abbreviation, Exemption, Mode, ObligationRule, Terms};
pub use organization::{Identifier, Organization, OtherName, OtherNameKind};
pub use pack::{Pack, PrecedenceTerms};
pub use page::{Alias, MarkState, Page};
pub use proposal::Proposal;
pub use rating::{Component, Indicator, IndicatorFigure, Methodology, Rated, Rating, RatingTerms};
pub use record::Record;
pub(crate) use record::record_kinds;
pub use reference::{IdentifierScheme, Platform, Sector};
pub use scope::{Reach, Scope};
pub use segment::{Segment, Segments};
pub use territory::Territory;

/// Difference of clocks that is accepted of timestamps that clients give.
pub(crate) const CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(5);

/// Names by language tag (BCP 47), such as `ru` or `en`.
pub type Names = BTreeMap<Box<str>, Box<str>>;

/// Parses a JSON column.
pub(crate) fn from_column<T: DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    Ok(serde_json::from_str(text)?)
}

/// Serializes a JSON column.
pub(crate) fn to_column<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a record is a plain tree of values")
}

pub(crate) fn boxed(text: Option<String>) -> Option<Box<str>> {
    text.map(Into::into)
}

pub(crate) fn owned(text: &Option<Box<str>>) -> Option<String> {
    text.as_deref().map(str::to_owned)
}
