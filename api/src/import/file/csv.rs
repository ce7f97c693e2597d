//! Rows of CSV.

use std::io::{BufRead, Cursor, Read};

use anyhow::{Context, Result, bail};

use super::{Columns, FileRules, Form, MAX_ROW, Row, Table, encoding, quotes::QuoteWatch};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a CSV file: the lines before its header, the header, the rows.
pub(super) fn read(mut input: impl BufRead, rules: &FileRules, sample: &[u8]) -> Result<Table> {
    let mut lines = 0;
    let mut line = first_line(&mut input)?;
    for _ in 0..rules.skip_rows {
        lines += 1;
        line = next_line(&mut input)?;
    }
    let named = separator(&line);
    if named.is_some() {
        lines += 1;
        line.clear();
    }
    let delimiter = match (rules.delimiter, named) {
        (Some(delimiter), _) => {
            u8::try_from(delimiter).context("the delimiter must be one ASCII character")?
        }
        (None, Some(named)) => named,
        (None, None) => encoding::delimiter(sample, rules.skip_rows),
    };
    let input = Cursor::new(line).chain(input);
    let has_header = rules.columns.is_empty();
    let mut watch = QuoteWatch::new(input, delimiter, lines + 1);
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(has_header)
        .from_reader(&mut watch);
    let columns = if has_header {
        let header = reader.headers().map_err(told)?;
        Columns::new(header.iter().map(str::to_owned).collect())
    } else {
        Columns::new(rules.columns.clone())
    };
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let number = rows.len() as i64 + 1;
        let record = record.map_err(told).with_context(|| format!("row {number}"))?;
        rows.push(row(&columns, &record, delimiter, number));
    }
    if let Some(line) = watch.open_line() {
        bail!(
            "line {line}: the quote that opens there is never closed; close it, or write it twice where it is part of the text."
        );
    }
    Ok(Table { columns, form: Form::Csv { delimiter }, rows })
}

/// A row with as many cells as there are columns; empty ones too many are nothing.
fn row(columns: &Columns, record: &::csv::StringRecord, delimiter: u8, number: i64) -> Row {
    let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
    let wanted = columns.names().len();
    while cells.len() > wanted && cells.last().is_some_and(|last| last.trim().is_empty()) {
        cells.pop();
    }
    let fault = (cells.len() != wanted)
        .then(|| format!("The row has {} cells, and the header {wanted}.", cells.len()));
    // What is too much stands in the last column, as it stood in the file.
    if cells.len() > wanted && wanted > 0 {
        let surplus = cells.split_off(wanted - 1);
        cells.push(surplus.join(&char::from(delimiter).to_string()));
    }
    Row { cells, fault, number }
}

/// The first line, without a byte order mark.
fn first_line(input: &mut impl BufRead) -> Result<Vec<u8>> {
    let line = next_line(input)?;
    Ok(line.strip_prefix(BYTE_ORDER_MARK).map(<[u8]>::to_vec).unwrap_or(line))
}

fn next_line(input: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut line = Vec::new();
    input.take(MAX_ROW).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// Delimiter that a line `sep=;` names, as spreadsheets write it in front of the header.
fn separator(line: &[u8]) -> Option<u8> {
    match line.trim_ascii_end() {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(*delimiter),
        _ => None,
    }
}

fn told(error: ::csv::Error) -> anyhow::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error.into(),
        kind => anyhow::anyhow!("{kind:?}"),
    }
}
