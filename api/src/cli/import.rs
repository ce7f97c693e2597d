//! `registry import`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::{import_statistics, progress::ProgressDisplay};
use crate::{
    config::DatabaseConfig,
    import::{self, Counts, Kind, Mapping, Options, Tally},
};

#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    /// File to import: CSV (`,` `;` or tab; UTF-8 or windows-1251), or NDJSON by its ending .ndjson or .jsonl
    file: PathBuf,

    /// What the rows are
    #[arg(long, value_enum)]
    kind: FileKind,

    /// Mapping file: which column is which field. Figures need none: their columns are `pageId`, or `platform` and
    /// `nativeId`, or `url`; `day`; and any of `recordedAt`, `lastPostAt`, `subscribers`, `views`, `reach`, `posts`,
    /// `reactions`, `comments`, `shares`, `messagesReceived`, `messagesAnswered`, `videos`, `shorts`, `streams`
    #[arg(long, required_if_eq_any = [("kind", "organizations"), ("kind", "pages"), ("kind", "territories"), ("kind", "exemptions")])]
    mapping: Option<PathBuf>,

    /// Name of the source, such as `canada.ca`: what `--full` compares the file with
    #[arg(long)]
    source: String,

    /// Say what would happen, and write nothing but the error file
    #[arg(long)]
    dry_run: bool,

    /// The file is all that the source holds: archive what it no longer has
    #[arg(long)]
    full: bool,

    /// With --full: remove even more than 50 subjects or 5 % of the source's
    #[arg(long, requires = "full")]
    confirm_removals: bool,

    /// Where to write refused rows [default: the file's name with .errors in front of its ending, here]
    #[arg(long)]
    errors: Option<PathBuf>,
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
    let error_file = args.errors.unwrap_or_else(|| {
        let ending = args.file.extension().map(|ending| ending.to_string_lossy().into_owned());
        let stem = args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        format!("{stem}.errors.{}", ending.as_deref().unwrap_or("csv")).into()
    });
    let (Some(kind), Some(mapping)) = (args.kind.records(), &args.mapping) else {
        if args.mapping.is_some() || args.full {
            bail!("figures take neither --mapping nor --full; `--help` names their columns.");
        }
        let registry = super::open(config).await?;
        return import_statistics::run(&registry, &args.file, args.source, args.dry_run, &error_file).await;
    };
    let mapping = Mapping::read(mapping)?;
    let registry = super::open(config).await?;
    let options = Options {
        file: args.file,
        kind,
        mapping,
        source: args.source,
        dry_run: args.dry_run,
        full: args.full,
        confirm_removals: args.confirm_removals,
        error_file,
    };
    let display = ProgressDisplay::new("Importing");
    let report = import::run(&registry, &options, |progress| {
        display.show(
            progress.bytes_done,
            progress.bytes_in_all,
            format!("{} rows, pass {}", progress.rows, progress.pass),
        );
    })
    .await;
    display.end();
    let report = report?;
    print(&report.counts, &options);
    if let Some(held) = report.held {
        bail!(
            "HELD: the file lacks {} of the {} records that the source {} had, more than 50 or 5 %; nothing was applied. \
             Check the file, or go on with --confirm-removals.",
            held.removed,
            held.of,
            options.source
        );
    }
    Ok(())
}

fn print(counts: &Counts, options: &Options) {
    if options.dry_run {
        println!("Dry run: nothing was written.");
    }
    println!("{} rows read, {} refused.", counts.rows, counts.refused);
    let tallies = [
        ("territories", counts.territories),
        ("organizations", counts.organizations),
        ("pages", counts.pages),
        ("exemptions", counts.exemptions),
    ];
    for (name, tally) in tallies.into_iter().filter(|(_, tally)| *tally != Tally::default()) {
        let Tally { created, updated, unchanged, removed } = tally;
        println!("{name}: {created} created, {updated} updated, {unchanged} unchanged, {removed} removed.");
    }
    if counts.refused > 0 {
        println!("Refused rows, with what is wrong and what to do: {}", options.error_file.display());
    }
}
