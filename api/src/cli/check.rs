//! `registry check`.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result, bail};
use chrono::{NaiveDate, Utc};
use clap::Args;
use registry::{
    change_log::{self, Receipt, Registry, Verdict},
    database::{self, Database},
    snapshot::{self, Snapshot},
    statistics::{self, Checked},
};
use sea_orm::DatabaseTransaction;

use super::{located, progress::ProgressDisplay};
use crate::config::DatabaseConfig;

/// Longest file of receipts, in bytes.
const LONGEST: u64 = 16 << 20;
/// Most subjects that are named of those that break a rule.
const MOST_TOLD: usize = 100;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    /// Check the figures of each day, and that sums by segment and months are theirs, instead of the log and the records
    #[arg(long)]
    statistics: bool,

    /// File of receipts that somebody kept, as JSON, one or one a line: prove that the log still contains what they saw
    #[arg(long, conflicts_with = "statistics")]
    receipt: Option<PathBuf>,

    /// Key that the receipts of the file must be signed with, as `/.well-known/registry-key` gives it in `x`; more than once
    /// for a registry that has changed its key
    #[arg(long, requires = "receipt")]
    public_key: Vec<String>,
}

pub(super) async fn run(config: &DatabaseConfig, args: CheckArgs) -> Result<()> {
    let registry = super::open(config).await?;
    if args.statistics {
        return statistics(&registry).await;
    }
    let (receipts, bad) = args.receipt.as_deref().map(read_receipts).transpose()?.unwrap_or_default();
    if args.public_key.iter().any(|key| !is_key(key)) {
        bail!("--public-key is no key: it has 43 characters, as `x` of /.well-known/registry-key has them.");
    }
    log(&registry).await?;
    if !bad.is_empty() {
        say!("Lines {bad:?} of the file are no receipts.");
    }
    prove(&registry, &receipts, &args.public_key).await?;
    if !bad.is_empty() {
        bail!("lines of the file are no receipts, see above; the others are proven.");
    }
    Ok(())
}

/// Proves receipts one by one: one that denies the log keeps none of the others from being proven.
async fn prove(registry: &Registry, receipts: &[Receipt], keys: &[String]) -> Result<()> {
    let mut denied = 0;
    for receipt in receipts {
        let Receipt { seq, at, public_key, .. } = receipt;
        let why = if keys.is_empty() || keys.contains(public_key) {
            change_log::prove(registry, receipt).await?
        } else {
            Some(format!("it is signed with another key, {public_key}"))
        };
        match why {
            None => say!("Proven: the log contains what the receipt of change {seq} saw at {at}."),
            Some(why) => {
                denied += 1;
                let noted = noted_break(registry, *seq).await?.unwrap_or_default();
                say!("DENIED: the receipt of change {seq} denies the log: {why}.{noted}");
            }
        }
    }
    if keys.is_empty() && !receipts.is_empty() {
        let signed: BTreeSet<&str> = receipts.iter().map(|receipt| receipt.public_key.as_str()).collect();
        let signed = Vec::from_iter(signed).join(" and with ");
        say!("Signed with {signed}: compare that with the registry's key, or give it by --public-key.");
    }
    if denied > 0 {
        bail!("{denied} of {} receipts deny the log, see above.", receipts.len());
    }
    Ok(())
}

/// What the database itself notes of a break behind a receipt's place, in words.
async fn noted_break(registry: &Registry, seq: i64) -> Result<Option<String>> {
    let breaks = change_log::breaks(&registry.database().read).await?;
    let mut lost =
        breaks.iter().filter(|it| it.common_seq < seq && it.lost_seq.is_some_and(|lost| lost >= seq));
    // Of those of which it is not known how much they lost, any may be the one.
    let noted =
        lost.next_back().or_else(|| breaks.iter().find(|it| it.common_seq < seq && it.lost_seq.is_none()));
    Ok(noted.map(|it| {
        let after =
            if it.common_seq == 0 { String::new() } else { format!(" after change {}", it.common_seq) };
        format!(
            " The database itself notes that it lost changes{after} ({}, {}); if that was you, this is why.",
            it.at, it.reason
        )
    }))
}

/// Whether a text is an Ed25519 key in base64url: 32 bytes.
fn is_key(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn read_receipts(path: &Path) -> Result<(Vec<Receipt>, Vec<usize>)> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    read.with_context(|| format!("cannot read {}", path.display()))?;
    if text.len() as u64 > LONGEST {
        bail!("{} is longer than {LONGEST} bytes", path.display());
    }
    Receipt::read_all(&text).with_context(|| format!("{} holds no receipts", path.display()))
}

/// Checks the log, all tables, and the figures of days, within a read that goes on; answers where the log ends.
pub(super) async fn everything(
    database: &Database,
    read: Arc<DatabaseTransaction>,
) -> Result<(i64, Vec<u8>)> {
    let (verdict, altered, snapshot) = {
        let read = read.clone();
        let checked = database::detached(async move {
            let verdict = change_log::verify_within(read.clone(), |_| {}).await?;
            let mut snapshot = snapshot::load_within(read.clone()).await?;
            snapshot.derive();
            Ok((verdict, registry::analytics::altered_within(&*read, &snapshot).await?, Arc::new(snapshot)))
        });
        located(database, checked.await).await?
    };
    tell_log(&verdict, &altered, &snapshot)?;
    let checked = database::detached({
        let snapshot = snapshot.clone();
        async move { statistics::check_within(&read, &snapshot, tell_month).await }
    });
    tell_figures(&located(database, checked.await).await?)?;
    Ok((snapshot.seq(), snapshot.hash().to_vec()))
}

fn tell_month(month: NaiveDate) {
    eprintln!("Checking {}", month.format("%Y-%m"));
}

async fn statistics(registry: &Registry) -> Result<()> {
    let checked = statistics::check(registry.database(), registry.snapshot(), tell_month);
    tell_figures(&located(registry.database(), checked.await).await?)
}

fn tell_figures(checked: &Checked) -> Result<()> {
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
fn invariants(snapshot: &Snapshot) -> Result<()> {
    let found = snapshot.invariants(Utc::now());
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
    let display = Arc::new(Mutex::new(ProgressDisplay::new("Checking")));
    let shown = display.clone();
    let verdict = change_log::verify(registry, move |seq| {
        if let Ok(display) = shown.lock() {
            display.show(seq.unsigned_abs(), changes.unsigned_abs(), format!("{seq} changes"));
        }
    });
    let verdict = located(registry.database(), verdict.await).await?;
    if let Ok(display) = display.lock() {
        display.end();
    }
    tell_log(&verdict, &registry::analytics::altered(registry).await?, &registry.snapshot())?;
    if let Some(at) = change_log::head_in_future(registry.database()).await? {
        say!(
            "Nothing can be written: the last change is dated {at}, which is in the future. See docs/operations.md, Clocks."
        );
    }
    Ok(())
}

fn tell_log(verdict: &Verdict, altered_ratings: &[i64], snapshot: &Snapshot) -> Result<()> {
    tell(verdict)?;
    if let Some(id) = altered_ratings.first() {
        bail!(
            "places of the published rating {id} differ from what the log sealed. Restore it from a backup."
        );
    }
    invariants(snapshot)?;
    let changes = snapshot.seq();
    say!("Sound: {changes} changes, the chain holds, the tables agree with it, every rule is kept.");
    Ok(())
}

/// Fails with what a verdict says, unless it says that all is sound.
fn tell(verdict: &Verdict) -> Result<()> {
    match verdict {
        Verdict::Sound { .. } => Ok(()),
        Verdict::Broken { seq } => {
            bail!(
                "the chain breaks at change {seq}: it was altered, or one before it removed. Restore it from a backup."
            )
        }
        Verdict::Denied { seq, why } => {
            bail!("the receipt of change {seq} denies the log: {why}. Restore it from a backup.")
        }
        Verdict::Differs { subject } => {
            bail!(
                "the tables differ from the log in {subject}: it was altered behind the log. Restore it from a backup."
            )
        }
    }
}
