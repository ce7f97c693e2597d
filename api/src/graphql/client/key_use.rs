//! Data loader: reads the days on which the keys of a response were last used, in one statement.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::{DataLoader, Loader};
use chrono::NaiveDate;
use registry::{api_client, change_log::Registry, database::Database};

use crate::graphql::error::{Error, Result};

/// Days on which keys were last used; shared by the keys of one field.
#[derive(Clone)]
pub struct KeyUses(Arc<DataLoader<Days>>);

/// Reads days of keys by their ids.
struct Days {
    database: Database,
}

impl KeyUses {
    /// Nothing is read yet.
    pub fn new(registry: &Registry) -> Self {
        Self(Arc::new(DataLoader::new(Days { database: registry.database().clone() }, tokio::spawn)))
    }

    /// Day on which a key was last used, if servers have written it.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn last(&self, key_id: i64) -> Result<Option<NaiveDate>> {
        self.0.load_one(key_id).await.map_err(Error::Internal)
    }

    /// Last day on which any of these keys was used.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn last_of_any(&self, key_ids: Vec<i64>) -> Result<Option<NaiveDate>> {
        Ok(self.0.load_many(key_ids).await.map_err(Error::Internal)?.into_values().max())
    }
}

impl Loader<i64> for Days {
    type Value = NaiveDate;
    type Error = Arc<anyhow::Error>;

    async fn load(&self, keys: &[i64]) -> Result<HashMap<i64, NaiveDate>, Self::Error> {
        Ok(api_client::last_used(&self.database, keys).await?)
    }
}
