//! Loading many figures out of a file or a stream: CSV with a header row, or NDJSON.

use std::{collections::BTreeMap, io::Read, sync::Arc, time::Duration};

use anyhow::Result;
use serde::Serialize;
use tokio::sync::mpsc;

use super::row_reader::each_row;
pub use super::row_reader::{FileFault, Form};
use crate::{
    change_log::{Actor, Registry},
    database::NoAnswer,
    statistics::{self, Outcome, PackedFigures, Recorded, Sender},
    view::{View, Viewer},
    worker_pool::Meter,
};

/// Rows that are recorded in one transaction: a nation's pages on one day.
const ROWS: usize = 200_000;

/// How rows are read, and how much is told of them.
#[derive(Clone, Debug)]
pub struct Input {
    /// Form of the rows.
    pub form: Form,
    /// Most rejected rows that are told one by one.
    pub most_told: usize,
    /// Longest that the database may take to record what is recorded together; none where nobody waits for an answer.
    pub patience: Option<Duration>,
    /// Counts the processor time of reading.
    pub meter: Meter,
}

/// What became of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Summary {
    pub rows: u64,
    pub stored: u64,
    pub replaced: u64,
    pub duplicates: u64,
    pub rejected: u64,
    /// Rows whose subscribers jumped.
    pub jumps: u64,
    /// Numbers of rejected rows, by reason.
    pub rejected_by_code: BTreeMap<&'static str, u64>,
    /// The first rejected rows, each with its reason.
    pub rejections: Vec<RowRejection>,
}

/// A row that could not be taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowRejection {
    /// Number of the line, from 1; of CSV, the header row is line 1.
    pub line: u64,
    /// Stable code of the reason.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Rows that are recorded together.
#[derive(Default)]
struct Part {
    figures: PackedFigures,
    /// Numbers of all rows' lines.
    lines: Vec<u64>,
    /// What is wrong with rows that could not be read, by their places among the lines.
    faults: BTreeMap<usize, String>,
}

/// Reads rows and records them, many in one transaction; what was recorded before a failure stays.
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
    // One part is read after the other is recorded: a load never holds two.
    let (recorded_parts, go_on) = mpsc::channel::<()>(1);
    let (source, platform_id) = (registry.clone(), sender.platform_id);
    let (most_told, patience) = (input.most_told, input.patience);
    let reading = tokio::task::spawn_blocking(move || {
        let meter = input.meter.clone();
        meter.count_now(|| read(&source, input, reader, platform_id, (&parts, go_on)))
    });
    let mut summary = Summary::default();
    while let Some(part) = received.recv().await {
        let Part { figures, lines, faults } = part;
        let recording = statistics::record(registry, actor.clone(), sender.clone(), figures);
        let recorded = match patience {
            // It goes on by itself: what it records is recorded.
            Some(patience) => tokio::time::timeout(patience, recording).await.map_err(|_| NoAnswer)??,
            None => recording.await?,
        };
        if let Recorded::Outcomes(outcomes) = recorded {
            summary.take(&lines, &faults, outcomes, most_told);
        }
        progress(summary.rows);
        // The reader goes away with the last part.
        let _ = recorded_parts.send(()).await;
    }
    reading.await??;
    Ok(summary)
}

impl Summary {
    fn take(
        &mut self,
        lines: &[u64],
        faults: &BTreeMap<usize, String>,
        outcomes: Vec<Outcome>,
        most_told: usize,
    ) {
        let mut outcomes = outcomes.into_iter();
        for (place, line) in lines.iter().enumerate() {
            self.rows += 1;
            let outcome = faults.get(&place).map_or_else(|| Ok(outcomes.next()), Err);
            match outcome {
                Ok(Some(Outcome::Stored { is_jump })) => {
                    self.stored += 1;
                    self.jumps += u64::from(is_jump);
                }
                Ok(Some(Outcome::Replaced { is_jump })) => {
                    self.replaced += 1;
                    self.jumps += u64::from(is_jump);
                }
                Ok(Some(Outcome::Rejected(reason))) => {
                    self.reject(*line, reason.code(), reason.text(), most_told);
                }
                Ok(Some(Outcome::Duplicate) | None) => self.duplicates += 1,
                Err(text) => self.reject(*line, "MALFORMED", text, most_told),
            }
        }
    }

    /// Counts a row that is not taken in, and tells it where not too many were told.
    fn reject(&mut self, line: u64, code: &'static str, text: &str, most_told: usize) {
        self.rejected += 1;
        *self.rejected_by_code.entry(code).or_default() += 1;
        if self.rejections.len() < most_told {
            self.rejections.push(RowRejection { line, code, message: text.to_owned() });
        }
    }
}

/// Reads rows part by part; pages are looked up in the registry as it stands then.
fn read(
    registry: &Registry,
    Input { form, most_told, .. }: Input,
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
                // What is not told need not be kept.
                let fault = if faults > most_told { String::new() } else { fault };
                part.faults.insert(part.lines.len(), fault);
            }
        }
        part.lines.push(line);
        if part.lines.len() == ROWS {
            // The receiver goes away when the database fails, and tells why.
            parts.blocking_send(std::mem::take(&mut part))?;
            if go_on.blocking_recv().is_none() {
                anyhow::bail!("nobody records the rows any more");
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
