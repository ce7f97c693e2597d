//! Results of mutations with an idempotency key, written in the transaction of the write.

use sea_orm::entity::prelude::*;

/// Row of `idempotent_result`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotent_result")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// Response key of the root field.
    #[sea_orm(primary_key, auto_increment = false)]
    pub field: String,
    /// BLAKE3 of the request.
    pub request_hash: Vec<u8>,
    /// JSON of the result.
    pub result: String,
    /// Sequence number of the log after the write.
    pub seq: i64,
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
