//! A table that is written row by row from one view of the registry.

use anyhow::Result;
use chrono::{DateTime, Utc};
use registry::{
    attribution::Attribution,
    csv_writer::{CsvStyle, CsvWriter},
    view::View,
};

use super::{
    cell::Cell,
    column::{Column, Object, csv_name},
};

/// Builds the row of an id; `None` if the viewer may not see it.
pub(crate) type RowOf = fn(&View, i64) -> Option<Vec<Cell>>;

/// Rows of a table.
pub(crate) enum Rows {
    /// One per id, built when it is written.
    Of(Vec<i64>, RowOf),
    /// Built in advance: tables of a few thousand rows.
    Built(Vec<Vec<Cell>>),
}

/// Table to export.
pub(crate) struct Table {
    /// Name of the list.
    pub(crate) name: &'static str,
    /// Paths of the columns.
    pub(super) columns: Vec<Column>,
    /// Rows of the table, with one cell for each column.
    pub(super) rows: Rows,
    /// View that all rows are read from.
    pub(crate) view: View,
}

impl Table {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        match &self.rows {
            Rows::Of(ids, _) => ids.len(),
            Rows::Built(rows) => rows.len(),
        }
    }

    /// Passes on the rows from the offset `start`, at most `count`.
    fn each_row(
        &self,
        start: usize,
        count: usize,
        mut take: impl FnMut(&[Cell]) -> Result<()>,
    ) -> Result<()> {
        let end = (start + count).min(self.len());
        match &self.rows {
            Rows::Of(ids, row) => {
                ids[start..end].iter().filter_map(|id| row(&self.view, *id)).try_for_each(|row| take(&row))
            }
            Rows::Built(rows) => rows[start..end].iter().try_for_each(|row| take(row)),
        }
    }
}

/// Writes a table in parts.
pub(crate) enum TableWriter {
    /// As CSV.
    Csv(Box<CsvWriter>),
    /// As NDJSON, which needs no state.
    Ndjson,
}

impl TableWriter {
    /// Writer of CSV.
    pub(crate) fn csv(style: CsvStyle) -> Self {
        Self::Csv(Box::new(CsvWriter::new(style)))
    }

    /// Beginning of the file, before its rows, which are valid for this sequence number.
    pub(crate) fn head(
        &self,
        table: &Table,
        attribution: &Attribution,
        (at, seq): (DateTime<Utc>, i64),
    ) -> Vec<u8> {
        let Self::Csv(csv) = self else { return Vec::new() };
        let names: Vec<String> = table.columns.iter().map(|column| csv_name(column)).collect();
        csv.head(attribution, at, seq, &names)
    }

    /// The next rows of the file, from the offset `start`.
    ///
    /// # Errors
    /// Never in practice: it writes into memory.
    pub(crate) fn rows(&mut self, table: &Table, start: usize, count: usize) -> Result<Vec<u8>> {
        match self {
            Self::Csv(csv) => {
                let decimal = csv.style().decimal;
                table.each_row(start, count, |row| {
                    csv.add(row.iter().map(|cell| cell.csv(decimal))).map_err(Into::into)
                })?;
                csv.take()
            }
            Self::Ndjson => {
                let mut lines = Vec::new();
                table.each_row(start, count, |row| {
                    serde_json::to_writer(&mut lines, &Object::of_row(&table.columns, row))?;
                    lines.push(b'\n');
                    Ok(())
                })?;
                Ok(lines)
            }
        }
    }
}
