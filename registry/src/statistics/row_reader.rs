//! Reads submitted rows: CSV with a header row, or NDJSON. Rows and error messages have a maximum length.

use std::{
    collections::HashSet,
    io::{self, BufRead, BufReader, Read},
    num::IntErrorKind,
};

use anyhow::Result;
use chrono::{DateTime, Utc};
use csv::{DeserializeErrorKind, ErrorKind, StringRecord};

use super::{
    csv_beginning,
    csv_rows::{CsvRows, Endless, RowNotes},
    export::COLUMNS,
    figure::Rejection,
    json_row,
    submitted_row::{FORMER_PLATFORM_CODE, SentRow},
};
use crate::{
    calendar::parse_day,
    file_kind::{BEGINNING, mistaken},
};

/// Maximum length of a row, also of the header row, in bytes.
const MAX_ROW: usize = 64 << 10;
/// Maximum number of characters of the file that an error message repeats.
pub(super) const MAX_ECHO: usize = 40;
/// Error of a row that cannot be read for another reason.
const NOT_READ: &str = "The row cannot be read; look at its quotes and its number of cells.";
/// Error of a row that spans several lines.
const LINE_BREAK: &str =
    "The row spans several lines and is rejected as a whole: look for a quote that is not closed.";
/// Error of a truncated row.
const TOO_LONG: &str = "The row is longer than 65536 bytes.";
/// Byte order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// Buffer size in bytes: each wait for a body has a fixed cost.
const BUFFER: usize = 256 << 10;
/// Accepted columns that exported files do not have.
pub(super) const MORE_COLUMNS: [&str; 2] = ["url", "lastPostAt"];

/// Format of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values with a header row.
    Csv,
    /// One JSON object per line.
    Ndjson,
}

/// Fault of a file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// The header has an unknown column.
    #[error(
        "Unknown column `{0}`; the header row must name known columns, such as pageId, day and subscribers."
    )]
    UnknownColumn(String),
    /// The header has a column twice.
    #[error("The header has the column `{0}` twice.")]
    DoubledColumn(String),
    /// The header row is not UTF-8 text.
    #[error("The header row is not UTF-8 text: save the sheet as CSV in UTF-8.")]
    NotText,
    /// The file is of another kind.
    #[error("The file is {0}.")]
    Mistaken(&'static str),
    /// There is no header row.
    #[error("There is no header row; name the columns in it, such as pageId, day and subscribers.")]
    NoHeader,
    /// The header row lacks a required column.
    #[error("The header row has no column {0}.")]
    LacksColumn(&'static str),
    /// A row has an unclosed quote, or is too long.
    #[error("The row of line {0} has a quote that is not closed, or is longer than 65536 bytes.")]
    LongRow(u64),
}

/// Why a row cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RowFault {
    /// It is no row; the text says why.
    Malformed(String),
    /// A value is beyond what can be read.
    Rejected(Rejection),
}

impl From<String> for RowFault {
    fn from(text: String) -> Self {
        Self::Malformed(text)
    }
}

/// Reads rows one by one; those that cannot be read are passed as their fault.
pub(super) fn each_row(
    form: Form,
    reader: impl Read,
    take: impl FnMut(u64, Result<SentRow, RowFault>) -> Result<()>,
) -> Result<()> {
    let reader = beginning_checked(reader)?;
    match form {
        Form::Csv => each_record(reader, take),
        Form::Ndjson => each_line(reader, take),
    }
}

/// Refuses files of other kinds, and skips the byte order mark that spreadsheets and exported files begin with.
fn beginning_checked(mut reader: impl Read) -> Result<impl Read> {
    let mut first = Vec::new();
    reader.by_ref().take(BEGINNING as u64).read_to_end(&mut first)?;
    if let Some(kind) = mistaken(&first) {
        return Err(FileFault::Mistaken(kind).into());
    }
    if first.starts_with(BYTE_ORDER_MARK) {
        first.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(io::Cursor::new(first).chain(reader))
}

fn each_record(
    mut reader: impl Read,
    mut take: impl FnMut(u64, Result<SentRow, RowFault>) -> Result<()>,
) -> Result<()> {
    let (beginning, delimiter) = csv_beginning::read(&mut reader)?;
    let notes = RowNotes::new(delimiter);
    let mut rows = csv::ReaderBuilder::new()
        .buffer_capacity(BUFFER)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        // Exported files begin with a comment.
        .comment(Some(b'#'))
        .from_reader(CsvRows::new(beginning.chain(reader), MAX_ROW, notes.clone()));
    let headers = rows.headers().map_err(broken)?.clone();
    // A truncated header cannot be used.
    if let Some(cut) = notes.odd(rows.position().line() - 1).filter(|odd| odd.is_cut) {
        return Err(FileFault::LongRow(cut.first).into());
    }
    check_header(&headers)?;
    let mut record = StringRecord::new();
    loop {
        let is_row = rows.read_record(&mut record);
        // A record's own position is that of the blank lines before it.
        let last = rows.position().line() - 1;
        let odd = notes.odd(last);
        let row = match is_row {
            Ok(true) if odd.is_some_and(|odd| odd.is_cut) => Err(TOO_LONG.to_owned().into()),
            Ok(true) if odd.is_some() => Err(LINE_BREAK.to_owned().into()),
            Ok(true) => record.deserialize(Some(&headers)).map_err(|error| fault(&error, &headers, &record)),
            Ok(false) => return Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::Io(_)) => return Err(broken(error)),
            Err(_) if odd.is_some_and(|odd| odd.is_cut) => Err(TOO_LONG.to_owned().into()),
            Err(_) if odd.is_some() => Err(LINE_BREAK.to_owned().into()),
            Err(error) => Err(fault(&error, &headers, &record)),
        };
        take(odd.map_or(last, |odd| odd.first), row)?;
    }
}

/// Rejects a header with unknown, doubled or missing columns.
fn check_header(headers: &StringRecord) -> Result<(), FileFault> {
    let mut seen = HashSet::new();
    for name in headers {
        let name = if name == FORMER_PLATFORM_CODE { "platformCode" } else { name };
        if !COLUMNS.contains(&name) && !MORE_COLUMNS.contains(&name) {
            return Err(FileFault::UnknownColumn(cut(name, MAX_ECHO)));
        }
        if !seen.insert(name) {
            return Err(FileFault::DoubledColumn(name.to_owned()));
        }
    }
    match () {
        () if seen.is_empty() => Err(FileFault::NoHeader),
        () if !seen.contains("day") => Err(FileFault::LacksColumn("`day`")),
        () if !["pageId", "nativeId", "url"].iter().any(|name| seen.contains(name)) => {
            Err(FileFault::LacksColumn("for the page: `pageId`, `platformCode` and `nativeId`, or `url`"))
        }
        () => Ok(()),
    }
}

/// Fault of a CSV row that cannot be read.
fn fault(error: &csv::Error, headers: &StringRecord, record: &StringRecord) -> RowFault {
    if let ErrorKind::Deserialize { err, .. } = error.kind()
        && let DeserializeErrorKind::ParseInt(error) = err.kind()
    {
        match error.kind() {
            IntErrorKind::PosOverflow => return RowFault::Rejected(Rejection::TooLarge),
            IntErrorKind::NegOverflow => return RowFault::Rejected(Rejection::Negative),
            _ => {}
        }
    }
    message(error, headers, record).into()
}

/// Error message of a malformed CSV row.
fn message(error: &csv::Error, headers: &StringRecord, record: &StringRecord) -> String {
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("The row has {len} cells, but the header has {expected_len}.")
        }
        ErrorKind::Utf8 { .. } => "The row is not in UTF-8.".to_owned(),
        ErrorKind::Deserialize { err, .. } => {
            let index = err.field().and_then(|field| usize::try_from(field).ok());
            let of = |record: &StringRecord| index.and_then(|index| record.get(index)).map(str::to_owned);
            match (of(headers), of(record), err.kind()) {
                (Some(column), Some(cell), DeserializeErrorKind::ParseInt(_)) => {
                    format!("{column}: `{}` is not an integer.", cut(&cell, MAX_ECHO))
                }
                (Some(column), Some(cell), _) => {
                    format!("{column}: `{}`; write days as 2026-11-22.", cut(&cell, MAX_ECHO))
                }
                _ => no_time(headers, record).unwrap_or_else(|| NOT_READ.to_owned()),
            }
        }
        _ => NOT_READ.to_owned(),
    }
}

/// Error message of the first cell that is not a valid day or timestamp.
fn no_time(headers: &StringRecord, record: &StringRecord) -> Option<String> {
    headers.iter().zip(record).find_map(|(column, cell)| {
        let is_wrong = match column {
            "day" => parse_day(cell).is_none(),
            "recordedAt" | "lastPostAt" => !cell.is_empty() && cell.parse::<DateTime<Utc>>().is_err(),
            _ => false,
        };
        let form = if column == "day" { "days as 2026-11-22" } else { "timestamps as 2026-11-22T07:06:00Z" };
        is_wrong.then(|| format!("{column}: `{}`; write {form}.", cut(cell, MAX_ECHO)))
    })
}

/// Error that ends the reading: a fault of the file, or an IO error.
fn broken(error: csv::Error) -> anyhow::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<Endless>()) {
            Some(Endless(line)) => FileFault::LongRow(*line).into(),
            None => error.into(),
        },
        ErrorKind::Utf8 { .. } => FileFault::NotText.into(),
        other => anyhow::anyhow!("{other:?}"),
    }
}

fn each_line(
    reader: impl Read,
    mut take: impl FnMut(u64, Result<SentRow, RowFault>) -> Result<()>,
) -> Result<()> {
    let mut reader = BufReader::with_capacity(BUFFER, reader);
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        if reader.by_ref().take(MAX_ROW as u64).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        if text.len() == MAX_ROW && !text.ends_with(b"\n") {
            reader.skip_until(b'\n')?;
            take(line, Err(format!("The line is longer than {MAX_ROW} bytes.").into()))?;
            continue;
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if !text.trim_ascii_start().starts_with(b"{") {
            take(line, Err("The line is not a JSON object.".to_owned().into()))?;
            continue;
        }
        take(line, json_row::read(&text))?;
    }
    Ok(())
}

/// Truncates a text to `most` characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
