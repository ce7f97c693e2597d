//! Times of the checks of pages, and codes of rejections. Existing rows have neither.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column per statement.
        for column in [
            timestamp_with_time_zone_null("availability_checked_at"),
            timestamp_with_time_zone_null("widget_checked_at"),
            text_null("rejection"),
        ] {
            manager.alter_table(Table::alter().table("page").add_column(column).take()).await?;
        }
        Ok(())
    }
}
