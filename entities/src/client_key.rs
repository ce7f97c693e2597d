//! Keys of API clients.

use sea_orm::entity::prelude::*;

/// Row of `client_key`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub client_id: i64,
    /// Hexadecimal BLAKE3 of the key; the key itself is never stored.
    #[sea_orm(unique)]
    pub key_hash: String,
    /// First characters of the key; null if it was created before they were stored.
    pub prefix: Option<String>,
    pub label: Option<String>,
    pub created_at: DateTimeUtc,
    /// Timestamp from which on the key is no longer valid; null if it does not expire.
    pub expires_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
