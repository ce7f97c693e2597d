//! A pack loaded into the registry.

use entities::pack::Model;
use serde::{Deserialize, Serialize};

/// A pack of country data and its last loaded version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Pack {
    pub id: i64,
    pub code: Box<str>,
    pub version: i64,
}

impl From<Model> for Pack {
    fn from(row: Model) -> Self {
        Self { id: row.id, code: row.code.into(), version: row.version }
    }
}

impl From<&Pack> for Model {
    fn from(pack: &Pack) -> Self {
        Self { id: pack.id, code: pack.code.to_string(), version: pack.version }
    }
}
