//! `registry migrate`.

use anyhow::Result;
use clap::Args;
use registry::{
    change_log::Registry,
    database::{self, Database},
    pack, statistics,
};

use crate::config::DatabaseConfig;

/// Default packs of a new registry.
const FIRST_PACKS: [&str; 1] = ["world"];

#[derive(Args, Debug)]
pub(super) struct MigrateArgs {
    /// Packs to load in addition to those that the registry has: built-in codes or paths of pack files
    #[arg(long = "pack", env = "PACK", value_delimiter = ',')]
    packs: Vec<String>,
}

pub(super) async fn run(config: &DatabaseConfig, args: MigrateArgs) -> Result<()> {
    let database = database::connect(&config.database_url).await?;
    let outcome = migrate(database.clone(), args).await;
    super::close(&database).await;
    outcome
}

async fn migrate(database: Database, args: MigrateArgs) -> Result<()> {
    let applied = database::migrate(&database).await?;
    say!("{} applied.", super::counted(applied, "migration", "migrations"));
    let registry = Registry::open(database).await?;
    statistics::begin_digests(&registry).await?;
    if applied > 0 {
        registry.seal_older_imports().await?;
    }
    let mut packs: Vec<String> = pack::loaded(registry.database()).await?;
    // A pack from a file cannot be found by its code: its operator reloads it by its path.
    packs.retain(|code| pack::built_in().any(|known| known == *code));
    if packs.is_empty() && args.packs.is_empty() {
        packs.extend(FIRST_PACKS.map(str::to_owned));
    }
    // Problems that a newer program finds in a pack that worked must not prevent a start.
    if super::pack::print_problems(&args.packs)? > 0 {
        say!("The packs are loaded despite these problems.");
    }
    packs.extend(args.packs);
    super::pack::load_all(&registry, &packs).await
}
