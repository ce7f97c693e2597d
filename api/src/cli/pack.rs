//! `registry pack`.

use anyhow::Result;
use clap::Subcommand;

use crate::{change::Registry, config::DatabaseConfig, pack};

#[derive(Subcommand, Debug)]
pub(super) enum PackCommand {
    /// Load packs: new entries are added, known ones brought up to date
    Load {
        /// Codes of built-in packs, or paths of pack files
        #[arg(required = true)]
        packs: Vec<String>,
    },
    /// List the packs that come with the program, and those that the registry has
    List,
}

pub(super) async fn run(config: &DatabaseConfig, command: PackCommand) -> Result<()> {
    let registry = super::open(config).await?;
    match command {
        PackCommand::Load { packs } => load_all(&registry, &packs).await,
        PackCommand::List => {
            println!("built in: {}", pack::built_in().collect::<Vec<_>>().join(", "));
            println!("loaded:   {}", pack::loaded(registry.database()).await?.join(", "));
            Ok(())
        }
    }
}

pub(super) async fn load_all(registry: &Registry, packs: &[String]) -> Result<()> {
    for name in packs {
        for loaded in pack::load(registry, name).await? {
            println!("pack {}: {} entries, {} new or changed.", loaded.code, loaded.entries, loaded.changed);
        }
    }
    Ok(())
}
