//! States of indicators, rating methodologies and ratings.

use chrono::{DateTime, NaiveDate, Utc};
use entities::{
    indicator::{self, Unit},
    methodology,
    organization::{Kind, Level},
    rating,
};
use serde::{Deserialize, Serialize};

use super::{Names, from_column, to_column};

/// A national indicator that others published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Indicator {
    pub id: i64,
    pub code: Box<str>,
    pub name: Box<str>,
    pub names: Names,
    pub unit: Unit,
    /// Values, the earliest first.
    pub figures: Vec<IndicatorFigure>,
    pub updated_at: DateTime<Utc>,
}

/// Value of an indicator, with its source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct IndicatorFigure {
    /// First and last day of the period of the value.
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub value: f64,
    pub source: Box<str>,
}

/// A rating methodology.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Methodology {
    pub id: i64,
    pub code: Box<str>,
    pub name: Box<str>,
    pub names: Names,
    pub version: i32,
    pub terms: RatingTerms,
    pub valid_from: NaiveDate,
    pub updated_at: DateTime<Utc>,
}

/// A published rating; immutable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Rating {
    pub id: i64,
    pub methodology_id: i64,
    /// First and last day of the rated period.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Number of entries.
    pub places: i32,
    /// BLAKE3 over the entries, in hexadecimal; seals them in the change log.
    pub digest: Box<str>,
    pub published_at: DateTime<Utc>,
}

/// What is rated, and by which metrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RatingTerms {
    pub rated: Rated,
    /// Kinds of organizations that are rated, or of the owners of rated pages; empty for all.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Levels of power of authorities; empty for all. Institutions have none.
    #[serde(default)]
    pub levels: Vec<Level>,
    /// Codes of platforms whose pages count; empty for all.
    #[serde(default)]
    pub platforms: Vec<Box<str>>,
    /// Whether only pages of office holders are rated.
    #[serde(default)]
    pub of_office_holders: bool,
    /// Components of the score; their weights sum to 1.
    pub components: Vec<Component>,
}

impl RatingTerms {
    /// Sum of the weights.
    pub fn weight(&self) -> f64 {
        self.components.iter().map(|component| component.weight).sum()
    }
}

/// What is rated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum Rated {
    Pages,
    Organizations,
}

/// A component of a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Component {
    /// Name of the metric.
    pub metric: Box<str>,
    pub weight: f64,
}

impl TryFrom<indicator::Model> for Indicator {
    type Error = anyhow::Error;

    fn try_from(row: indicator::Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            code: row.code.into(),
            name: row.name.into(),
            names: from_column(&row.names)?,
            unit: row.unit,
            figures: from_column(&row.figures)?,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Indicator> for indicator::Model {
    fn from(record: &Indicator) -> Self {
        Self {
            id: record.id,
            code: record.code.to_string(),
            name: record.name.to_string(),
            names: to_column(&record.names),
            unit: record.unit,
            figures: to_column(&record.figures),
            updated_at: record.updated_at,
        }
    }
}

impl TryFrom<methodology::Model> for Methodology {
    type Error = anyhow::Error;

    fn try_from(row: methodology::Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            code: row.code.into(),
            name: row.name.into(),
            names: from_column(&row.names)?,
            version: row.version,
            terms: from_column(&row.terms)?,
            valid_from: row.valid_from,
            updated_at: row.updated_at,
        })
    }
}

impl From<&Methodology> for methodology::Model {
    fn from(record: &Methodology) -> Self {
        Self {
            id: record.id,
            code: record.code.to_string(),
            name: record.name.to_string(),
            names: to_column(&record.names),
            version: record.version,
            terms: to_column(&record.terms),
            valid_from: record.valid_from,
            updated_at: record.updated_at,
        }
    }
}

impl From<rating::Model> for Rating {
    fn from(row: rating::Model) -> Self {
        Self {
            id: row.id,
            methodology_id: row.methodology_id,
            from: row.from_day,
            to: row.to_day,
            places: row.places,
            digest: row.digest.into(),
            published_at: row.published_at,
        }
    }
}

impl From<&Rating> for rating::Model {
    fn from(record: &Rating) -> Self {
        Self {
            id: record.id,
            methodology_id: record.methodology_id,
            from_day: record.from,
            to_day: record.to,
            places: record.places,
            digest: record.digest.to_string(),
            published_at: record.published_at,
        }
    }
}
