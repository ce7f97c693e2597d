//! The command line: one file per subcommand.

/// Prints a line. A closed standard output (`| head`) is not an error.
macro_rules! say {
    ($($part:tt)*) => {
        $crate::cli::print(format_args!("{}\n", format_args!($($part)*)))
    };
}

mod backup;
mod basis;
mod check;
mod demo;
mod gateway;
mod import;
mod keys;
mod mark;
mod migrate;
mod pack;
mod page;
mod pin;
mod progress;
mod proposals;
mod reference;
mod schema;
mod serve;

use std::{env, ffi::OsStr, fmt, io::Write, time::Duration};

use anyhow::{Context, Result, bail};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use registry::{
    change_log::Registry,
    database::{self, Database},
};
use tokio::runtime::Runtime;

use crate::{config::DatabaseConfig, telemetry};

/// Timeout for closing the database: longer than a statement may take.
const CLOSING: Duration = Duration::from_secs(10);

/// Writes to standard output; a closed one is only logged.
fn print(text: fmt::Arguments<'_>) {
    let mut output = std::io::stdout().lock();
    if output.write_fmt(text).and_then(|()| output.flush()).is_err() {
        tracing::debug!("standard output is closed");
    }
}

/// A number with its noun, of which `one` is the singular.
fn counted(number: impl fmt::Display, one: &str, more: &str) -> String {
    let number = number.to_string();
    let noun = if number == "1" { one } else { more };
    format!("{number} {noun}")
}

/// Registry of official pages on social platforms, served as a GraphQL API.
#[derive(Parser, Debug)]
#[command(name = "registry", version)]
pub struct Cli {
    #[command(flatten)]
    database: DatabaseConfig,

    /// Log filter, such as `info` or `api=debug,info`
    #[arg(
        long,
        env = "LOG",
        default_value = "info,sea_orm_migration=warn,sqlx::postgres::notice=warn",
        global = true
    )]
    log: String,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Generate a synthetic registry, and serve it
    Demo(demo::DemoArgs),
    /// Serve the registry
    Serve(serve::ServeArgs),
    /// Apply the migrations of the database, and update its packs
    Migrate(migrate::MigrateArgs),
    /// Manage packs, the data of a country: platforms, identifier schemes, sectors, territories
    #[command(subcommand)]
    Pack(pack::PackCommand),
    /// Import a CSV or NDJSON file
    Import(import::ImportArgs),
    /// Register pages, correct them, and decide on them
    #[command(subcommand)]
    Page(page::PageCommand),
    /// Request, confirm and end marks of pages
    #[command(subcommand)]
    Mark(mark::MarkCommand),
    /// Pin the present value of a field, so that imports do not overwrite it
    Pin(pin::PinArgs),
    /// Let imports overwrite a field again
    Unpin(pin::PinArgs),
    /// List and decide the proposals of values for pinned fields
    #[command(subcommand)]
    Proposals(proposals::ProposalsCommand),
    /// Create, change, list and revoke clients of the API and their keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Secrets of federation routers
    #[command(subcommand)]
    Gateway(gateway::GatewayCommand),
    /// Print the GraphQL schema
    Schema(schema::SchemaArgs),
    /// Print tables of the documentation: settings, limits, costs, error codes or the precedence of sources
    Reference(reference::ReferenceArgs),
    /// Back up the database to a file while it is in use, and check the backup
    Backup(backup::BackupArgs),
    /// Restore a backup into an empty database, check it, and record the break in its history
    Restore(backup::RestoreArgs),
    /// Verify that the change log is whole and that the tables match it
    Check(check::CheckArgs),
}

impl Cli {
    /// Arguments of this process. Ends it, with a message, if they are wrong or ask for help.
    pub fn read() -> Self {
        let program = without_empty_variables(Self::command());
        Self::from_arg_matches(&program.get_matches()).unwrap_or_else(|error| error.exit())
    }
}

/// An environment variable that is set but empty is as one that is not set: `NAME=` is how files of variables and templates
/// leave a setting out.
fn without_empty_variables(program: clap::Command) -> clap::Command {
    let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
    let program = program.mut_args(|arg| {
        let leaves_out = arg.get_env().is_some_and(is_empty);
        if leaves_out { arg.env(None::<&'static str>) } else { arg }
    });
    program.mut_subcommands(without_empty_variables)
}

/// Runs the command of the arguments.
///
/// # Errors
/// When the command fails, with a message for its user.
pub fn run(cli: Cli) -> Result<()> {
    telemetry::start(&cli.log)?;
    // Here and not in the binary crate, which would otherwise compile all of these futures.
    Runtime::new().context("cannot start threads")?.block_on(async {
        let url = cli.database.database_url.clone();
        let begun = database::OpenedFile::with(&url);
        let outcome = command(cli).await;
        if let Err(error) = begun.checkpoint(&url).await {
            tracing::warn!(%error, "no checkpoint: the last writes stay in the write-ahead log beside the database file");
        }
        outcome
    })
}

async fn command(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Demo(args) => demo::run(&cli.database, args).await,
        Command::Serve(args) => serve::run(&cli.database, args).await,
        Command::Migrate(args) => migrate::run(&cli.database, args).await,
        Command::Pack(command) => pack::run(&cli.database, command).await,
        Command::Import(args) => import::run(&cli.database, args).await,
        Command::Page(command) => page::run(&cli.database, command).await,
        Command::Mark(command) => mark::run(&cli.database, command).await,
        Command::Pin(args) => pin::run(&cli.database, args, pin::Act::Pin).await,
        Command::Unpin(args) => pin::run(&cli.database, args, pin::Act::Unpin).await,
        Command::Proposals(command) => proposals::run(&cli.database, command).await,
        Command::Keys(command) => keys::run(&cli.database, command).await,
        Command::Gateway(command) => gateway::run(&command),
        Command::Schema(args) => {
            schema::run(&args);
            Ok(())
        }
        Command::Reference(args) => {
            reference::run(&args);
            Ok(())
        }
        Command::Backup(args) => backup::save(&cli.database, args).await,
        Command::Restore(args) => backup::restore(&cli.database, args).await,
        Command::Check(args) => check::run(&cli.database, args).await,
    }
}

/// Opens a registry whose database is up to date.
async fn open(config: &DatabaseConfig) -> Result<Registry> {
    let path = database::sqlite_file(&config.database_url);
    if config.database_url.starts_with("sqlite:") && !path.exists() {
        bail!(
            "there is no database {}; create it with `registry migrate`, or set DATABASE_URL.",
            path.display()
        );
    }
    let database = database::connect(&config.database_url).await?;
    let opened = async {
        database::require_current(&database).await?;
        located(&database, Registry::open(database.clone()).await).await
    };
    let opened = opened.await;
    if opened.is_err() {
        close(&database).await;
    }
    opened
}

/// Does something with a registry, and closes its database, also after an error: a connection that is still open when the
/// threads end cannot be released, and is told as an error.
async fn on_registry<T>(
    config: &DatabaseConfig,
    work: impl AsyncFnOnce(&Registry) -> Result<T>,
) -> Result<T> {
    let registry = open(config).await?;
    let outcome = work(&registry).await;
    close(registry.database()).await;
    outcome
}

/// Closes a database, so that nothing is left in SQLite's write-ahead log: the log would be applied to the next file of the
/// same name. Does nothing if another file has the name already.
async fn close(database: &Database) {
    if database.check_in_place().is_err() {
        return;
    }
    match tokio::time::timeout(CLOSING, database.clone().close()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the database was not closed"),
        Err(_) => tracing::warn!("the database was not closed: it is still being read"),
    }
}

/// Replaces an error by one that names the row that cannot be read or has an invalid id, if there is one.
async fn located<T>(database: &Database, outcome: Result<T>) -> Result<T> {
    let error = match outcome {
        Err(error) if !database::is_unavailable(&error) => error,
        other => return other,
    };
    match database::unreadable(&database.read).await? {
        Some(row) => bail!("the database contains what cannot be read, in {row}. Restore it from a backup."),
        None => Err(error),
    }
}
