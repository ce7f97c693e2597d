//! Idempotency keys: the result of the first call is stored for a day.

use sea_orm::entity::prelude::*;

/// Row of `idempotency_key`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// BLAKE3 of the request.
    pub request_hash: Vec<u8>,
    /// JSON of the result: outcomes of the rows, and sequence number.
    pub answer: String,
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
