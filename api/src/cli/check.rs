//! `registry check`.

use anyhow::{Result, bail};
use chrono::Utc;
use clap::Args;

use super::progress::ProgressDisplay;
use crate::{
    change::{self, Registry, Verdict},
    config::DatabaseConfig,
    facts, rating,
};

/// Most subjects that are named of those that break a rule.
const MOST_TOLD: usize = 100;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    /// Check the figures of each day, and that sums by segment and months are theirs, instead of the log and the records
    #[arg(long)]
    statistics: bool,
}

pub(super) async fn run(config: &DatabaseConfig, args: CheckArgs) -> Result<()> {
    let registry = super::open(config).await?;
    if args.statistics { statistics(&registry).await } else { log(&registry).await }
}

async fn statistics(registry: &Registry) -> Result<()> {
    let checked = facts::check(registry.database(), registry.snapshot(), |month| {
        eprintln!("Checking {}", month.format("%Y-%m"))
    })
    .await?;
    for fault in &checked.faults {
        say!("{fault}");
    }
    if !checked.faults.is_empty() {
        bail!(
            "figures are such as cannot be, or sums differ from them: they were altered behind the registry. Restore them from a backup."
        );
    }
    say!("Sound: {} figures in {} months, all sums are theirs.", checked.facts, checked.months);
    Ok(())
}

/// Checks what must hold for every record, whoever wrote it.
fn invariants(registry: &Registry) -> Result<()> {
    let found = registry.snapshot().invariants(Utc::now());
    if !found.orphaned_pages.is_empty() {
        say!(
            "{} registered pages whose owner has ended, and that nobody has taken over:",
            found.orphaned_pages.len()
        );
        found.orphaned_pages.iter().take(MOST_TOLD).for_each(|page| say!("  {page}"));
    }
    for breach in found.breaches.iter().take(MOST_TOLD) {
        say!("{}: {}", breach.subject, breach.rule);
    }
    match found.breaches.len() {
        0 => Ok(()),
        broken => bail!("{broken} rules are broken; correct the records by an import or a review."),
    }
}

async fn log(registry: &Registry) -> Result<()> {
    let changes = registry.snapshot().seq();
    let display = std::sync::Arc::new(std::sync::Mutex::new(ProgressDisplay::new("Checking")));
    let shown = display.clone();
    let verdict = change::verify(registry, move |seq| {
        if let Ok(display) = shown.lock() {
            display.show(seq.unsigned_abs(), changes.unsigned_abs(), format!("{seq} changes"));
        }
    })
    .await?;
    if let Ok(display) = display.lock() {
        display.end();
    }
    match verdict {
        Verdict::Sound { changes } => {
            if let Some(id) = rating::altered(registry).await?.first() {
                bail!(
                    "places of the published rating {id} differ from what the log sealed. Restore it from a backup."
                );
            }
            invariants(registry)?;
            say!("Sound: {changes} changes, the chain holds, the tables agree with it, every rule is kept.");
            Ok(())
        }
        Verdict::Broken { seq } => {
            bail!(
                "the chain breaks at change {seq}: it was altered, or one before it removed. Restore it from a backup."
            )
        }
        Verdict::Differs { subject } => {
            bail!(
                "the tables differ from the log in {subject}: it was altered behind the log. Restore it from a backup."
            )
        }
    }
}
