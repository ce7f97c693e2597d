//! Statistics as rows of a file, which can be loaded again.

use anyhow::Result;
use chrono::{DateTime, SecondsFormat, Utc};
use entities::page_statistics::{Metric, Model};
use serde_json::{Map, Value, json};

use super::parquet;
use crate::{
    attribution::Attribution,
    csv_writer::{CsvStyle, CsvWriter},
    global_id,
    parquet_writer::ParquetWriter,
    view::View,
};

/// Columns of the file; a load accepts all of them.
pub const COLUMNS: [&str; 17] = [
    "pageId",
    "platformCode",
    "nativeId",
    "day",
    "recordedAt",
    "subscribers",
    "views",
    "reach",
    "posts",
    "reactions",
    "comments",
    "shares",
    "messagesReceived",
    "messagesAnswered",
    "videos",
    "shorts",
    "streams",
];
/// Media type of Parquet files.
pub const PARQUET: &str = "application/vnd.apache.parquet";
/// Index of the first metric.
const FIRST_FIGURE: usize = 5;

/// Format of a file of statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values, or with another delimiter.
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// Compressed columns.
    Parquet,
}

impl Form {
    /// Format of a file name extension.
    pub fn of(extension: &str) -> Option<Self> {
        [Self::Csv, Self::Ndjson, Self::Parquet].into_iter().find(|form| form.extension() == extension)
    }

    /// File name extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }

    /// Media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
            Self::Parquet => PARQUET,
        }
    }
}

/// Streaming writer: returns bytes while rows are added, so that the file is never in memory as a whole.
pub enum Writer {
    /// CSV writer, with the bytes of the head until they are returned.
    Csv(Box<CsvWriter>, Vec<u8>),
    /// NDJSON, which needs no state.
    Ndjson,
    /// Parquet writer.
    Parquet(Box<ParquetWriter>),
}

impl Writer {
    /// Starts a file. CSV and Parquet state the attribution, the date and the sequence number.
    ///
    /// # Errors
    /// Never in practice: the file is in memory.
    pub fn new(
        form: Form,
        style: CsvStyle,
        attribution: &Attribution,
        at: DateTime<Utc>,
        seq: i64,
    ) -> Result<Self> {
        Ok(match form {
            Form::Csv => {
                let csv = Box::new(CsvWriter::new(style));
                let head = csv.head(attribution, at, seq, &COLUMNS);
                Self::Csv(csv, head)
            }
            Form::Ndjson => Self::Ndjson,
            Form::Parquet => Self::Parquet(Box::new(parquet::writer(attribution, at, seq)?)),
        })
    }

    /// Adds rows, except of pages hidden from the viewer, and returns the bytes that are ready.
    ///
    /// # Errors
    /// Never in practice: the file is in memory.
    pub fn add(&mut self, view: &View, rows: Vec<Model>) -> Result<Vec<u8>> {
        match self {
            Self::Csv(csv, head) => {
                let mut bytes = std::mem::take(head);
                for cells in rows.iter().filter_map(|row| cells(view, row)) {
                    csv.add(&cells)?;
                }
                bytes.append(&mut csv.take()?);
                Ok(bytes)
            }
            Self::Ndjson => {
                Ok(rows.iter().filter_map(|row| line(view, row)).collect::<String>().into_bytes())
            }
            Self::Parquet(file) => {
                rows.iter().try_for_each(|row| parquet::add(file, view, row))?;
                Ok(file.take())
            }
        }
    }

    /// Ends the file, and returns the remaining bytes.
    ///
    /// # Errors
    /// Never in practice: the file is in memory.
    pub fn finish(&mut self) -> Result<Vec<u8>> {
        match self {
            Self::Csv(_, head) => Ok(std::mem::take(head)),
            Self::Ndjson => Ok(Vec::new()),
            Self::Parquet(file) => {
                file.finish()?;
                Ok(file.take())
            }
        }
    }
}

/// Cells of a row; `None` if the page is hidden from the viewer.
fn cells(view: &View, row: &Model) -> Option<Vec<String>> {
    let page = view.page(row.page_id)?;
    let mut cells = vec![
        global_id::encode("Page", row.page_id).to_string(),
        page.platform_code().to_owned(),
        page.native_id.as_deref().unwrap_or_default().to_owned(),
        row.day.to_string(),
        // Full precision: when the file is loaded again, its rows must not be older than the stored ones.
        row.recorded_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
    ];
    cells.extend(row.values().map(|value| value.map(|value| value.to_string()).unwrap_or_default()));
    Some(cells)
}

/// The row as one line of NDJSON, without unknown values.
fn line(view: &View, row: &Model) -> Option<String> {
    let known = cells(view, row)?;
    let mut object = Map::new();
    for (name, cell) in COLUMNS.into_iter().zip(known).take(FIRST_FIGURE).filter(|(_, cell)| !cell.is_empty())
    {
        object.insert(name.to_owned(), Value::String(cell));
    }
    let figures =
        Metric::ALL.into_iter().zip(row.values()).filter_map(|(metric, value)| Some((metric, value?)));
    for (metric, value) in figures {
        object.insert(COLUMNS[FIRST_FIGURE + metric as usize].to_owned(), json!(value));
    }
    Some(format!("{}\n", Value::Object(object)))
}
