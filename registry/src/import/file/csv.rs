//! Reading CSV files.

use anyhow::{Context, Result, bail};

use super::{Columns, Fault, FileRules, Form, REPORT_COLUMNS, Row, Table, encoding, quotes::QuoteWatch};
use crate::csv_writer::named_delimiter;

/// Reads a CSV file: skipped lines, header, rows.
pub(super) fn read(text: &str, rules: &FileRules) -> Result<Table> {
    let of_error_file;
    let rules = if is_error_file(text) {
        of_error_file = FileRules { skip_rows: 0, columns: Vec::new(), delimiter: None, ..rules.clone() };
        &of_error_file
    } else {
        rules
    };
    let (rest, lines, delimiter) = beginning(text, rules)?;
    let has_header = rules.columns.is_empty();
    let mut watch = QuoteWatch::new(rest.as_bytes(), delimiter, lines + 1);
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(has_header)
        .from_reader(&mut watch);
    let columns = if has_header {
        let header = reader.headers().map_err(csv_error)?;
        Columns::new(header.iter().map(str::to_owned).collect())
    } else {
        Columns::new(rules.columns.clone())
    };
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let number = rows.len() as i64 + 1;
        let record = record.map_err(csv_error).with_context(|| format!("row {number}"))?;
        rows.push(row(&columns, &record, delimiter, number));
    }
    if let Some(line) = watch.open_line() {
        bail!(
            "line {line}: a quote opened there is never closed; close it, or double it if it is part of the text."
        );
    }
    let mut table = Table { columns, form: Form::Csv { delimiter }, rows };
    table.drop_report_columns();
    Ok(table)
}

/// The text from the header on, the number of lines before it, and the delimiter.
fn beginning<'a>(text: &'a str, rules: &FileRules) -> Result<(&'a str, u64, u8)> {
    let mut rest = text;
    for _ in 0..rules.skip_rows {
        rest = after_line(rest).1;
    }
    let mut lines = rules.skip_rows as u64;
    let (mut line, mut after) = after_line(rest);
    if is_export_comment(line) {
        lines += 1;
        rest = after;
        (line, after) = after_line(rest);
    }
    let named = named_delimiter(line.as_bytes());
    if named.is_some() {
        lines += 1;
        rest = after;
    }
    let delimiter = match (rules.delimiter, named) {
        (Some(delimiter), _) => {
            u8::try_from(delimiter).context("the delimiter must be one ASCII character")?
        }
        (None, Some(named)) => named,
        (None, None) => encoding::delimiter(rest),
    };
    Ok((rest, lines, delimiter))
}

/// A row with one cell per column; surplus empty cells at the end are dropped.
fn row(columns: &Columns, record: &::csv::StringRecord, delimiter: u8, number: i64) -> Row {
    let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
    let wanted = columns.names().len();
    while cells.len() > wanted && cells.last().is_some_and(|last| last.trim().is_empty()) {
        cells.pop();
    }
    let fault = (cells.len() != wanted).then(|| Fault {
        text: format!("The row has {} cells, but the header has {wanted}.", cells.len()),
        advice: "Quote cells that contain the delimiter or a line break; check for a quote that is not closed.",
    });
    // Surplus cells are joined into the last column as they were in the file.
    if cells.len() > wanted && wanted > 0 {
        let surplus = cells.split_off(wanted - 1);
        cells.push(surplus.join(&char::from(delimiter).to_string()));
    }
    Row { cells, fault, number }
}

/// Splits off the first line. Lines end with LF, CR LF or CR.
fn after_line(text: &str) -> (&str, &str) {
    let end = text.find(['\n', '\r']).unwrap_or(text.len());
    let (line, rest) = text.split_at(end);
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
    (line, rest)
}

/// Whether a line is the comment with which exported files begin.
fn is_export_comment(line: &str) -> bool {
    line.starts_with("# source: ") && line.contains(" | seq: ")
}

/// Whether the file is an error or warning file of an import. Such files have a header and no lines before it.
pub(super) fn is_error_file(text: &str) -> bool {
    let (first, rest) = after_line(text);
    let named = named_delimiter(first.as_bytes()).map(char::from);
    let header = if named.is_some() { after_line(rest).0 } else { first };
    let ends = |c: char| Some(c) == named || matches!(c, ',' | ';' | '\t' | '|');
    let cells: Vec<&str> = header.split(ends).map(|cell| cell.trim().trim_matches('"')).collect();
    REPORT_COLUMNS.iter().any(|columns| columns.iter().all(|name| cells.contains(name)))
}

fn csv_error(error: ::csv::Error) -> anyhow::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error.into(),
        kind => anyhow::anyhow!("{kind:?}"),
    }
}
