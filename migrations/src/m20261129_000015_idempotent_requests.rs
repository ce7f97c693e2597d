//! Requests with an idempotency key, and their responses. The table `idempotency_key` is left for servers of the previous
//! version: results of submissions are in `idempotent_result` from now on.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let requests = Table::create()
            .table("idempotent_request")
            .col(big_integer("client_id"))
            .col(text("key"))
            .col(binary("request_hash"))
            .col(big_integer("claim"))
            .col(timestamp_with_time_zone("claimed_until"))
            .col(integer_null("status"))
            .col(text_null("content_type"))
            .col(big_integer_null("seq"))
            .col(binary_null("response"))
            .col(binary_null("upload_hash"))
            .col(timestamp_with_time_zone("at"))
            .primary_key(Index::create().col("client_id").col("key"))
            .take();
        manager.create_table(requests).await?;
        let expiry =
            Index::create().name("idempotent_request_at").table("idempotent_request").col("at").take();
        manager.create_index(expiry).await
    }
}
