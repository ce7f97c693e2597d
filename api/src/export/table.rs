//! A table that is written row by row from one view of the registry.

use registry::view::View;

/// Builds the row of an id; `None` if the viewer may not see it.
pub type RowOf = fn(&View, i64) -> Option<Vec<String>>;

/// Rows of a table.
pub enum Rows {
    /// One per id, built when it is written.
    Of(Vec<i64>, RowOf),
    /// Built in advance: tables of a few thousand rows.
    Built(Vec<Vec<String>>),
}

/// Table to export.
pub struct Table {
    /// Name of the file, without extension.
    pub name: &'static str,
    /// Names of the columns.
    pub columns: &'static [&'static str],
    /// Rows of the table.
    pub rows: Rows,
    /// View that all rows are read from.
    pub view: View,
}

impl Table {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.rows {
            Rows::Of(ids, _) => ids.len(),
            Rows::Built(rows) => rows.len(),
        }
    }

    /// Rows from the offset `start`, at most `count`.
    pub fn rows(&self, start: usize, count: usize) -> Vec<Vec<String>> {
        let end = (start + count).min(self.len());
        match &self.rows {
            Rows::Of(ids, row) => ids[start..end].iter().filter_map(|id| row(&self.view, *id)).collect(),
            Rows::Built(rows) => rows[start..end].to_vec(),
        }
    }
}
