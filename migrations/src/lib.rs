//! Schema history of the database, one file per migration. Must not use `entities`: migrations must not
//! change when an entity does.

pub use sea_orm_migration::prelude::*;

mod m20261122_000001_create_registry;
mod m20261122_000002_find_and_count;
mod m20261123_000003_audience_statistics;
mod m20261124_000004_ratings;
mod m20261125_000005_imports_that_tell;
mod m20261126_000006_reseal;
mod m20261126_000007_proofs;
mod m20261126_000008_kinds_of_changes;
mod m20261127_000009_hidden_figures;
mod m20261128_000010_time_zone;
mod m20261128_000011_organization_codes;
mod m20261129_000012_unseen_changes;
mod m20261129_000013_write_requests;
mod m20261129_000014_client_keys;
mod m20261129_000015_idempotent_requests;
mod m20261129_000016_proposals;
mod m20261129_000017_page_checks;
mod m20261129_000018_mark_expiry;

/// Ordered list of all migrations.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_create_registry::Migration),
            Box::new(m20261122_000002_find_and_count::Migration),
            Box::new(m20261123_000003_audience_statistics::Migration),
            Box::new(m20261124_000004_ratings::Migration),
            Box::new(m20261125_000005_imports_that_tell::Migration),
            Box::new(m20261126_000006_reseal::Migration),
            Box::new(m20261126_000007_proofs::Migration),
            Box::new(m20261126_000008_kinds_of_changes::Migration),
            Box::new(m20261127_000009_hidden_figures::Migration),
            Box::new(m20261128_000010_time_zone::Migration),
            Box::new(m20261128_000011_organization_codes::Migration),
            Box::new(m20261129_000012_unseen_changes::Migration),
            Box::new(m20261129_000013_write_requests::Migration),
            Box::new(m20261129_000014_client_keys::Migration),
            Box::new(m20261129_000015_idempotent_requests::Migration),
            Box::new(m20261129_000016_proposals::Migration),
            Box::new(m20261129_000017_page_checks::Migration),
            Box::new(m20261129_000018_mark_expiry::Migration),
        ]
    }
}
