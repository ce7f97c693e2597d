//! Signed statements of what the change log was.

use sea_orm::entity::prelude::*;

/// Row of `receipt`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt")]
pub struct Model {
    /// Place in the change log.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// Hash of the change at that place.
    pub hash: Vec<u8>,
    pub at: DateTimeUtc,
    /// Ed25519 key that the signature is made with: 32 bytes.
    pub public_key: Vec<u8>,
    /// 64 bytes.
    pub signature: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
