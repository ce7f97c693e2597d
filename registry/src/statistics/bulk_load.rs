//! Bulk load of statistics from a file or a stream: CSV with a header row, or NDJSON.

use std::{collections::BTreeMap, io::Read, sync::Arc, time::Duration};

use anyhow::Result;
use serde::Serialize;
use tokio::sync::mpsc;

pub use super::row_reader::{FileFault, Form};
use super::{
    row_reader::{RowFault, each_row},
    submit::UnreadableRow,
};
use crate::{
    change_log::{Actor, Registry},
    database::DatabaseTimeout,
    statistics::{self, Outcome, PackedFigures, Sender},
    view::{View, Viewer},
    worker_pool::Meter,
};

/// Rows per transaction: about one day of all pages of a country.
const ROWS: usize = 200_000;

/// How rows are read and reported.
#[derive(Clone, Debug)]
pub struct Input {
    /// Format of the rows.
    pub form: Form,
    /// Maximum number of rejected rows that are listed.
    pub max_rejections: usize,
    /// Timeout of each transaction; `None` if no client waits.
    pub transaction_timeout: Option<Duration>,
    /// Counts the processor time of reading.
    pub meter: Meter,
}

/// Result of a load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Summary {
    pub rows: u64,
    pub stored: u64,
    pub replaced: u64,
    pub duplicates: u64,
    pub rejected: u64,
    /// Stored and replaced rows whose number of subscribers is a jump.
    pub jumps: u64,
    /// Number of rejected rows by code.
    pub rejected_by_code: BTreeMap<&'static str, u64>,
    /// The first rejected rows, each with its reason.
    pub rejections: Vec<RowRejection>,
}

/// A rejected row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowRejection {
    /// Line number, from 1, which includes the header row of CSV.
    pub line: u64,
    /// Stable code of the reason.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Rows that are recorded in one transaction.
#[derive(Default)]
struct Part {
    figures: PackedFigures,
    /// Line numbers of all rows.
    lines: Vec<u64>,
    /// Errors of rows that could not be read, by index into `lines`.
    faults: BTreeMap<usize, RowFault>,
}

/// Reads rows and records them, many per transaction; transactions before a failure stay committed.
///
/// # Errors
/// When the database does not answer, or the stream breaks off.
pub async fn load(
    registry: &Registry,
    actor: Actor,
    sender: Sender,
    input: Input,
    reader: impl Read + Send + 'static,
    progress: impl Fn(u64),
) -> Result<Summary> {
    let (parts, mut received) = mpsc::channel::<Part>(1);
    // A part is read after the previous one is recorded: a load never holds two in memory.
    let (recorded_parts, go_on) = mpsc::channel::<()>(1);
    let (source, platform_id) = (registry.clone(), sender.reach.platform_id);
    let (max_rejections, transaction_timeout) = (input.max_rejections, input.transaction_timeout);
    let reading = tokio::task::spawn_blocking(move || {
        let meter = input.meter.clone();
        meter.count_now(|| read(&source, input, reader, platform_id, (&parts, go_on)))
    });
    let mut summary = Summary::default();
    while let Some(part) = received.recv().await {
        let Part { figures, lines, faults } = part;
        let recording = statistics::record(registry, actor.clone(), sender.clone(), figures);
        let recorded = match transaction_timeout {
            // After a timeout, the transaction goes on in its own task and may still commit.
            Some(transaction_timeout) => {
                tokio::time::timeout(transaction_timeout, recording).await.map_err(|_| DatabaseTimeout)??
            }
            None => recording.await?,
        };
        summary.take(&lines, &faults, recorded.result, max_rejections);
        progress(summary.rows);
        // The reader ends after the last part.
        let _ = recorded_parts.send(()).await;
    }
    reading.await??;
    Ok(summary)
}

impl Summary {
    fn take(
        &mut self,
        lines: &[u64],
        faults: &BTreeMap<usize, RowFault>,
        outcomes: Vec<Outcome>,
        max_rejections: usize,
    ) {
        let mut outcomes = outcomes.into_iter();
        for (index, line) in lines.iter().enumerate() {
            self.rows += 1;
            let outcome = faults.get(&index).map_or_else(|| Ok(outcomes.next()), Err);
            match outcome {
                Ok(Some(Outcome::Stored { is_jump })) => {
                    self.stored += 1;
                    self.jumps += u64::from(is_jump);
                }
                Ok(Some(Outcome::Replaced { is_jump })) => {
                    self.replaced += 1;
                    self.jumps += u64::from(is_jump);
                }
                Ok(Some(Outcome::Rejected(reason))) | Err(&RowFault::Rejected(reason)) => {
                    self.reject(*line, reason.code(), reason.text(), max_rejections);
                }
                Ok(Some(Outcome::Duplicate) | None) => self.duplicates += 1,
                Err(RowFault::Malformed(text)) => {
                    self.reject(*line, UnreadableRow::CODE, text, max_rejections);
                }
            }
        }
    }

    /// Counts a rejected row, and lists it unless the limit is reached.
    fn reject(&mut self, line: u64, code: &'static str, text: &str, max_rejections: usize) {
        self.rejected += 1;
        *self.rejected_by_code.entry(code).or_default() += 1;
        if self.rejections.len() < max_rejections {
            self.rejections.push(RowRejection { line, code, message: text.to_owned() });
        }
    }
}

/// Reads rows part by part; the pages of each part are looked up in the snapshot that is current at its start.
fn read(
    registry: &Registry,
    Input { form, max_rejections, .. }: Input,
    reader: impl Read,
    platform_id: Option<i64>,
    (parts, mut go_on): (&mpsc::Sender<Part>, mpsc::Receiver<()>),
) -> Result<()> {
    let (mut part, mut faults) = (Part::default(), 0);
    let mut snapshot = registry.snapshot();
    let mut view = View::new(Arc::clone(&snapshot), Viewer::Public);
    each_row(form, reader, |line, row| {
        match row {
            Ok(row) => part.figures.push(&row.figure(&view, &snapshot, platform_id)),
            Err(fault) => {
                faults += 1;
                // The text is not needed for rows that are not listed.
                let fault = match fault {
                    RowFault::Malformed(_) if faults > max_rejections => RowFault::Malformed(String::new()),
                    fault => fault,
                };
                part.faults.insert(part.lines.len(), fault);
            }
        }
        part.lines.push(line);
        if part.lines.len() == ROWS {
            // The receiver is dropped when the database fails, and reports the error.
            parts.blocking_send(std::mem::take(&mut part))?;
            if go_on.blocking_recv().is_none() {
                anyhow::bail!("the recording of rows has ended");
            }
            snapshot = registry.snapshot();
            view = View::new(Arc::clone(&snapshot), Viewer::Public);
        }
        Ok(())
    })?;
    if !part.lines.is_empty() {
        parts.blocking_send(part)?;
    }
    Ok(())
}
