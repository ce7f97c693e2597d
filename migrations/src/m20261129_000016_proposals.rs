//! Proposals of the values that imports give for pinned fields, and the precedence of sources in packs.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let proposals = Table::create()
            .table("proposal")
            .col(big_integer("id").primary_key())
            .col(text("subject_type"))
            .col(big_integer("subject_id"))
            .col(text("field"))
            .col(text("current_value"))
            .col(text("proposed_value"))
            .col(text("source"))
            .col(big_integer("job_id"))
            .col(text("state"))
            .col(big_integer_null("closed_by_job"))
            .col(text_null("decided_by"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .take();
        manager.create_table(proposals).await?;
        let precedence = Table::alter().table("pack").add_column(text_null("precedence").take()).take();
        manager.alter_table(precedence).await
    }
}
