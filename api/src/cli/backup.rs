//! `registry backup` and `registry restore`.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use registry::{
    change_log::{self, Registry},
    database::{self, PartialFile, Saved},
};

use super::check;
use crate::config::{DatabaseConfig, whole_number};

#[derive(Args, Debug)]
pub(super) struct BackupArgs {
    /// File to write; it must not exist yet
    file: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct RestoreArgs {
    /// File of `registry backup`, to restore into the empty database at DATABASE_URL
    #[arg(required_unless_present = "in_place")]
    file: Option<PathBuf>,

    /// The database at DATABASE_URL was restored by other means: check it, and record the break in its history
    #[arg(long, conflicts_with = "file")]
    in_place: bool,

    /// With --in-place: last sequence number of the restored log, before anything was written to it. Consumers of the change
    /// feed resume from there; if not given, they must take a new copy
    #[arg(long, value_name = "SEQ", requires = "in_place", value_parser = |text: &str| whole_number(text, 1..=i64::MAX))]
    common_seq: Option<i64>,
}

pub(super) async fn save(config: &DatabaseConfig, args: BackupArgs) -> Result<()> {
    let part = PartialFile::of(&args.file)?;
    let registry = super::open(config).await?;
    let (source, path) = (registry.database().clone(), part.path().to_owned());
    // The read transaction sees the state in the file, so that the check applies to the backup.
    let read = database::detached(async move { database::save(&source, &path).await });
    let saved = async {
        match read.await? {
            Some(read) => check::everything(registry.database(), read).await,
            None => check_file(part.path()).await,
        }
    };
    let saved = saved.await;
    close(registry).await?;
    let (seq, hash) = saved?;
    let kilobytes = fs::metadata(part.path())?.len().div_ceil(1 << 10);
    part.finish()?;
    say!("Saved: {}, {kilobytes} KB, up to change {seq}, {}.", args.file.display(), change_log::hex(&hash));
    Ok(())
}

/// Checks a saved SQLite file; returns where its log ends.
async fn check_file(file: &Path) -> Result<(i64, Vec<u8>)> {
    let config = DatabaseConfig { database_url: database::sqlite_url(file)? };
    let registry = super::open(&config).await?;
    let end = check_all(&registry).await;
    close(registry).await?;
    end
}

async fn check_all(registry: &Registry) -> Result<(i64, Vec<u8>)> {
    let database = registry.database().clone();
    let read = database::detached(async move { Ok(Arc::new(database::begin_read(&database).await?)) });
    check::everything(registry.database(), read.await?).await
}

async fn close(registry: Registry) -> Result<()> {
    let database = registry.database().clone();
    drop(registry);
    Ok(database.close().await?)
}

pub(super) async fn restore(config: &DatabaseConfig, args: RestoreArgs) -> Result<()> {
    let url = &config.database_url;
    let seq = match &args.file {
        None if !database::holds_registry(url).await? => bail!(
            "the database at DATABASE_URL holds no registry: nothing was restored into it. Run `registry restore FILE`."
        ),
        None => {
            check_and_record_break(url, Some(args.common_seq.unwrap_or(0)), "restored by other means").await?
        }
        Some(file) => restore_file(url, file).await?,
    };
    let done = if args.in_place { "Recorded: the log ends at" } else { "Restored up to" };
    say!(
        "{done} change {seq}. Servers detect this; clients that had read further from the change feed get \
         TIMELINE_CHANGED."
    );
    say!(
        "Keys are as they were then: check `registry keys list`, and revoke again those that were revoked since."
    );
    Ok(())
}

/// Restores a file into the empty database at a URL; returns where its log ends.
async fn restore_file(url: &str, file: &Path) -> Result<i64> {
    match Saved::of(url, file)? {
        Saved::Sqlite => {
            // Only a checked database gets the name that servers open.
            let part = PartialFile::from(file, &database::sqlite_file(url))?;
            fs::copy(file, part.path()).with_context(|| format!("cannot write {}", part.path().display()))?;
            let copy = database::sqlite_url(part.path())?;
            if !database::holds_registry(&copy).await? {
                bail!("{} holds no registry; nothing was restored.", file.display());
            }
            let seq = migrate_and_check(&copy)
                .await
                .with_context(|| format!("{} was not restored", file.display()))?;
            part.finish()?;
            Ok(seq)
        }
        Saved::Archive => {
            database::restore_postgres(url, file).await?;
            migrate_and_check(url)
                .await
                .context("the restored data is left in the database: drop or inspect it")
        }
    }
}

/// Migrates a restored database, as a backup may be older than the program, then checks it and records the break.
async fn migrate_and_check(url: &str) -> Result<i64> {
    let database = database::connect(url).await?;
    let migrated = database::migrate(&database).await;
    database.close().await?;
    migrated?;
    check_and_record_break(url, None, "restored from a backup").await
}

/// Checks the database, then records that changes after `common_seq` (default: the end of the log) are lost.
async fn check_and_record_break(url: &str, common_seq: Option<i64>, reason: &str) -> Result<i64> {
    let registry = super::open(&DatabaseConfig { database_url: url.to_owned() }).await?;
    let recorded = record_break(&registry, common_seq, reason).await;
    close(registry).await?;
    recorded
}

async fn record_break(registry: &Registry, common_seq: Option<i64>, reason: &str) -> Result<i64> {
    let snapshot = registry.snapshot();
    let (last_break, seq) = (snapshot.timeline().last_break, snapshot.seq());
    if let Some(beyond) = common_seq.filter(|common| *common > seq) {
        bail!("the log ends at change {seq}: {beyond} is beyond it, so nothing was recorded.");
    }
    check_all(registry).await?;
    let common_seq = common_seq.unwrap_or(seq);
    change_log::record_break(registry.database(), last_break, common_seq, None, reason).await?;
    Ok(seq)
}
