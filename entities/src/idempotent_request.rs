//! Requests with an idempotency key, and their responses: one key of one client, for a day.

use sea_orm::entity::prelude::*;

/// Row of `idempotent_request`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotent_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// BLAKE3 of the request; of an upload, without its body.
    pub request_hash: Vec<u8>,
    /// Random number of the execution.
    pub claim: i64,
    /// End of the lease of the execution; without meaning once there is a response.
    pub claimed_until: DateTimeUtc,
    /// HTTP status of the response; null, as all that follows but `at`, until there is one.
    pub status: Option<i32>,
    pub content_type: Option<String>,
    /// Sequence number of the log that the response reflects.
    pub seq: Option<i64>,
    /// Body of the response.
    pub response: Option<Vec<u8>>,
    /// BLAKE3 of the body of an upload.
    pub upload_hash: Option<Vec<u8>>,
    /// Timestamp of the first request with the key.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
