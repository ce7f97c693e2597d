//! CSV for spreadsheets: with a UTF-8 byte order mark, and protected against formula injection.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::attribution::Attribution;

/// Marks the text as UTF-8, which spreadsheets do not detect otherwise.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Writes rows into memory, from which they are taken in parts.
pub struct CsvWriter {
    writer: csv::Writer<Vec<u8>>,
    delimiter: u8,
}

impl CsvWriter {
    /// An empty writer with this delimiter.
    pub fn new(delimiter: u8) -> Self {
        Self { writer: writer(delimiter), delimiter }
    }

    /// First rows of the file: a comment with source, licence, date and sequence number of the change log, and the names
    /// of the columns.
    pub fn head(&self, attribution: &Attribution, at: DateTime<Utc>, seq: i64, columns: &[&str]) -> Vec<u8> {
        let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let plain = |text: &str| text.replace(['\r', '\n', ',', ';', '"'], " ");
        let (source, licence) = (plain(&attribution.source), plain(&attribution.licence));
        let comment = format!("# source: {source} | licence: {licence} | date: {at} | seq: {seq}");
        let columns = columns.join(&char::from(self.delimiter).to_string());
        format!("{BYTE_ORDER_MARK}{comment}\r\n{columns}\r\n").into_bytes()
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Never in practice: it writes into memory.
    pub fn add(&mut self, cells: &[String]) -> csv::Result<()> {
        self.writer.write_record(cells.iter().map(|cell| no_formula(cell, self.delimiter)))
    }

    /// Takes the rows that were added since the last call.
    ///
    /// # Errors
    /// Never in practice: it writes into memory.
    pub fn take(&mut self) -> anyhow::Result<Vec<u8>> {
        let filled = std::mem::replace(&mut self.writer, writer(self.delimiter));
        filled.into_inner().map_err(|error| anyhow::anyhow!("{error}"))
    }
}

fn writer(delimiter: u8) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::with_capacity(64 << 10))
}

/// Prevents formula injection: puts an apostrophe, which marks text, before each part of a cell that a spreadsheet would
/// read as a formula. Parts begin at the start of the cell and after each character at which a spreadsheet may split it. To
/// undo: remove the apostrophe at the start of a part where a formula sign follows after whitespace, quotes and apostrophes.
pub fn no_formula(cell: &str, delimiter: u8) -> String {
    // In comma-separated files, cells with commas are quoted.
    let splits =
        |letter: char| matches!(letter, ';' | '\t' | '\r' | '\n') || (letter == ',' && delimiter != b',');
    let mut safe = String::with_capacity(cell.len() + 1);
    for part in cell.split_inclusive(splits) {
        let core = part.trim_start_matches(|letter: char| {
            matches!(letter, '"' | '\'') || (letter.is_whitespace() && !splits(letter))
        });
        if core.starts_with(begins_formula) {
            safe.push('\'');
        }
        safe.push_str(part);
    }
    safe
}

/// Whether a cell that begins with this character is a formula; some spreadsheets accept full-width signs.
fn begins_formula(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use super::no_formula;

    #[test]
    fn no_cell_is_a_formula_wherever_a_spreadsheet_splits() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("'=1", "''=1"),
            (" \u{a0}@x", "' \u{a0}@x"),
            ("＝1", "'＝1"),
            ("a;=1", "a;'=1"),
            ("a; \"＠x", "a;' \"＠x"),
            ("a\t-1", "a\t'-1"),
            ("\t", "'\t"),
            ("Школа № 5, - филиал", "Школа № 5, - филиал"),
            ("a-b; c", "a-b; c"),
            ("'quoted'", "'quoted'"),
            ("", ""),
        ] {
            assert_eq!(no_formula(cell, b','), safe);
        }
        assert_eq!(no_formula("x,=cmd", b';'), "x,'=cmd");
    }
}
