//! Opens the connection pools for `DATABASE_URL`, with the settings for each database.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow, bail};
use futures_util::FutureExt;
use sea_orm::{
    ConnectOptions, Database as SeaOrm, DatabaseConnection,
    sqlx::{
        Connection, Error as SqlxError, PgConnection,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{Database, backup::sqlite_file, file::OpenFile};

const READERS: u32 = 8;
const POSTGRES_WRITERS: u32 = 2;
/// Connections for exports: each is held for one window of rows at a time.
const EXPORTERS: u32 = 2;
/// Timeout of a statement that a request waits for: four fifths of the deadline of a public request. Full
/// table reads lift it in their own transaction.
const READ_TIMEOUT: &str = "4s";
/// Timeouts of statements that no request waits for: following the log, and exports.
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
             the file's folder exists and is writable",
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

/// Connection pools, one per purpose.
struct Pools {
    read: DatabaseConnection,
    write: DatabaseConnection,
    follow: DatabaseConnection,
    export: DatabaseConnection,
}

/// Creates the file, if it does not exist, readable by its owner only: it contains key hashes and the
/// registry's secret. SQLite gives the files beside it the same permissions.
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
    // A failed commit, for example on a full disk, leaves its transaction open; later statements would join
    // it and never be committed.
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
    // A pool retries and then reports only a timeout; a single connection reports the cause.
    let probe = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect(url)).await;
    let probe = probe.context("the server does not answer in time")?.map_err(of_server)?;
    probe.close().await?;
    let connect = |connections, timeout| SeaOrm::connect(postgres_options(url, connections, timeout));
    Ok(Pools {
        read: connect(READERS, Some(READ_TIMEOUT)).await?,
        write: connect(POSTGRES_WRITERS, None).await?,
        follow: connect(1, Some(FOLLOW_TIMEOUT)).await?,
        export: connect(EXPORTERS, Some(EXPORT_TIMEOUT)).await?,
    })
}

/// An answer of Postgres in words; other errors are returned as they are.
fn of_server(error: SqlxError) -> anyhow::Error {
    let Some(answer) = error.as_database_error() else { return error.into() };
    match answer.code().as_deref() {
        Some("3D000") => anyhow!("the server has no such database; create it, for example with `createdb`"),
        Some("28P01" | "28000") => anyhow!("the server rejects the user or the password"),
        _ => anyhow!("the server answers: {}", answer.message()),
    }
}

fn postgres_options(url: &str, connections: u32, statement_timeout: Option<&'static str>) -> ConnectOptions {
    let mut options = common_options(url, connections);
    // A write is not retried, so the connection is always tested; one more round trip is cheap compared to a
    // write.
    let tested_after = if statement_timeout.is_none() { 0 } else { 30 };
    options
        .set_application_name("registry")
        .max_lifetime(Duration::from_secs(600))
        .test_before_acquire_if_idle_for(Duration::from_secs(tested_after))
        .map_sqlx_postgres_before_acquire(|connection, _| {
            let is_free = !connection.is_in_transaction();
            async move { Ok(is_free) }.boxed()
        })
        // An abandoned transaction must not hold the write lock forever.
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

/// The URL without its password, and the password, wherever the URL contains it.
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

/// Name of the password parameter of a URL.
const PASSWORD: &str = "password";

/// The URL for display, without its password; unparsable URLs are not shown, because they may contain one
/// anywhere.
fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(_) if url.starts_with("sqlite:") => url.to_owned(),
        Ok(parsed) if parsed.host_str().is_some() || parsed.query().is_some() => split_password(url).0,
        _ if url.starts_with("sqlite:") => url.to_owned(),
        _ => "(unparsable URL)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{split_password, without_password};

    #[test]
    fn no_password_is_shown_wherever_it_is() {
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
