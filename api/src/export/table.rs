//! A table that is written row by row from one view of the registry.

use anyhow::Result;
use chrono::{DateTime, Utc};
use registry::{
    analytics::leaderboard::{Kind, RankedEntry},
    attribution::Attribution,
    csv_writer::{CsvStyle, CsvWriter},
    parquet_writer::{ParquetColumn, ParquetWriter},
    statistics::export::Form,
    view::View,
};

use super::{
    cell::Cell,
    column::{Column, Object},
    places,
    rated_places::RatedPlaces,
};

/// Builds the row of an id; `None` if the viewer may not see it.
pub(crate) type RowOf = fn(&View, i64) -> Option<Vec<Cell>>;

/// Rows of a table.
pub(crate) enum Rows {
    /// One per id, built when it is written.
    Of(Vec<i64>, RowOf),
    /// Built in advance: tables of a few thousand rows.
    Built(Vec<Vec<Cell>>),
    /// Places of a leaderboard, built when they are written.
    Places(Kind, Vec<RankedEntry>),
    /// Places of a published rating, read from the database before they are written.
    Rated(Box<RatedPlaces>),
}

/// Table to export.
pub(crate) struct Table {
    /// Name of the list.
    pub(super) name: &'static str,
    /// Name of the file, without its extension.
    pub(crate) file_name: String,
    /// Columns of the table.
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
            Rows::Places(_, entries) => entries.len(),
            Rows::Rated(places) => places.len(),
        }
    }

    /// Reads what the rows from the offset `start` need, at most `count`, unless it is known.
    ///
    /// # Errors
    /// When the database fails, or a row is missing in it.
    pub(crate) async fn read(&mut self, start: usize, count: usize) -> Result<()> {
        match &mut self.rows {
            Rows::Rated(places) => places.read(start, count).await,
            _ => Ok(()),
        }
    }

    /// Passes on the rows from the offset `start`, at most `count`, which [`Table::read`] has read.
    fn each_row(
        &self,
        start: usize,
        count: usize,
        mut take: impl FnMut(&[Cell]) -> Result<()>,
    ) -> Result<()> {
        let (view, end) = (&self.view, (start + count).min(self.len()));
        match &self.rows {
            Rows::Of(ids, row) => {
                ids[start..end].iter().filter_map(|id| row(view, *id)).try_for_each(|row| take(&row))
            }
            Rows::Built(rows) => rows[start..end].iter().try_for_each(|row| take(row)),
            Rows::Places(kind, entries) => {
                let rows = entries[start..end].iter();
                rows.filter_map(|entry| places::row(view, *kind, entry)).try_for_each(|row| take(&row))
            }
            Rows::Rated(places) => places.rows(view).try_for_each(|row| take(&row)),
        }
    }
}

/// Writes a table in parts.
pub(crate) enum TableWriter {
    /// As CSV.
    Csv(Box<CsvWriter>),
    /// As NDJSON, which needs no state.
    Ndjson,
    /// As Parquet.
    Parquet(Box<ParquetWriter>),
}

impl TableWriter {
    /// Starts a file of a table whose rows are valid for this sequence number; also returns its beginning, before the rows.
    ///
    /// # Errors
    /// Never in practice: it writes into memory.
    pub(crate) fn start(
        form: Form,
        style: CsvStyle,
        table: &Table,
        attribution: &Attribution,
        (at, seq): (DateTime<Utc>, i64),
    ) -> Result<(Self, Vec<u8>)> {
        Ok(match form {
            Form::Csv => {
                let csv = CsvWriter::new(style);
                let names: Vec<String> = table.columns.iter().map(Column::name).collect();
                let head = csv.head(attribution, at, seq, &names);
                (Self::Csv(Box::new(csv)), head)
            }
            Form::Ndjson => (Self::Ndjson, Vec::new()),
            Form::Parquet => {
                let columns: Vec<ParquetColumn> = table.columns.iter().map(Column::typed).collect();
                let mut file = ParquetWriter::new(table.name, &columns, attribution, at, seq)?;
                let head = file.take();
                (Self::Parquet(Box::new(file)), head)
            }
        })
    }

    /// Adds rows from the offset `start`, and returns the bytes that are ready.
    ///
    /// # Errors
    /// When a cell is not of its column's type.
    pub(crate) fn rows(&mut self, table: &Table, start: usize, count: usize) -> Result<Vec<u8>> {
        match self {
            Self::Csv(csv) => {
                let decimal = csv.style().decimal;
                table.each_row(start, count, |row| {
                    csv.add_cells(row.iter().map(|cell| cell.csv(decimal))).map_err(Into::into)
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
            Self::Parquet(file) => {
                table.each_row(start, count, |row| file.add(row.iter().map(Cell::typed)))?;
                Ok(file.take())
            }
        }
    }

    /// Ends the file, and returns the remaining bytes.
    ///
    /// # Errors
    /// Never in practice: it writes into memory.
    pub(crate) fn finish(&mut self) -> Result<Vec<u8>> {
        match self {
            Self::Csv(_) | Self::Ndjson => Ok(Vec::new()),
            Self::Parquet(file) => {
                file.finish()?;
                Ok(file.take())
            }
        }
    }
}
