//! Backups: one file of one state of the database, made while it is written to, and brought back into an empty one.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};
use tokio::process::Command;

use super::{Database, begin_read, connect::split_password};

/// First bytes of a file of SQLite (sqlite.org/fileformat2.html) and of an archive of pg_dump.
const SQLITE: &[u8] = b"SQLite format 3\0";
const ARCHIVE: &[u8] = b"PGDMP";

/// Saves the database to a file that is not there yet, and answers the read of the state that the file holds, where it
/// goes on. To be called inside [`super::detached`].
///
/// # Errors
/// When the file is there, cannot be written, or the database's own tool fails; no file is then left.
pub async fn save(database: &Database, file: &Path) -> Result<Option<Arc<DatabaseTransaction>>> {
    if file.exists() {
        bail!("{} is there already; name another file.", file.display());
    }
    let part = beside(file);
    let _ = fs::remove_file(&part);
    let saved = match database.backend() {
        DbBackend::Postgres => save_postgres(database, &part).await.map(Some),
        _ => save_sqlite(database, &part).await.map(|()| None),
    };
    let finished = saved.and_then(|read| {
        File::open(&part).and_then(|part| part.sync_all())?;
        fs::rename(&part, file)?;
        Ok(read)
    });
    finished
        .inspect_err(|_| _ = fs::remove_file(&part))
        .with_context(|| format!("the database could not be saved to {}", file.display()))
}

/// The file under the name that it has until it is whole.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

async fn save_sqlite(database: &Database, part: &Path) -> Result<()> {
    let Some(name) = part.to_str() else { bail!("the file's name is not Unicode") };
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [name.into()]);
    database.read.execute_raw(statement).await?;
    Ok(())
}

/// The dump is of the state that the read sees, which goes on after it.
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

/// Brings a saved file into the database at an address, which must be empty.
///
/// # Errors
/// When the file is no backup, or the database is not empty or refuses it; nothing is then left of it.
pub async fn restore(url: &str, file: &Path) -> Result<()> {
    let mut first = [0; 16];
    let read = File::open(file).and_then(|mut file| file.read(&mut first));
    let length = read.with_context(|| format!("cannot read {}", file.display()))?;
    let is_sqlite = first[..length].starts_with(SQLITE);
    if !is_sqlite && !first[..length].starts_with(ARCHIVE) {
        bail!("{} is no file of `registry backup`.", file.display());
    }
    match (url.starts_with("sqlite:"), is_sqlite) {
        (true, true) => restore_sqlite(url, file),
        (false, false) => restore_postgres(url, file).await,
        (true, false) => bail!("{} was saved from Postgres; DATABASE_URL names SQLite.", file.display()),
        (false, true) => bail!("{} was saved from SQLite; DATABASE_URL names Postgres.", file.display()),
    }
}

fn restore_sqlite(url: &str, file: &Path) -> Result<()> {
    let target = sqlite_file(url);
    for suffix in ["", "-wal", "-shm"] {
        let mut name = target.as_os_str().to_owned();
        name.push(suffix);
        if Path::new(&name).exists() {
            bail!(
                "{} is there already. Stop whatever uses the database, and move it away first.",
                name.to_string_lossy()
            );
        }
    }
    let part = beside(&target);
    let copied = fs::copy(file, &part).and_then(|_| File::open(&part)?.sync_all());
    copied
        .and_then(|()| fs::rename(&part, &target))
        .inspect_err(|_| _ = fs::remove_file(&part))
        .with_context(|| format!("cannot write {}", target.display()))
}

/// The file that an address of SQLite names.
pub fn sqlite_file(url: &str) -> PathBuf {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    path.split('?').next().unwrap_or_default().into()
}

async fn restore_postgres(url: &str, file: &Path) -> Result<()> {
    let database = super::connect(url).await?;
    let tables = "SELECT count(*) AS number FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')";
    let tables = Statement::from_string(DbBackend::Postgres, tables);
    let tables =
        database.read.query_one_raw(tables).await?.context("the database does not say what it has")?;
    let number: i64 = tables.try_get("", "number")?;
    database.close().await?;
    if number > 0 {
        bail!(
            "the database at DATABASE_URL has tables already; make an empty one (`createdb`) and name that."
        );
    }
    let mut command = tool("pg_restore", url);
    // All of it or nothing: a server that is started too early finds no half of it.
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]).arg(file);
    run(command, "pg_restore").await
}

/// A tool of Postgres over the database at an address; the password is not among its arguments, which everyone can read.
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
        format!(
            "{name} cannot be run; install the client tools of Postgres, of the server's version or newer"
        )
    })?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        bail!("{name} failed: {}", told.lines().next().unwrap_or("it does not say why").trim());
    }
    Ok(())
}
