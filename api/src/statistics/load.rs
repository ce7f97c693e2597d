//! Loading many figures out of a file or a stream: CSV with a header row, or NDJSON.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    sync::Arc,
};

use anyhow::Result;
use serde::Serialize;
use tokio::sync::mpsc;

use super::row::SentRow;
use crate::{
    change::Registry,
    facts::{self, Figure, Outcome, Recorded, Sender},
    snapshot::{View, Viewer},
};

/// Rows that are recorded in one transaction: a nation's pages on one day.
const ROWS: usize = 400_000;
/// Longest row.
const MAX_ROW: u64 = 64 << 10;

/// Bytes that are waited for at once: each wait for a body costs the same, however much it brings.
const BUFFER: usize = 256 << 10;

/// Form of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values with a header row.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// How rows are read, and how much is told of them.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// Form of the rows.
    pub form: Form,
    /// Most rejected rows that are told one by one.
    pub most_told: usize,
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
    figures: Vec<Figure>,
    /// Numbers of all rows' lines, with what is wrong with those that could not be read.
    lines: Vec<(u64, Option<String>)>,
}

/// Reads rows and records them, many in one transaction; what was recorded before a failure stays.
///
/// # Errors
/// When the database does not answer, or the stream breaks off.
pub async fn load(
    registry: &Registry,
    actor: &str,
    sender: Sender,
    Input { form, most_told }: Input,
    reader: impl Read + Send + 'static,
    progress: impl Fn(u64),
) -> Result<Summary> {
    let (parts, mut received) = mpsc::channel::<Part>(1);
    let (source, platform_id) = (registry.clone(), sender.platform_id);
    let reading = tokio::task::spawn_blocking(move || read(&source, form, reader, platform_id, &parts));
    let mut summary = Summary::default();
    while let Some(part) = received.recv().await {
        let recorded = facts::record(registry, actor, sender.clone(), part.figures).await?;
        let Recorded::Outcomes(outcomes) = recorded else { continue };
        summary.take(&part.lines, outcomes);
        summary.rejections.truncate(most_told);
        progress(summary.rows);
    }
    reading.await??;
    Ok(summary)
}

impl Summary {
    fn take(&mut self, lines: &[(u64, Option<String>)], outcomes: Vec<Outcome>) {
        let mut outcomes = outcomes.into_iter();
        for (line, fault) in lines {
            self.rows += 1;
            let outcome = fault.as_deref().map_or_else(|| Ok(outcomes.next()), Err);
            match outcome {
                Ok(Some(Outcome::Stored { is_jump })) => {
                    self.stored += 1;
                    self.jumps += u64::from(is_jump);
                }
                Ok(Some(Outcome::Replaced { is_jump })) => {
                    self.replaced += 1;
                    self.jumps += u64::from(is_jump);
                }
                Ok(Some(Outcome::Rejected(reason))) => self.reject(*line, reason.code(), reason.text()),
                Ok(Some(Outcome::Duplicate) | None) => self.duplicates += 1,
                Err(text) => self.reject(*line, "MALFORMED", text),
            }
        }
    }

    fn reject(&mut self, line: u64, code: &'static str, text: &str) {
        self.rejected += 1;
        *self.rejected_by_code.entry(code).or_default() += 1;
        self.rejections.push(RowRejection { line, code, message: text.to_owned() });
    }
}

/// Reads rows part by part; pages are looked up in the registry as it stands then.
fn read(
    registry: &Registry,
    form: Form,
    reader: impl Read,
    platform_id: Option<i64>,
    parts: &mpsc::Sender<Part>,
) -> Result<()> {
    let mut part = Part::default();
    let mut snapshot = registry.snapshot();
    let mut view = View::new(Arc::clone(&snapshot), Viewer::Public);
    each_row(form, reader, |line, row| {
        let fault = match row {
            Ok(row) => {
                part.figures.push(row.figure(&view, &snapshot, platform_id));
                None
            }
            Err(fault) => Some(fault),
        };
        part.lines.push((line, fault));
        if part.lines.len() == ROWS {
            // The receiver goes away when the database fails, and tells why.
            parts.blocking_send(std::mem::take(&mut part))?;
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

/// Reads rows one by one; those that cannot be read are told in words.
fn each_row(
    form: Form,
    reader: impl Read,
    take: impl FnMut(u64, Result<SentRow, String>) -> Result<()>,
) -> Result<()> {
    match form {
        Form::Csv => each_record(reader, take),
        Form::Ndjson => each_line(reader, take),
    }
}

fn each_record(
    reader: impl Read,
    mut take: impl FnMut(u64, Result<SentRow, String>) -> Result<()>,
) -> Result<()> {
    let mut rows = csv::ReaderBuilder::new()
        .buffer_capacity(BUFFER)
        .trim(csv::Trim::All)
        // Files that were exported begin with a comment.
        .comment(Some(b'#'))
        .from_reader(reader);
    let headers = rows.headers()?.clone();
    let mut record = csv::StringRecord::new();
    loop {
        match rows.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) if matches!(error.kind(), csv::ErrorKind::Io(_)) => return Err(error.into()),
            Err(error) => {
                take(error.position().map_or(0, csv::Position::line), Err(error.to_string()))?;
                continue;
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        let row = record.deserialize(Some(&headers));
        take(line, row.map_err(|error| error.to_string()))?;
    }
    Ok(())
}

fn each_line(
    reader: impl Read,
    mut take: impl FnMut(u64, Result<SentRow, String>) -> Result<()>,
) -> Result<()> {
    let mut reader = BufReader::with_capacity(BUFFER, reader);
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        if reader.by_ref().take(MAX_ROW).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        take(line, serde_json::from_slice(&text).map_err(|error| error.to_string()))?;
    }
    Ok(())
}
