//! A pack loaded into the registry.

use entities::pack::Model;
use serde::{Deserialize, Serialize};

use crate::calendar::{TimeZone, UnknownTimeZone};

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
}

impl TryFrom<Model> for Pack {
    type Error = UnknownTimeZone;

    fn try_from(row: Model) -> Result<Self, UnknownTimeZone> {
        let time_zone = row.time_zone.map(TimeZone::try_from).transpose()?;
        Ok(Self { id: row.id, code: row.code.into(), version: row.version, time_zone })
    }
}

impl From<&Pack> for Model {
    fn from(pack: &Pack) -> Self {
        Self {
            id: pack.id,
            code: pack.code.to_string(),
            version: pack.version,
            time_zone: pack.time_zone.map(String::from),
        }
    }
}
