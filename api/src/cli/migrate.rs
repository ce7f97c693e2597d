//! `registry migrate`.

use anyhow::Result;
use clap::Args;
use registry::{change_log::Registry, database, pack, statistics};

use crate::config::DatabaseConfig;

/// Packs of a new registry whose operator names none.
const FIRST_PACKS: [&str; 1] = ["world"];

#[derive(Args, Debug)]
pub(super) struct MigrateArgs {
    /// Packs to load beside those that the registry has; built-in codes or paths of pack files
    #[arg(long = "pack", env = "PACK", value_delimiter = ',')]
    packs: Vec<String>,
}

pub(super) async fn run(config: &DatabaseConfig, args: MigrateArgs) -> Result<()> {
    let database = database::connect(&config.database_url).await?;
    let applied = database::migrate(&database).await?;
    say!("{applied} migration(s) applied.");
    let registry = Registry::open(database).await?;
    statistics::begin_digests(&registry).await?;
    if applied > 0 {
        registry.seal_older_imports().await?;
    }
    let mut packs: Vec<String> = pack::loaded(registry.database()).await?;
    // A pack from a file cannot be found again by its code: its operator loads it again by its path.
    packs.retain(|code| pack::built_in().any(|known| known == *code));
    if packs.is_empty() && args.packs.is_empty() {
        packs.extend(FIRST_PACKS.map(str::to_owned));
    }
    // A server that starts is not held up by what a newer program finds in a pack that worked.
    if super::pack::tell_problems(&args.packs)? > 0 {
        say!("The packs are loaded all the same.");
    }
    packs.extend(args.packs);
    super::pack::load_all(&registry, &packs).await
}
