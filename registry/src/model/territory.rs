//! State of a territory.

use chrono::{DateTime, NaiveDate, Utc};
use entities::territory::{Kind, Model};
use serde::{Deserialize, Serialize};

use super::{Names, boxed, from_column, owned, to_column};

/// A country, district, region, municipality or settlement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Territory {
    pub id: i64,
    pub code: Box<str>,
    pub kind: Kind,
    pub name: Box<str>,
    pub names: Names,
    pub parent_id: Option<i64>,
    pub timezone: Option<Box<str>>,
    pub population: Option<i64>,
    pub population_date: Option<NaiveDate>,
    pub population_source: Option<Box<str>>,
    pub coordinating_centre: Option<Box<str>>,
    /// Codes in other classifications, by classification.
    pub scheme_codes: Names,
    pub source: Box<str>,
    pub updated_at: DateTime<Utc>,
}

impl TryFrom<Model> for Territory {
    type Error = anyhow::Error;

    fn try_from(row: Model) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.id,
            code: row.code.into(),
            kind: row.kind,
            name: row.name.into(),
            names: from_column(&row.names)?,
            parent_id: row.parent_id,
            timezone: boxed(row.timezone),
            population: row.population,
            population_date: row.population_date,
            population_source: boxed(row.population_source),
            coordinating_centre: boxed(row.coordinating_centre),
            scheme_codes: from_column(&row.scheme_codes)?,
            source: row.source.into(),
            updated_at: row.updated_at,
        })
    }
}

impl From<&Territory> for Model {
    fn from(record: &Territory) -> Self {
        Self {
            id: record.id,
            code: record.code.to_string(),
            kind: record.kind,
            name: record.name.to_string(),
            names: to_column(&record.names),
            parent_id: record.parent_id,
            timezone: owned(&record.timezone),
            population: record.population,
            population_date: record.population_date,
            population_source: owned(&record.population_source),
            coordinating_centre: owned(&record.coordinating_centre),
            scheme_codes: to_column(&record.scheme_codes),
            source: record.source.to_string(),
            updated_at: record.updated_at,
        }
    }
}
