//! Last days of marks. Existing marks have none.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("page", "mark_expires_on"), ("mark_record", "expires_on")] {
            manager.alter_table(Table::alter().table(table).add_column(date_null(column)).take()).await?;
        }
        Ok(())
    }
}
