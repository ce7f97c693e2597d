//! `registry import`.

mod jobs;
mod report;
mod statistics;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use registry::import::{self, Kind, Mapping, Options, Progress, Stage};

use super::progress::ProgressDisplay;
use crate::config::DatabaseConfig;

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct ImportArgs {
    #[command(subcommand)]
    jobs: Option<JobsCommand>,

    /// File to import: CSV (`,` `;` or tab; UTF-8 or windows-1251), or NDJSON by its ending .ndjson or .jsonl
    #[arg(required = true)]
    file: Option<PathBuf>,

    /// What the rows are
    #[arg(long, value_enum, required = true)]
    kind: Option<FileKind>,

    /// Mapping file: which column is which field. Figures need none: their columns are `pageId`, or `platform` and
    /// `nativeId`, or `url`; `day`; and any of `recordedAt`, `lastPostAt`, `subscribers`, `views`, `reach`, `posts`,
    /// `reactions`, `comments`, `shares`, `messagesReceived`, `messagesAnswered`, `videos`, `shorts`, `streams`
    #[arg(long, required_if_eq_any = [("kind", "organizations"), ("kind", "pages"), ("kind", "territories"), ("kind", "exemptions")])]
    mapping: Option<PathBuf>,

    /// Name of the source, such as `canada.ca`: what `--full` compares the file with
    #[arg(long, required = true)]
    source: Option<String>,

    /// Say what would happen, and write nothing but the files that tell it
    #[arg(long)]
    dry_run: bool,

    /// The file is all that the source holds: archive what it no longer has
    #[arg(long)]
    full: bool,

    /// With --full: remove even more than the mapping's `max_removals` (where it has none: 5 %, or 50 of a source of at most 1,000)
    #[arg(long, requires = "full")]
    confirm_removals: bool,

    /// Where to write refused rows [default: the file's name with .errors in front of its ending, here]; warnings, and
    /// what a trial would do, stand beside it in files with .warnings and .plan
    #[arg(long)]
    errors: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum JobsCommand {
    /// List the latest imports
    List {
        /// Most imports to list
        #[arg(long, default_value_t = 20)]
        most: u64,
    },
    /// Show an import with what was told of its rows
    Show {
        /// Number of the import
        job: i64,
        /// Most refusals and most warnings to show
        #[arg(long, default_value_t = 20)]
        most: u64,
    },
    /// Undo an import: as new changes, and only where nothing was written on top of its own
    Undo {
        /// Number of the import
        job: i64,
    },
}

/// What a file is a file of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FileKind {
    /// Authorities and institutions
    Organizations,
    /// Pages, with the organizations that keep them
    Pages,
    /// Countries, districts, regions, municipalities, settlements
    Territories,
    /// Decisions that free organizations from obligations to keep pages
    Exemptions,
    /// Figures of pages by day
    Statistics,
}

impl FileKind {
    /// Kind of records; none for figures, which are no records.
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
        let registry = super::open(config).await?;
        return match command {
            JobsCommand::List { most } => jobs::list(&registry, most).await,
            JobsCommand::Show { job, most } => jobs::show(&registry, job, most).await,
            JobsCommand::Undo { job } => jobs::undo(&registry, job).await,
        };
    }
    let (Some(file), Some(kind), Some(source)) = (args.file, args.kind, args.source) else {
        bail!("name a file, its --kind and its --source.");
    };
    let error_file = args.errors.unwrap_or_else(|| error_file(&file));
    for read in std::iter::once(&file).chain(&args.mapping) {
        if is_same_file(read, &error_file) {
            bail!("--errors names {}, which is to be read; choose another place.", read.display());
        }
    }
    let (Some(kind), Some(mapping)) = (kind.records(), &args.mapping) else {
        if args.mapping.is_some() || args.full {
            bail!("figures take neither --mapping nor --full; `--help` names their columns.");
        }
        let registry = super::open(config).await?;
        return statistics::run(&registry, &file, source, args.dry_run, &error_file).await;
    };
    let mapping = Mapping::read(mapping)?;
    let registry = super::open(config).await?;
    let (dry_run, full, confirm_removals) = (args.dry_run, args.full, args.confirm_removals);
    let options = Options { file, kind, mapping, source, dry_run, full, confirm_removals, error_file };
    let display = ProgressDisplay::new("Importing");
    let report = import::run(&registry, &options, |progress| show(&display, progress)).await;
    display.end();
    let report = report?;
    report::print(&report, &options)?;
    match report.held {
        None => Ok(()),
        Some(held) if options.dry_run => {
            say!("It would be held: {} of {} records would go.", held.removed, held.of);
            Ok(())
        }
        Some(held) => bail!(
            "HELD: the file lacks {} of the {} records that the source {} had, more than {}; nothing was applied. \
             Check the file, or go on with --confirm-removals.",
            held.removed,
            held.of,
            options.source,
            options.mapping.max_removals
        ),
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn show(display: &ProgressDisplay, Progress { stage, done, of }: Progress) {
    let message = match stage {
        Stage::Reading => format!("{} MB read", done >> 20),
        Stage::Trying => format!("{done} rows tried"),
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
        .with_context(|| format!("cannot write {}; choose another place with --errors", path.display()))
}
