//! `registry import list`, `show` and `undo`.

use anyhow::Result;

use super::report::print_counts;
use entities::import_job::State;
use registry::{
    change_log::Registry,
    import::{self, jobs},
};

/// Maximum number of printed subjects that an undo left unchanged.
const MAX_LEFT: usize = 20;

pub(super) async fn list(registry: &Registry, limit: u64) -> Result<()> {
    let found = jobs::list(registry.database(), limit).await?;
    if found.is_empty() {
        say!("Nothing was imported yet.");
        return Ok(());
    }
    say!(
        "{:>6}  {:<16}  {:<8}  {:<13}  {:<20}  {:>8}  {:>8}  file",
        "import",
        "started",
        "state",
        "kind",
        "source",
        "rows",
        "refused"
    );
    for job in found {
        let counts = jobs::counts(&job);
        let state = word(job.state);
        let started = job.started_at.format("%Y-%m-%d %H:%M");
        say!(
            "{:>6}  {started}  {state:<8}  {:<13}  {:<20}  {:>8}  {:>8}  {}",
            job.id,
            job.kind,
            job.source,
            counts.rows,
            counts.refused,
            job.file_name
        );
    }
    Ok(())
}

pub(super) async fn show(registry: &Registry, id: i64, limit: u64) -> Result<()> {
    let job = jobs::find(registry.database(), id).await?;
    say!("import {id}: {} ({}) of {}, {}", job.file_name, job.kind, job.source, word(job.state));
    print_counts(&jobs::counts(&job));
    for row in jobs::reported_rows(registry, id, limit).await? {
        let what = if row.is_error { "refused" } else { "warning" };
        say!("row {:>6}  {what}  {}  {}", row.number, row.code, row.text);
    }
    Ok(())
}

pub(super) async fn undo(registry: &Registry, id: i64) -> Result<()> {
    let undone = import::undo(registry, id).await?;
    say!(
        "import {id} was undone: {} restored, {} withdrawn, {} left unchanged.",
        undone.restored,
        undone.withdrawn,
        undone.left.len()
    );
    if undone.proposals > 0 {
        say!("Proposals withdrawn or opened again: {}.", undone.proposals);
    }
    if undone.has_statistics {
        say!("The statistics of its pages are kept.");
    }
    for (subject, reason) in undone.left.iter().take(MAX_LEFT) {
        say!("left: {subject}: {reason}");
    }
    if undone.left.len() > MAX_LEFT {
        say!("… and {} more", undone.left.len() - MAX_LEFT);
    }
    Ok(())
}

fn word(state: State) -> String {
    format!("{state:?}").to_lowercase()
}
