//! Index of the changes that nothing shows but the log: to restore a past state, they are unwound, too.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// They are few, so the index is small.
const INDEX: &str = "CREATE INDEX change_unseen ON change (seq) WHERE audience = 'UNCHANGED'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(INDEX).await.map(|_| ())
    }
}
