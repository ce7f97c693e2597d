//! `registry import`.

mod jobs;
mod report;
mod statistics;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use registry::{
    change_log::Registry,
    import::{self, Kind, Mapping, Options, Progress, Stage},
};

use super::progress::ProgressDisplay;
use crate::config::{DatabaseConfig, whole_number};

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct ImportArgs {
    #[command(subcommand)]
    jobs: Option<JobsCommand>,

    /// File to import: CSV (`,` `;` or tab; UTF-8 or windows-1251), or NDJSON by its ending .ndjson or .jsonl
    #[arg(required = true)]
    file: Option<PathBuf>,

    /// Kind of the rows
    #[arg(long, value_enum, required = true)]
    kind: Option<FileKind>,

    /// Mapping file: which column is which field. Files that `/export` wrote need none. Statistics need none either: their columns are `pageId`, or `platformCode` and
    /// `nativeId`, or `url`; `day`; and any of `recordedAt`, `lastPostAt`, `subscribers`, `views`, `reach`, `posts`,
    /// `reactions`, `comments`, `shares`, `messagesReceived`, `messagesAnswered`, `videos`, `shorts`, `streams`
    #[arg(long, required_if_eq_any = [("kind", "territories"), ("kind", "exemptions")])]
    mapping: Option<PathBuf>,

    /// Name of the source, such as `canada.ca`; `--full` compares the file with the records of this source
    #[arg(long, required = true)]
    source: Option<String>,

    /// Report what the import would do, and write the report files only
    #[arg(long)]
    dry_run: bool,

    /// The file is the complete list of the source: archive pages, or suspend organizations, that it no longer has
    #[arg(long)]
    full: bool,

    /// With --full: remove even more than the mapping's `max_removals` (default: 5 % of the source's records)
    #[arg(long, requires = "full")]
    confirm_removals: bool,

    /// File for refused rows [default: the file's name with .errors before its extension, in the working directory];
    /// warnings, and the plan of a dry run, are written beside it with .warnings and .plan
    #[arg(long)]
    errors: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum JobsCommand {
    /// List the latest imports
    List {
        /// Maximum number of imports to list
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = |text: &str| whole_number(text, 1_u64..=100_000))]
        limit: u64,
    },
    /// Show an import with its refused rows and warnings
    Show {
        /// Number of the import
        #[arg(value_name = "N", value_parser = |text: &str| whole_number(text, 1..=i64::MAX))]
        job: i64,
        /// Maximum number of refused rows, and of warnings, to show
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = |text: &str| whole_number(text, 1_u64..=100_000))]
        limit: u64,
    },
    /// Undo an import by new changes, except for records that were changed since or that others depend on
    Undo {
        /// Number of the import
        #[arg(value_name = "N", value_parser = |text: &str| whole_number(text, 1..=i64::MAX))]
        job: i64,
    },
}

/// Kind of the rows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FileKind {
    /// Authorities and institutions
    Organizations,
    /// Pages, with the organizations that own them
    Pages,
    /// Countries, districts, regions, municipalities, settlements
    Territories,
    /// Decisions that exempt organizations from obligations to have pages
    Exemptions,
    /// Daily statistics of pages
    Statistics,
}

impl FileKind {
    /// Kind of records; `None` for statistics, which are not records.
    fn records(self) -> Option<Kind> {
        match self {
            Self::Organizations => Some(Kind::Organizations),
            Self::Pages => Some(Kind::Pages),
            Self::Territories => Some(Kind::Territories),
            Self::Exemptions => Some(Kind::Exemptions),
            Self::Statistics => None,
        }
    }
}

pub(super) async fn run(config: &DatabaseConfig, args: ImportArgs) -> Result<()> {
    if let Some(command) = args.jobs {
        return super::on_registry(config, async |registry| run_jobs(registry, command).await).await;
    }
    let (Some(file), Some(kind), Some(source)) = (args.file, args.kind, args.source) else {
        bail!("a file, --kind and --source are required.");
    };
    let error_file = args.errors.unwrap_or_else(|| error_file(&file));
    for read in std::iter::once(&file).chain(&args.mapping) {
        if is_same_file(read, &error_file) {
            bail!("--errors names {}, which is an input file; choose another path.", read.display());
        }
    }
    let Some(kind) = kind.records() else {
        if args.mapping.is_some() || args.full {
            bail!("statistics take neither --mapping nor --full; `--help` lists their columns.");
        }
        let is_trial = args.dry_run;
        return super::on_registry(config, async |registry| {
            statistics::run(registry, &file, source, is_trial, &error_file).await
        })
        .await;
    };
    let given = args.mapping.as_deref().map(Mapping::read).transpose()?;
    let (dry_run, full, confirm_removals) = (args.dry_run, args.full, args.confirm_removals);
    super::on_registry(config, async |registry| {
        let mapping = match given {
            Some(mapping) => mapping,
            None => Mapping::of_exports(kind, &registry.snapshot())?,
        };
        let options = Options { file, kind, mapping, source, dry_run, full, confirm_removals, error_file };
        import_records(registry, &options).await
    })
    .await
}

async fn run_jobs(registry: &Registry, command: JobsCommand) -> Result<()> {
    match command {
        JobsCommand::List { limit } => jobs::list(registry, limit).await,
        JobsCommand::Show { job, limit } => jobs::show(registry, job, limit).await,
        JobsCommand::Undo { job } => jobs::undo(registry, job).await,
    }
}

async fn import_records(registry: &Registry, options: &Options) -> Result<()> {
    let display = ProgressDisplay::new("Importing");
    let report = import::run(registry, options, |progress| show(&display, progress)).await;
    display.end();
    let report = report?;
    report::print(&report, options)?;
    match report.held {
        None => Ok(()),
        Some(held) if options.dry_run => {
            say!("The import would be held: {} of {} records would be removed.", held.removed, held.of);
            Ok(())
        }
        Some(held) => bail!(
            "HELD: the file lacks {} of the {} records of the source {}, more than {}; nothing was applied. \
             Check the file, or continue with --confirm-removals.",
            held.removed,
            held.of,
            options.source,
            options.mapping.max_removals.exceeded(held.removed, held.of).join(" and ")
        ),
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn show(display: &ProgressDisplay, Progress { stage, done, of }: Progress) {
    let message = match stage {
        Stage::Reading => format!("{} MB read", done >> 20),
        Stage::DryRun => format!("{done} rows checked"),
        Stage::Writing => format!("{done} rows written"),
    };
    display.show(done, of, message);
}

fn error_file(file: &Path) -> PathBuf {
    let ending = file.extension().map(|ending| ending.to_string_lossy().into_owned());
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    format!("{stem}.errors.{}", ending.as_deref().unwrap_or("csv")).into()
}

/// Creates a file beside the error file.
fn create(path: &Path) -> Result<std::fs::File> {
    std::fs::File::create(path)
        .with_context(|| format!("cannot write {}; choose another path with --errors", path.display()))
}
