//! The command line: one file a subcommand.

/// Prints a line. A reader that has seen enough (`| head`) is no reason to stop, nor to fail.
macro_rules! say {
    ($($part:tt)*) => {
        $crate::cli::print(format_args!("{}\n", format_args!($($part)*)))
    };
}

mod backup;
mod check;
mod demo;
mod import;
mod keys;
mod migrate;
mod pack;
mod progress;
mod reference;
mod schema;
mod serve;

use std::{fmt, io::Write};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use registry::{
    change_log::Registry,
    database::{self, Database},
};
use tokio::runtime::Runtime;

use crate::{config::DatabaseConfig, telemetry};

/// Prints what the reader still takes.
fn print(text: fmt::Arguments<'_>) {
    let mut output = std::io::stdout().lock();
    if output.write_fmt(text).and_then(|()| output.flush()).is_err() {
        tracing::debug!("standard output is closed");
    }
}

/// Registry of official pages: who they belong to, where they are, and how it came about.
#[derive(Parser, Debug)]
#[command(name = "registry", version)]
pub struct Cli {
    #[command(flatten)]
    database: DatabaseConfig,

    /// What to log, such as `info` or `api=debug,info`
    #[arg(
        long,
        env = "LOG",
        // A connection that is given back while a command ends says that it cannot be.
        default_value = "info,sea_orm_migration=warn,sqlx::postgres::notice=warn,sqlx_core::pool::connection=error",
        global = true
    )]
    log: String,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Generate a registry of a nation's shape, and serve it
    Demo(demo::DemoArgs),
    /// Serve the registry
    Serve(serve::ServeArgs),
    /// Bring the database up to date, and its packs with it
    Migrate(migrate::MigrateArgs),
    /// Load what a country brings: platforms, identifiers, sectors, territories
    #[command(subcommand)]
    Pack(pack::PackCommand),
    /// Import a CSV or NDJSON file
    Import(import::ImportArgs),
    /// Make, list and revoke keys of API clients
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Print the GraphQL schema
    Schema,
    /// Print a table of the documentation: settings, limits or codes of errors
    Reference(reference::ReferenceArgs),
    /// Save the database to a file while it is in use, and check what was saved
    Backup(backup::BackupArgs),
    /// Bring a saved file into an empty database, note that its history changed, and check it
    Restore(backup::RestoreArgs),
    /// Prove that the change log is whole and that the tables agree with it
    Check(check::CheckArgs),
}

/// Runs the command that the arguments ask for.
///
/// # Errors
/// What stopped the command, in words for its user.
pub fn run(cli: Cli) -> Result<()> {
    telemetry::start(&cli.log)?;
    // Begun here and not in the program, which would otherwise be compiled with all that is awaited.
    Runtime::new().context("cannot start threads")?.block_on(async {
        let url = cli.database.database_url.clone();
        let begun = database::Begun::with(&url);
        let outcome = command(cli).await;
        if let Err(error) = begun.checkpoint(&url).await {
            tracing::warn!(%error, "what was written stays in the write-ahead log beside the database's file");
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
        Command::Keys(command) => keys::run(&cli.database, command).await,
        Command::Schema => schema::run(),
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
            "there is no database {}; make it with `registry migrate`, or set DATABASE_URL.",
            path.display()
        );
    }
    let database = database::connect(&config.database_url).await?;
    database::require_current(&database).await?;
    located(&database.clone(), Registry::open(database).await).await
}

/// Of what failed because a row cannot be read, or has an id that none of ours has, tells which row it is.
async fn located<T>(database: &Database, outcome: Result<T>) -> Result<T> {
    let error = match outcome {
        Err(error) if !database::is_unavailable(&error) => error,
        other => return other,
    };
    match database::unreadable(&database.read).await? {
        Some(row) => bail!("the database holds what cannot be read, in {row}. Restore it from a backup."),
        None => Err(error),
    }
}
