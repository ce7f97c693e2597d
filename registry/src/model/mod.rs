//! Records: the state of one subject, as the snapshot holds it and as the change log tells it.

mod client;
mod figures;
mod import_job;
mod obligation;
mod organization;
mod pack;
mod page;
mod rating;
mod reference;
mod segment;
mod territory;

use std::{collections::BTreeMap, sync::Arc};

use entities::change::SubjectType;
use serde::{Serialize, de::DeserializeOwned};

pub use client::{Client, Scope};
pub use figures::{BatchSource, FigureDigests, Figures, StatisticsBatch, month_number};
pub use import_job::ImportJob;
pub use obligation::{Abbreviation, Exemption, Mode, ObligationRule, Terms};
pub use organization::{Identifier, Organization, OtherName, OtherNameKind};
pub use pack::Pack;
pub use page::{Alias, MarkState, Page};
pub use rating::{Component, Indicator, IndicatorFigure, Methodology, Rated, Rating, RatingTerms};
pub use reference::{IdentifierScheme, Platform, Sector};
pub use segment::{Segment, Segments};
pub use territory::Territory;

/// Names by language tag (BCP 47), such as `ru` or `en`.
pub type Names = BTreeMap<Box<str>, Box<str>>;

/// State of any subject of the registry.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Record {
    Territory(Arc<Territory>),
    Sector(Arc<Sector>),
    IdentifierScheme(Arc<IdentifierScheme>),
    Platform(Arc<Platform>),
    Organization(Arc<Organization>),
    Page(Arc<Page>),
    Client(Arc<Client>),
    ObligationRule(Arc<ObligationRule>),
    Exemption(Arc<Exemption>),
    Abbreviation(Arc<Abbreviation>),
    Statistics(Arc<StatisticsBatch>),
    Indicator(Arc<Indicator>),
    Methodology(Arc<Methodology>),
    Rating(Arc<Rating>),
    Pack(Arc<Pack>),
    ImportJob(Arc<ImportJob>),
}

impl Record {
    /// Reads a record from the `after` of a change.
    ///
    /// # Errors
    /// When the text is not a state of that kind of subject.
    pub fn parse(subject_type: SubjectType, after: &str) -> serde_json::Result<Self> {
        fn read<T: DeserializeOwned>(text: &str) -> serde_json::Result<Arc<T>> {
            serde_json::from_str(text).map(Arc::new)
        }
        Ok(match subject_type {
            SubjectType::Territory => Self::Territory(read(after)?),
            SubjectType::Sector => Self::Sector(read(after)?),
            SubjectType::IdentifierScheme => Self::IdentifierScheme(read(after)?),
            SubjectType::Platform => Self::Platform(read(after)?),
            SubjectType::Organization => Self::Organization(read(after)?),
            SubjectType::Page => Self::Page(read(after)?),
            SubjectType::Client => Self::Client(read(after)?),
            SubjectType::ObligationRule => Self::ObligationRule(read(after)?),
            SubjectType::Exemption => Self::Exemption(read(after)?),
            SubjectType::Abbreviation => Self::Abbreviation(read(after)?),
            SubjectType::Statistics => Self::Statistics(read(after)?),
            SubjectType::Indicator => Self::Indicator(read(after)?),
            SubjectType::Methodology => Self::Methodology(read(after)?),
            SubjectType::Rating => Self::Rating(read(after)?),
            SubjectType::Pack => Self::Pack(read(after)?),
            SubjectType::ImportJob => Self::ImportJob(read(after)?),
        })
    }

    /// Writes the record as the `after` of a change.
    ///
    /// # Errors
    /// Never in practice: every record is a plain tree of values.
    pub fn to_json(&self) -> serde_json::Result<String> {
        match self {
            Self::Territory(record) => serde_json::to_string(record),
            Self::Sector(record) => serde_json::to_string(record),
            Self::IdentifierScheme(record) => serde_json::to_string(record),
            Self::Platform(record) => serde_json::to_string(record),
            Self::Organization(record) => serde_json::to_string(record),
            Self::Page(record) => serde_json::to_string(record),
            Self::Client(record) => serde_json::to_string(record),
            Self::ObligationRule(record) => serde_json::to_string(record),
            Self::Exemption(record) => serde_json::to_string(record),
            Self::Abbreviation(record) => serde_json::to_string(record),
            Self::Statistics(record) => serde_json::to_string(record),
            Self::Indicator(record) => serde_json::to_string(record),
            Self::Methodology(record) => serde_json::to_string(record),
            Self::Rating(record) => serde_json::to_string(record),
            Self::Pack(record) => serde_json::to_string(record),
            Self::ImportJob(record) => serde_json::to_string(record),
        }
    }

    /// Kind of the subject.
    pub fn subject_type(&self) -> SubjectType {
        match self {
            Self::Territory(_) => SubjectType::Territory,
            Self::Sector(_) => SubjectType::Sector,
            Self::IdentifierScheme(_) => SubjectType::IdentifierScheme,
            Self::Platform(_) => SubjectType::Platform,
            Self::Organization(_) => SubjectType::Organization,
            Self::Page(_) => SubjectType::Page,
            Self::Client(_) => SubjectType::Client,
            Self::ObligationRule(_) => SubjectType::ObligationRule,
            Self::Exemption(_) => SubjectType::Exemption,
            Self::Abbreviation(_) => SubjectType::Abbreviation,
            Self::Statistics(_) => SubjectType::Statistics,
            Self::Indicator(_) => SubjectType::Indicator,
            Self::Methodology(_) => SubjectType::Methodology,
            Self::Rating(_) => SubjectType::Rating,
            Self::Pack(_) => SubjectType::Pack,
            Self::ImportJob(_) => SubjectType::ImportJob,
        }
    }

    /// Primary key of the subject.
    pub fn id(&self) -> i64 {
        match self {
            Self::Territory(record) => record.id,
            Self::Sector(record) => record.id,
            Self::IdentifierScheme(record) => record.id,
            Self::Platform(record) => record.id,
            Self::Organization(record) => record.id,
            Self::Page(record) => record.id,
            Self::Client(record) => record.id,
            Self::ObligationRule(record) => record.id,
            Self::Exemption(record) => record.id,
            Self::Abbreviation(record) => record.id,
            Self::Statistics(record) => record.platform_id,
            Self::Indicator(record) => record.id,
            Self::Methodology(record) => record.id,
            Self::Rating(record) => record.id,
            Self::Pack(record) => record.id,
            Self::ImportJob(record) => record.id,
        }
    }
}

/// Reads a JSON column.
pub(crate) fn from_column<T: DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    Ok(serde_json::from_str(text)?)
}

/// Writes a JSON column.
pub(crate) fn to_column<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a record is a plain tree of values")
}

pub(crate) fn boxed(text: Option<String>) -> Option<Box<str>> {
    text.map(Into::into)
}

pub(crate) fn owned(text: &Option<Box<str>>) -> Option<String> {
    text.as_deref().map(str::to_owned)
}
