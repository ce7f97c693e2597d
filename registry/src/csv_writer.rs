//! CSV for spreadsheets: with a UTF-8 byte order mark, and protected against formula injection.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::attribution::Attribution;

/// Marks the text as UTF-8, which spreadsheets do not detect otherwise.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How a CSV file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvStyle {
    /// Delimiter of the cells.
    pub delimiter: u8,
    /// Decimal separator of numbers.
    pub decimal: char,
    /// For programs: begins with the names of the columns, without a byte order mark and a comment.
    pub is_plain: bool,
}

impl Default for CsvStyle {
    fn default() -> Self {
        Self { delimiter: b',', decimal: '.', is_plain: false }
    }
}

/// Cell of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CsvCell<S> {
    /// Text, protected against formula injection.
    Text(S),
    /// Number, day, timestamp, or true or false: no formula, also with a minus sign in front.
    Plain(S),
}

/// Writes rows into memory, from which they are taken in parts.
pub struct CsvWriter {
    writer: csv::Writer<Vec<u8>>,
    style: CsvStyle,
}

impl CsvWriter {
    /// An empty writer.
    pub fn new(style: CsvStyle) -> Self {
        Self { writer: writer(style.delimiter), style }
    }

    /// How the file is written.
    pub fn style(&self) -> CsvStyle {
        self.style
    }

    /// First rows of the file: a comment with source, licence, date and sequence number of the change log, unless the file
    /// is plain, and the names of the columns.
    pub fn head<S: AsRef<str>>(
        &self,
        attribution: &Attribution,
        at: DateTime<Utc>,
        seq: i64,
        columns: &[S],
    ) -> Vec<u8> {
        let names: Vec<&str> = columns.iter().map(AsRef::as_ref).collect();
        let names = names.join(&char::from(self.style.delimiter).to_string());
        if self.style.is_plain {
            return format!("{names}\r\n").into_bytes();
        }
        let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let plain = |text: &str| text.replace(['\r', '\n', ',', ';', '"'], " ");
        let (source, licence) = (plain(&attribution.source), plain(&attribution.licence));
        let comment = format!("# source: {source} | licence: {licence} | date: {at} | seq: {seq}");
        format!("{BYTE_ORDER_MARK}{comment}\r\n{names}\r\n").into_bytes()
    }

    /// Adds a row of texts.
    ///
    /// # Errors
    /// Never in practice: it writes into memory.
    pub fn add<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> csv::Result<()> {
        self.add_cells(cells.into_iter().map(CsvCell::Text))
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Never in practice: it writes into memory.
    pub fn add_cells<S: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = CsvCell<S>>,
    ) -> csv::Result<()> {
        for cell in cells {
            match cell {
                CsvCell::Text(text) => {
                    self.writer.write_field(no_formula(text.as_ref(), self.style.delimiter))?;
                }
                CsvCell::Plain(text) => self.writer.write_field(text.as_ref())?,
            }
        }
        self.writer.write_record(None::<&[u8]>)
    }

    /// Takes the rows that were added since the last call.
    ///
    /// # Errors
    /// Never in practice: it writes into memory.
    pub fn take(&mut self) -> anyhow::Result<Vec<u8>> {
        let filled = std::mem::replace(&mut self.writer, writer(self.style.delimiter));
        filled.into_inner().map_err(|error| anyhow::anyhow!("{error}"))
    }
}

fn writer(delimiter: u8) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::with_capacity(64 << 10))
}

/// Delimiter of a line `sep=;`, which spreadsheets write before the header.
pub fn named_delimiter(line: &[u8]) -> Option<u8> {
    // Only spaces are trimmed: a tab is a delimiter.
    let end = line.iter().rposition(|byte| *byte != b' ')?;
    match &line[..=end] {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(*delimiter),
        _ => None,
    }
}

/// Prevents formula injection: puts an apostrophe, which marks text, before each part of a cell that a spreadsheet would
/// read as a formula. Parts begin at the start of the cell and after each character at which a spreadsheet may split it. To
/// undo: remove the apostrophe at the start of a part where a formula sign follows after whitespace, quotes and apostrophes.
pub fn no_formula(cell: &str, delimiter: u8) -> String {
    let mut safe = String::with_capacity(cell.len() + 1);
    for part in cell.split_inclusive(|letter| splits(letter, delimiter)) {
        if is_formula(part, delimiter) {
            safe.push('\'');
        }
        safe.push_str(part);
    }
    safe
}

/// The cell without the apostrophes that [`no_formula`] put into it.
pub fn without_apostrophes(cell: &str, delimiter: u8) -> String {
    let mut original = String::with_capacity(cell.len());
    for part in cell.split_inclusive(|letter| splits(letter, delimiter)) {
        let is_marked = part.starts_with('\'') && is_formula(part, delimiter);
        original.push_str(if is_marked { &part[1..] } else { part });
    }
    original
}

/// Whether a spreadsheet may split a cell at this character. In comma-separated files, cells with commas are quoted.
fn splits(letter: char, delimiter: u8) -> bool {
    matches!(letter, ';' | '\t' | '\r' | '\n') || (letter == ',' && delimiter != b',')
}

/// Whether a part of a cell is a formula after whitespace, quotes and apostrophes.
fn is_formula(part: &str, delimiter: u8) -> bool {
    let core = part.trim_start_matches(|letter: char| {
        matches!(letter, '"' | '\'') || (letter.is_whitespace() && !splits(letter, delimiter))
    });
    core.starts_with(begins_formula)
}

/// Whether a cell that begins with this character is a formula. Some spreadsheets accept full-width signs; so that none that
/// normalizes text takes another form of a sign for it, all characters whose compatibility form (NFKC) begins with one count.
/// U+2212, the minus sign of typographers, has no such form: a name that begins with it stays as it is.
fn begins_formula(letter: char) -> bool {
    matches!(
        letter,
        '=' | '+'
            | '-'
            | '@'
            | '\t'
            | '\r'
            | '\n'
            | '＝'
            | '＋'
            | '－'
            | '＠'
            | '﹦'
            | '﹢'
            | '﹣'
            | '﹫'
            | '⁼'
            | '⁺'
            | '₌'
            | '₊'
            | '\u{fb29}'
            | '⩵'
            | '⩶'
    )
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::{CsvCell, CsvStyle, CsvWriter, begins_formula, no_formula, without_apostrophes};

    #[test]
    fn every_compatibility_form_of_a_sign_begins_a_formula() {
        for letter in '\0'..=char::MAX {
            let plain = letter.nfkc().next().unwrap_or_default();
            assert_eq!(begins_formula(letter), "=+-@\t\r\n".contains(plain), "{letter:?}");
        }
        assert!(!begins_formula('\u{2212}'));
    }

    #[test]
    fn a_negative_number_is_written_as_it_is_and_a_text_like_it_is_not() {
        for (decimal, delimiter, expected) in [('.', b',', "'-1,-1\r\n"), (',', b';', "'-1;-1\r\n")] {
            let mut csv = CsvWriter::new(CsvStyle { delimiter, decimal, is_plain: true });
            csv.add_cells([CsvCell::Text("-1"), CsvCell::Plain("-1")]).expect("it is written");
            assert_eq!(csv.take().expect("the row"), expected.as_bytes());
        }
    }

    #[test]
    fn no_cell_is_a_formula_wherever_a_spreadsheet_splits() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("'=1", "''=1"),
            (" \u{a0}@x", "' \u{a0}@x"),
            ("＝1", "'＝1"),
            ("﹢7", "'﹢7"),
            ("a; ⁺1", "a;' ⁺1"),
            ("−1", "−1"),
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
            assert_eq!(without_apostrophes(safe, b','), cell);
        }
        assert_eq!(no_formula("x,=cmd", b';'), "x,'=cmd");
    }
}
