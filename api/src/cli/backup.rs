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
    database::{self, Part, Saved},
};

use super::check;
use crate::config::DatabaseConfig;

#[derive(Args, Debug)]
pub(super) struct BackupArgs {
    /// File to save to; it must not be there yet
    file: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct RestoreArgs {
    /// File of `registry backup`, to be brought into the empty database at DATABASE_URL
    #[arg(required_unless_present = "in_place")]
    file: Option<PathBuf>,

    /// The database at DATABASE_URL was restored by other means: check it, and note the break in its history
    #[arg(long, conflicts_with = "file")]
    in_place: bool,

    /// With --in-place: where the log ended when the database was put back, before anything was written to it. Consumers of the
    /// change feed go on from there; where it is not said, they are told to take a new copy
    #[arg(long, value_name = "SEQ", requires = "in_place", value_parser = clap::value_parser!(i64).range(1..))]
    common_seq: Option<i64>,
}

pub(super) async fn save(config: &DatabaseConfig, args: BackupArgs) -> Result<()> {
    let part = Part::of(&args.file)?;
    let registry = super::open(config).await?;
    let (source, path) = (registry.database().clone(), part.path().to_owned());
    // The read sees the state that the file holds, so that what is checked is what was saved.
    let read = database::detached(async move { database::save(&source, &path).await });
    let (seq, hash) = match read.await? {
        Some(read) => check::everything(registry.database(), read).await?,
        None => check_file(part.path()).await?,
    };
    close(registry).await?;
    let kilobytes = fs::metadata(part.path())?.len().div_ceil(1 << 10);
    part.finish()?;
    say!("Saved: {}, {kilobytes} KB, up to change {seq}, {}.", args.file.display(), change_log::hex(&hash));
    Ok(())
}

/// Checks a saved file of SQLite, and answers where its log ends.
async fn check_file(file: &Path) -> Result<(i64, Vec<u8>)> {
    let config = DatabaseConfig { database_url: database::sqlite_url(file)? };
    let registry = super::open(&config).await?;
    let end = check_all(&registry).await?;
    close(registry).await?;
    Ok(end)
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
        None => check_and_note(url, Some(args.common_seq.unwrap_or(0)), "restored by other means").await?,
        Some(file) => restore_file(url, file).await?,
    };
    let done = if args.in_place { "Noted: the log ends at" } else { "Restored up to" };
    say!(
        "{done} change {seq}. Servers notice by themselves; those who had read further from the change feed are told \
         TIMELINE_CHANGED."
    );
    say!(
        "Keys are as they were then: look at `registry keys list`, and revoke again those that were revoked since."
    );
    Ok(())
}

/// Brings a file into the empty database at an address, and answers where its log ends.
async fn restore_file(url: &str, file: &Path) -> Result<i64> {
    match Saved::of(url, file)? {
        Saved::Sqlite => {
            // Only a database that was checked gets the name that servers look for.
            let part = Part::from(file, &database::sqlite_file(url))?;
            fs::copy(file, part.path()).with_context(|| format!("cannot write {}", part.path().display()))?;
            let copy = database::sqlite_url(part.path())?;
            if !database::holds_registry(&copy).await? {
                bail!("{} holds no registry; nothing was restored.", file.display());
            }
            let seq = take_in(&copy).await.with_context(|| format!("{} is not restored", file.display()))?;
            part.finish()?;
            Ok(seq)
        }
        Saved::Archive => {
            database::restore_postgres(url, file).await?;
            take_in(url).await.context("what was restored is left in the database: drop it, or look into it")
        }
    }
}

/// Brings what was restored up to date: a backup may be older than the program, and what it holds is proven before it is
/// changed.
async fn take_in(url: &str) -> Result<i64> {
    let database = database::connect(url).await?;
    database::migrate(&database).await?;
    database.close().await?;
    check_and_note(url, None, "restored from a backup").await
}

/// Checks what there is, and notes that what came after a place is lost: by default after the log's end.
async fn check_and_note(url: &str, common_seq: Option<i64>, reason: &str) -> Result<i64> {
    let registry = super::open(&DatabaseConfig { database_url: url.to_owned() }).await?;
    let snapshot = registry.snapshot();
    let (last_break, seq) = (snapshot.timeline().last_break, snapshot.seq());
    if let Some(beyond) = common_seq.filter(|common| *common > seq) {
        bail!("the log ends at change {seq}: {beyond} is no place in it, so nothing was noted.");
    }
    check_all(&registry).await?;
    let common_seq = common_seq.unwrap_or(seq);
    change_log::note_break(registry.database(), last_break, common_seq, None, reason).await?;
    close(registry).await?;
    Ok(seq)
}
