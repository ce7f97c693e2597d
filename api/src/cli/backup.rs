//! `registry backup` and `registry restore`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::check::{self, tell};
use crate::{
    change::{self, Registry},
    config::DatabaseConfig,
    database,
};

#[derive(Args, Debug)]
pub(super) struct BackupArgs {
    /// File to save to; it must not be there yet
    file: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct RestoreArgs {
    /// File of `registry backup`; without one, the database was restored by other means: note that and check it
    file: Option<PathBuf>,
}

pub(super) async fn save(config: &DatabaseConfig, args: BackupArgs) -> Result<()> {
    let registry = super::open(config).await?;
    let (source, file) = (registry.database().clone(), args.file.clone());
    // The read sees the state that the file holds, so that what is checked is what was saved.
    let checked = database::detached(async move {
        match database::save(&source, &file).await? {
            Some(read) => {
                let verdict = change::verify_within(read.clone(), |_| {}).await?;
                Ok(Some((verdict, change::log_end(&*read).await?)))
            }
            None => Ok(None),
        }
    });
    let (seq, hash) = match checked.await? {
        Some((verdict, end)) => {
            tell(&verdict)?;
            end
        }
        None => check_file(&args.file).await?,
    };
    let megabytes = std::fs::metadata(&args.file)?.len().div_ceil(1 << 20);
    say!("Saved: {}, {megabytes} MB, up to change {seq}, {}.", args.file.display(), change::hex(&hash));
    Ok(())
}

/// Checks a saved file of SQLite, and answers where its log ends.
async fn check_file(file: &Path) -> Result<(i64, Vec<u8>)> {
    let name = file.to_str().context("the file's name is not Unicode")?;
    let config = DatabaseConfig { database_url: format!("sqlite://{name}") };
    let registry = super::open(&config).await?;
    check::log(&registry).await?;
    let snapshot = registry.snapshot();
    let database = registry.database().clone();
    drop(registry);
    database.close().await?;
    Ok((snapshot.seq(), snapshot.hash().to_vec()))
}

pub(super) async fn restore(config: &DatabaseConfig, args: RestoreArgs) -> Result<()> {
    if let Some(file) = &args.file {
        database::restore(&config.database_url, file).await?;
        // A backup may be older than the program; what it holds is proven before it is changed.
        let database = database::connect(&config.database_url).await?;
        database::migrate(&database).await?;
        database.close().await?;
    }
    let registry = super::open(config).await?;
    note(&registry).await?;
    check::log(&registry).await?;
    let seq = registry.snapshot().seq();
    say!(
        "Restored up to change {seq}. Servers notice by themselves; those who had read further from the change feed are told \
         TIMELINE_CHANGED."
    );
    Ok(())
}

/// Notes that what came after the log's end is lost.
async fn note(registry: &Registry) -> Result<()> {
    let snapshot = registry.snapshot();
    let (last_break, seq) = (snapshot.timeline().last_break, snapshot.seq());
    change::note_break(registry.database(), last_break, (seq, None), "restored from a backup").await
}
