//! Origins of the codes of organizations, and their former codes. Existing rows have neither: their changes in the log
//! do not have them either.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column per statement.
        for column in [text_null("code_origin"), text("former_codes").default("[]").take()] {
            manager.alter_table(Table::alter().table("organization").add_column(column).take()).await?;
        }
        Ok(())
    }
}
