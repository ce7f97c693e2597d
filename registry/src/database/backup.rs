//! Backups: one file with a consistent state of the database, saved during writes, and restored into an empty
//! database.

use std::{
    ffi::OsStr,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};
use tokio::process::Command;

use super::{Database, begin_read, connect::split_password};

/// Magic bytes of a SQLite file (sqlite.org/fileformat2.html) and of a pg_dump archive.
const SQLITE: &[u8] = b"SQLite format 3\0";
const ARCHIVE: &[u8] = b"PGDMP";

/// Saves the database to a partial file. On Postgres, also returns the open read transaction that sees the
/// saved state. Must be called inside [`super::detached`].
///
/// # Errors
/// When the file cannot be written, or the database's own tool fails.
pub async fn save(database: &Database, part: &Path) -> Result<Option<Arc<DatabaseTransaction>>> {
    let saved = match database.backend() {
        DbBackend::Postgres => save_postgres(database, part).await.map(Some),
        _ => save_sqlite(database, part).await.map(|()| None),
    };
    saved.with_context(|| format!("the database could not be saved to {}", part.display()))
}

async fn save_sqlite(database: &Database, part: &Path) -> Result<()> {
    let Some(name) = part.to_str() else { bail!("the file's name is not Unicode") };
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [name.into()]);
    database.read.execute_raw(statement).await?;
    Ok(())
}

/// Dumps the state that the returned read transaction sees.
async fn save_postgres(database: &Database, part: &Path) -> Result<Arc<DatabaseTransaction>> {
    let read = begin_read(database).await?;
    read.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    let export = Statement::from_string(DbBackend::Postgres, "SELECT pg_export_snapshot() AS name");
    let exported = read.query_one_raw(export).await?.context("the database exports no snapshot")?;
    let name: String = exported.try_get("", "name")?;
    let mut command = tool("pg_dump", &database.url);
    command
        .args(["--format=custom", "--no-owner", "--no-privileges", "--snapshot", &name, "--file"])
        .arg(part);
    run(command, "pg_dump").await?;
    Ok(Arc::new(read))
}

/// Kind of a backup file.
pub enum Saved {
    /// A SQLite database.
    Sqlite,
    /// A pg_dump archive.
    Archive,
}

impl Saved {
    /// Kind of a backup file, if the database at `url` can restore it.
    ///
    /// # Errors
    /// When the file is not a backup, or is a backup of the other kind of database.
    pub fn of(url: &str, file: &Path) -> Result<Self> {
        let mut first = [0; 16];
        let read = File::open(file).and_then(|mut file| file.read(&mut first));
        let length = read.with_context(|| format!("cannot read {}", file.display()))?;
        let is_sqlite = first[..length].starts_with(SQLITE);
        if !is_sqlite && !first[..length].starts_with(ARCHIVE) {
            bail!("{} is not a file of `registry backup`.", file.display());
        }
        match (url.starts_with("sqlite:"), is_sqlite) {
            (true, true) => Ok(Self::Sqlite),
            (false, false) => Ok(Self::Archive),
            (true, false) => bail!("{} was saved from Postgres; DATABASE_URL names SQLite.", file.display()),
            (false, true) => bail!("{} was saved from SQLite; DATABASE_URL names Postgres.", file.display()),
        }
    }
}

/// The file that a SQLite URL names.
pub fn sqlite_file(url: &str) -> PathBuf {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let path = path.split('?').next().unwrap_or_default();
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned().into()
}

/// Characters of a file name that are not percent-encoded in a URL.
const PLAIN: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// URL of a SQLite file.
///
/// # Errors
/// When its name is not Unicode.
pub fn sqlite_url(file: &Path) -> Result<String> {
    let absolute = std::path::absolute(file)?;
    let name = absolute.to_str().context("the file's name is not Unicode")?;
    Ok(format!("sqlite://{}", percent_encoding::utf8_percent_encode(name, PLAIN)))
}

/// Restores an archive into the empty Postgres database at `url`, atomically.
///
/// # Errors
/// When the database is not empty or rejects the archive, or the archive contains no registry.
pub async fn restore_postgres(url: &str, file: &Path) -> Result<()> {
    let database = super::connect(url).await?;
    let tables = "SELECT count(*) AS number FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')";
    let tables = Statement::from_string(DbBackend::Postgres, tables);
    let tables = database.read.query_one_raw(tables).await?.context("the database returned no row")?;
    let number: i64 = tables.try_get("", "number")?;
    database.close().await?;
    if number > 0 {
        bail!(
            "the database at DATABASE_URL has tables already; create an empty one (`createdb`) and use that."
        );
    }
    let mut command = tool("pg_restore", url);
    // Atomic, so that a server that is started too early does not see a partial restore.
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]).arg(file);
    run(command, "pg_restore").await?;
    if !holds_registry(url).await? {
        bail!("{} holds no registry; drop the restored tables.", file.display());
    }
    Ok(())
}

/// Whether the database at `url` has the registry's tables.
///
/// # Errors
/// When the database does not answer.
pub async fn holds_registry(url: &str) -> Result<bool> {
    if url.starts_with("sqlite:") && !sqlite_file(url).exists() {
        return Ok(false);
    }
    let database = super::connect(url).await?;
    let ours = match database.backend() {
        DbBackend::Postgres => {
            "SELECT to_regclass('public.change') IS NOT NULL AND to_regclass('public.seaql_migrations') IS NOT NULL AS ours"
        }
        _ => {
            "SELECT count(*) = 2 AS ours FROM sqlite_master WHERE type = 'table' AND name IN ('change', 'seaql_migrations')"
        }
    };
    let ours = Statement::from_string(database.backend(), ours);
    let row = database.read.query_one_raw(ours).await?.context("the database returned no row")?;
    let is_ours: bool = row.try_get("", "ours")?;
    database.close().await?;
    Ok(is_ours)
}

/// A Postgres tool for the database at `url`; the password is not passed as an argument, because arguments
/// are world-readable.
fn tool(name: &str, url: &str) -> Command {
    let (address, password) = split_password(url);
    let mut command = Command::new(name);
    command.arg("--dbname").arg(address).arg("--no-password").stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command.stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn run(mut command: Command, name: impl AsRef<OsStr>) -> Result<()> {
    let name = name.as_ref().to_string_lossy().into_owned();
    let output = command.output().await.with_context(|| {
        format!("cannot run {name}; install the Postgres client tools, of the server's version or newer")
    })?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("{name} failed: {}", stderr.lines().next().unwrap_or("without a message").trim());
    }
    Ok(())
}
