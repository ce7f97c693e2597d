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
use entities::change::SubjectType;
use registry::{
    change_log::{self, Receipt, Registry, Verdict},
    database::{self, Database},
    snapshot::{self, Snapshot},
    statistics::{self, Checked},
};
use sea_orm::{ActiveEnum, DatabaseTransaction};

use super::{counted, located, progress::ProgressDisplay};
use crate::config::DatabaseConfig;

/// Maximum size of a file of receipts, in bytes.
const MAX_FILE_BYTES: u64 = 16 << 20;
/// What to do after an alteration.
const RESTORE: &str = "See docs/operations.md, “When a check or a write reports an alteration”";
/// Maximum number of printed subjects that break a rule.
const MAX_PRINTED: usize = 100;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    /// Check the daily statistics and their sums by segment and month, instead of the log and the records
    #[arg(long)]
    statistics: bool,

    /// File of receipts in JSON, one or one per line: prove that the log still contains what they cover
    #[arg(long, conflicts_with = "statistics")]
    receipt: Option<PathBuf>,

    /// Public key that must have signed the receipts, as in `x` of `/.well-known/registry-key`; repeat it for a registry
    /// that has changed its key
    #[arg(long, requires = "receipt")]
    public_key: Vec<String>,
}

pub(super) async fn run(config: &DatabaseConfig, args: CheckArgs) -> Result<()> {
    super::on_registry(config, async |registry| check(registry, args).await).await
}

async fn check(registry: &Registry, args: CheckArgs) -> Result<()> {
    if args.statistics {
        return statistics(registry).await;
    }
    let (receipts, bad) = args.receipt.as_deref().map(read_receipts).transpose()?.unwrap_or_default();
    if args.public_key.iter().any(|key| !is_key(key)) {
        bail!("--public-key is not a key: a key has 43 characters, as in `x` of /.well-known/registry-key.");
    }
    log(registry).await?;
    if !bad.is_empty() {
        let lines = bad.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let what = if bad.len() == 1 { "Not a receipt: line" } else { "Not receipts: lines" };
        say!("{what} {lines} of the file.");
    }
    prove(registry, &receipts, &args.public_key).await?;
    if !bad.is_empty() {
        bail!("some lines of the file are not receipts, see above; the others are proven.");
    }
    Ok(())
}

/// Verifies receipts one by one; a mismatch does not stop the others.
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
            None => say!("Proven: the log matches the receipt of change {seq}, signed at {at}."),
            Some(why) => {
                denied += 1;
                let noted = noted_break(registry, *seq).await?.unwrap_or_default();
                say!("MISMATCH: the receipt of change {seq} does not match the log: {why}.{noted}");
            }
        }
    }
    if keys.is_empty() && !receipts.is_empty() {
        let signed: BTreeSet<&str> = receipts.iter().map(|receipt| receipt.public_key.as_str()).collect();
        let signed = Vec::from_iter(signed).join(" and with ");
        say!("Signed with {signed}: compare it with the registry's key, or pass that as --public-key.");
    }
    if denied > 0 {
        bail!("{denied} of {} receipts do not match the log, see above.", receipts.len());
    }
    Ok(())
}

/// Text about the recorded break in which the change of a receipt was lost, if there is one.
async fn noted_break(registry: &Registry, seq: i64) -> Result<Option<String>> {
    let breaks = change_log::breaks(&registry.database().read).await?;
    let mut lost =
        breaks.iter().filter(|it| it.common_seq < seq && it.lost_seq.is_some_and(|lost| lost >= seq));
    // Else, any break with an unknown number of lost changes may be the one.
    let noted =
        lost.next_back().or_else(|| breaks.iter().find(|it| it.common_seq < seq && it.lost_seq.is_none()));
    Ok(noted.map(|it| {
        let after =
            if it.common_seq == 0 { String::new() } else { format!(" after change {}", it.common_seq) };
        format!(
            " The database has a record that changes{after} were lost ({}, {}); if that was intended, it is the cause.",
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
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text));
    read.with_context(|| format!("cannot read {}", path.display()))?;
    if text.len() as u64 > MAX_FILE_BYTES {
        bail!("{} is longer than {MAX_FILE_BYTES} bytes", path.display());
    }
    Receipt::read_all(&text).with_context(|| format!("{} contains no receipts", path.display()))
}

/// Checks the log, all tables and the daily statistics in one read transaction; returns where the log ends.
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
    report_log(&verdict, &altered, &snapshot)?;
    let checked = database::detached({
        let snapshot = snapshot.clone();
        async move { statistics::check_within(&read, &snapshot, print_month).await }
    });
    report_statistics(&located(database, checked.await).await?)?;
    Ok((snapshot.seq(), snapshot.hash().to_vec()))
}

fn print_month(month: NaiveDate) {
    eprintln!("Checked {}", month.format("%Y-%m"));
}

async fn statistics(registry: &Registry) -> Result<()> {
    let checked = statistics::check(registry.database(), registry.snapshot(), print_month);
    report_statistics(&located(registry.database(), checked.await).await?)
}

fn report_statistics(checked: &Checked) -> Result<()> {
    for fault in &checked.faults {
        say!("{fault}");
    }
    if !checked.faults.is_empty() {
        bail!(
            "statistics are invalid, or their sums differ: they were altered outside of the registry. {RESTORE}."
        );
    }
    let rows = counted(checked.daily_rows, "row", "rows");
    let months = counted(checked.months, "month", "months");
    say!("Sound: {rows} of statistics in {months}, all sums match.");
    Ok(())
}

/// Checks the invariants of all records.
fn invariants(snapshot: &Snapshot) -> Result<()> {
    let found = snapshot.invariants(Utc::now());
    if !found.orphaned_pages.is_empty() {
        let pages = counted(found.orphaned_pages.len(), "registered page", "registered pages");
        say!("{pages} whose owner has ended, and that no successor has taken over:");
        found.orphaned_pages.iter().take(MAX_PRINTED).for_each(|page| say!("  {page}"));
    }
    for breach in found.breaches.iter().take(MAX_PRINTED) {
        say!("{}: {}", breach.subject, breach.rule);
    }
    match found.breaches.len() {
        0 => Ok(()),
        broken => {
            let broken = counted(broken, "violation", "violations");
            bail!("{broken} of rules; correct the records by an import or a review.")
        }
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
    report_log(&verdict, &registry::analytics::altered(registry).await?, &registry.snapshot())?;
    if let Some(at) = change_log::head_in_future(registry.database()).await? {
        say!(
            "Nothing can be written: the last change is dated {at}, which is in the future. See docs/operations.md, Clocks."
        );
    }
    Ok(())
}

fn report_log(verdict: &Verdict, altered_ratings: &[i64], snapshot: &Snapshot) -> Result<()> {
    check_verdict(verdict)?;
    if let Some(id) = altered_ratings.first() {
        bail!("entries of the published rating {id} do not match their hash in the log. {RESTORE}.");
    }
    invariants(snapshot)?;
    let changes = snapshot.seq();
    let changes = counted(changes, "change", "changes");
    say!("Sound: {changes}, the hash chain is intact, the tables match the log, no rule is violated.");
    Ok(())
}

/// The condition by which the log has a subject such as `Page 42`; `None` if it is no record.
fn as_stored(subject: &str) -> Option<String> {
    let (name, id) = subject.split_once(' ')?;
    let id: i64 = id.parse().ok()?;
    let kind = SubjectType::EACH.iter().find(|kind| kind.name() == name)?;
    Some(format!("subject_type = '{}' AND subject_id = {id}", kind.to_value()))
}

/// Fails with the text of a verdict other than `Sound`.
fn check_verdict(verdict: &Verdict) -> Result<()> {
    match verdict {
        Verdict::Sound { .. } => Ok(()),
        Verdict::Broken { seq } => {
            bail!("the chain breaks at change {seq}: it was altered, or one before it removed. {RESTORE}.")
        }
        Verdict::Contradicted { seq, why } => {
            bail!("the receipt of change {seq} does not match the log: {why}. {RESTORE}.")
        }
        Verdict::Differs { subject } => {
            let state = as_stored(subject).map(|state| format!(" (the log has it: {state})"));
            bail!(
                "the tables differ from the log in {subject}: it was altered outside of the registry. {RESTORE}{}.",
                state.unwrap_or_default()
            )
        }
    }
}
