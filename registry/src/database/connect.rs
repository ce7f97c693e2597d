//! From `DATABASE_URL` to open pools, with the settings that each database needs.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use futures_util::FutureExt;
use sea_orm::{
    ConnectOptions, Database as SeaOrm, DatabaseConnection,
    sqlx::{
        Connection, PgConnection,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{Database, backup::sqlite_file, file::OpenFile};

const READERS: u32 = 8;
const POSTGRES_WRITERS: u32 = 2;
/// Connections for files: each is taken for one window of rows at a time.
const EXPORTERS: u32 = 2;
/// Time for one statement that a request waits for: four fifths of what anyone's request may take. What reads all of a
/// table lifts it for its own transaction.
const READ_TIMEOUT: &str = "4s";
/// Time for one statement of whoever follows the log, and of whoever makes a file: nobody waits for their answer.
const FOLLOW_TIMEOUT: &str = "30s";
const EXPORT_TIMEOUT: &str = "30s";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the database that `url` names.
///
/// # Errors
/// When the scheme is unknown, the server does not answer or the file cannot be opened.
pub async fn connect(url: &str) -> Result<Database> {
    let pools = match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => sqlite(url).await,
        Some("postgres" | "postgresql") => postgres(url).await,
        _ => bail!(
            "DATABASE_URL must begin with `sqlite:` or `postgres:`, for example `sqlite://registry.sqlite`."
        ),
    }
    .with_context(|| {
        format!(
            "cannot open the database at DATABASE_URL={}; check that the server runs and has the database, or that \
             the file's folder is there and writable",
            without_password(url)
        )
    })?;
    Ok(Database {
        read: pools.read,
        write: pools.write,
        follow: pools.follow,
        export: pools.export,
        file: OpenFile::of(url).map(Arc::new),
        url: url.to_owned(),
    })
}

/// Pools of connections, each for one use.
struct Pools {
    read: DatabaseConnection,
    write: DatabaseConnection,
    follow: DatabaseConnection,
    export: DatabaseConnection,
}

/// Makes the file, where there is none, for its owner alone: it holds hashes of keys and the registry's secret. SQLite gives the
/// files beside it the same permissions.
fn make_file(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

async fn sqlite(url: &str) -> Result<Pools> {
    if url.contains(":memory:") {
        bail!("an in-memory SQLite database cannot be shared by connections; name a file.");
    }
    make_file(&sqlite_file(url))?;
    let connect = |connections| SeaOrm::connect(sqlite_options(url, connections));
    let write = connect(1).await?;
    Ok(Pools {
        read: connect(READERS).await?,
        write,
        follow: connect(1).await?,
        export: connect(EXPORTERS).await?,
    })
}

pub(super) fn sqlite_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = common_options(url, connections);
    // A commit that failed, on a full disk for one, leaves its transaction open: what came after would be within it, and never
    // be written.
    options.map_sqlx_sqlite_before_acquire(|connection, _| {
        let is_free = !connection.is_in_transaction();
        async move { Ok(is_free) }.boxed()
    });
    options.map_sqlx_sqlite_opts(|sqlite| {
        // sqlx sends busy_timeout before journal_mode, so two processes may open a new file at once.
        sqlite
            .create_if_missing(true)
            .busy_timeout(Duration::from_secs(60))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
    });
    options
}

async fn postgres(url: &str) -> Result<Pools> {
    // A pool goes on trying and then tells of a time-out alone; one connection tells why.
    let probe = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect(url)).await;
    probe.context("the server does not answer in time")??.close().await?;
    let connect = |connections, timeout| SeaOrm::connect(postgres_options(url, connections, timeout));
    Ok(Pools {
        read: connect(READERS, Some(READ_TIMEOUT)).await?,
        write: connect(POSTGRES_WRITERS, None).await?,
        follow: connect(1, Some(FOLLOW_TIMEOUT)).await?,
        export: connect(EXPORTERS, Some(EXPORT_TIMEOUT)).await?,
    })
}

fn postgres_options(url: &str, connections: u32, statement_timeout: Option<&'static str>) -> ConnectOptions {
    let mut options = common_options(url, connections);
    // A write does not try twice, and one more question is little beside what it does.
    let tested_after = if statement_timeout.is_none() { 0 } else { 30 };
    options
        .set_application_name("registry")
        .max_lifetime(Duration::from_secs(600))
        .test_before_acquire_if_idle_for(Duration::from_secs(tested_after))
        .map_sqlx_postgres_before_acquire(|connection, _| {
            let is_free = !connection.is_in_transaction();
            async move { Ok(is_free) }.boxed()
        })
        // A transaction that somebody left open must not hold the write lock for ever.
        .map_sqlx_postgres_opts(move |postgres| {
            postgres.options([
                ("idle_in_transaction_session_timeout", "10s"),
                ("statement_timeout", statement_timeout.unwrap_or("0")),
            ])
        });
    options
}

fn common_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(CONNECT_TIMEOUT)
        .sqlx_logging(false);
    options
}

/// The address without its password, and the password, wherever it stands.
pub(super) fn split_password(url: &str) -> (String, Option<String>) {
    let Ok(mut parsed) = url::Url::parse(url) else { return (url.to_owned(), None) };
    let given = parsed.password().map(str::to_owned);
    let given = given.map(|it| percent_encoding::percent_decode_str(&it).decode_utf8_lossy().into_owned());
    let _ = parsed.set_password(None);
    let pairs: Vec<(String, String)> = parsed.query_pairs().into_owned().collect();
    let in_query = pairs.iter().find(|(name, _)| name == PASSWORD).map(|(_, value)| value.clone());
    if in_query.is_some() {
        parsed.query_pairs_mut().clear().extend_pairs(pairs.iter().filter(|(name, _)| name != PASSWORD));
    }
    (parsed.to_string(), given.or(in_query))
}

/// Name of the password among the parameters of an address.
const PASSWORD: &str = "password";

/// The address as it may be shown: without its password; nothing of one that cannot be read, which may have one anywhere.
fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(_) if url.starts_with("sqlite:") => url.to_owned(),
        Ok(parsed) if parsed.host_str().is_some() || parsed.query().is_some() => split_password(url).0,
        _ if url.starts_with("sqlite:") => url.to_owned(),
        _ => "(an address that cannot be read)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{split_password, without_password};

    #[test]
    fn no_password_is_shown_wherever_it_stands() {
        for url in [
            "postgres://u:s3cret@h:5432/x",
            "postgres://u@h/x?password=s3cret",
            "postgres:///x?host=/tmp&password=s3cret",
            "postgres://u:s3cret@h:5999x",
            "postgres://u:a/s3cret@h/x",
        ] {
            assert!(!without_password(url).contains("s3cret"), "{url}: {}", without_password(url));
        }
        let (address, password) = split_password("postgres:///x?host=/tmp&password=s%33cret");
        assert_eq!((address.as_str(), password.as_deref()), ("postgres:///x?host=%2Ftmp", Some("s3cret")));
        assert_eq!(without_password("sqlite://registry.sqlite"), "sqlite://registry.sqlite");
    }
}
