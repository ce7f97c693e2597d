//! A table that is written row by row, out of one state of the registry.

use registry::view::View;

/// Makes the row of one id; none where the viewer may not see it.
pub type RowOf = fn(&View, i64) -> Option<Vec<String>>;

/// Rows of a table.
pub enum Rows {
    /// One for each id, made as they are written.
    Of(Vec<i64>, RowOf),
    /// Made already: tables of a few thousand rows.
    Made(Vec<Vec<String>>),
}

/// A table that is ready to be written.
pub struct Table {
    /// Name of the file, without its ending.
    pub name: &'static str,
    /// Names of the columns.
    pub columns: &'static [&'static str],
    /// Its rows.
    pub rows: Rows,
    /// The state that all of it is true at.
    pub view: View,
}

impl Table {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.rows {
            Rows::Of(ids, _) => ids.len(),
            Rows::Made(rows) => rows.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows from one place on, at most `count`.
    pub fn rows(&self, start: usize, count: usize) -> Vec<Vec<String>> {
        let end = (start + count).min(self.len());
        match &self.rows {
            Rows::Of(ids, row) => ids[start..end].iter().filter_map(|id| row(&self.view, *id)).collect(),
            Rows::Made(rows) => rows[start..end].to_vec(),
        }
    }
}
