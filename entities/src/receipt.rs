//! Signed statements of the state of the change log.

use sea_orm::entity::prelude::*;

/// Row of `receipt`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt")]
pub struct Model {
    /// Sequence number in the change log.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// Hash of the change with that sequence number.
    pub hash: Vec<u8>,
    pub at: DateTimeUtc,
    /// Ed25519 public key of the signature: 32 bytes.
    pub public_key: Vec<u8>,
    /// Ed25519 signature: 64 bytes.
    pub signature: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
