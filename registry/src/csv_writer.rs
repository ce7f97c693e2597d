//! Writing CSV as spreadsheets take it: marked as UTF-8, cells that no spreadsheet takes for formulas.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::attribution::Attribution;

/// Says that the text is UTF-8, which spreadsheets do not guess.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Writes rows into memory; the bytes are taken out as they come.
pub struct CsvWriter {
    writer: csv::Writer<Vec<u8>>,
    delimiter: u8,
}

impl CsvWriter {
    /// A writer with this delimiter that has written nothing.
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

    /// Takes out the rows that were added since the last time.
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

/// A cell that a spreadsheet would take for a formula gets an apostrophe in front, which makes it text: at its beginning, and
/// wherever a spreadsheet that splits at another character would see a cell begin. It is taken off again wherever an
/// apostrophe begins such a part, and a sign follows after blanks, quotes and apostrophes.
pub fn no_formula(cell: &str, delimiter: u8) -> String {
    // Commas in files with commas are within quotes.
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

/// Whether a cell that begins so is a formula; some spreadsheets take full-width signs for plain ones.
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
