//! Reading import files: CSV with any encoding and delimiter, and NDJSON.
//!
//! A file is read completely before rows are processed: the meaning of a row may depend on other rows, but not on
//! their order.

mod csv;
mod encoding;
mod ndjson;
mod quotes;

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
    fs::File,
    io::Read,
    path::Path,
};

use anyhow::{Context, Result, anyhow, bail};

pub(super) use encoding::DETECTED_DELIMITERS;

use super::{cell, error_file::check_is_file, mapping::FileRules, options::Progress};
use crate::{csv_writer::without_apostrophes, file_kind::mistaken};

/// Largest file in bytes: about ten times a country's organizations and pages.
const MAX_FILE: u64 = 512 << 20;
/// Longest row in bytes: a longer one is an unclosed quote or the wrong kind of file.
const MAX_ROW: usize = 1 << 20;
/// Bytes between progress reports.
const PROGRESS_INTERVAL: u64 = 1 << 20;

/// A malformed row: what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) text: String,
    pub(super) advice: &'static str,
}

/// One row of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Raw cells.
    pub(super) cells: Vec<String>,
    /// Why the row is malformed, if it is.
    pub(super) fault: Option<Fault>,
    /// Number of the row, the first data row being 1.
    pub(super) number: i64,
}

/// What marks cells as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextMarks {
    /// Those of spreadsheets: `="0123"` and `'0123`.
    OfSpreadsheets,
    /// The apostrophes of exported CSV files with this delimiter.
    OfExports { delimiter: u8 },
    /// Nothing: exported NDJSON files have the values as they are.
    None,
}

/// Columns of a file.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    names: Vec<String>,
    positions: HashMap<String, usize>,
    doubled: HashSet<String>,
    marks: TextMarks,
}

impl Columns {
    fn new(names: Vec<String>) -> Self {
        let names: Vec<String> = names.iter().map(|name| column_name(name)).collect();
        let positions =
            names.iter().enumerate().rev().map(|(position, name)| (name.clone(), position)).collect();
        let mut seen = HashSet::new();
        let doubled = names.iter().filter(|name| !seen.insert((*name).clone())).cloned().collect();
        Self { names, positions, doubled, marks: TextMarks::OfSpreadsheets }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.positions.contains_key(&column_name(name))
    }

    /// Whether several columns have this name.
    pub(super) fn is_doubled(&self, name: &str) -> bool {
        self.doubled.contains(&column_name(name))
    }

    /// Cleaned text of a cell; `None` if empty.
    pub(super) fn cell<'a>(&self, row: &'a Row, name: &str) -> Option<Cow<'a, str>> {
        let position = self.positions.get(name).or_else(|| self.positions.get(&column_name(name)))?;
        let raw = row.cells.get(*position)?;
        let text = match self.marks {
            TextMarks::OfExports { delimiter } if raw.contains('\'') => {
                Cow::Owned(cell::composed(&without_apostrophes(raw, delimiter)).into_owned())
            }
            _ => self.clean(raw),
        };
        (!text.is_empty()).then_some(text)
    }

    /// Cleaned text of a part of a cell. Exported files mark only whole cells.
    pub(super) fn clean<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.marks {
            TextMarks::OfSpreadsheets => cell::clean(text),
            TextMarks::OfExports { .. } | TextMarks::None => cell::composed(text),
        }
    }
}

impl Columns {
    /// Finds a control character in the cells that are read.
    pub(super) fn fault(&self, row: &Row, read: &BTreeSet<&str>) -> Option<Fault> {
        read.iter().find_map(|name| {
            let cell = row.cells.get(*self.positions.get(&column_name(name))?)?;
            let found = cell::control_character(cell)?;
            let text =
                format!("The cell `{name}` contains the control character U+{:04X}.", u32::from(found));
            Some(Fault { text, advice: "Remove it, or check the file's encoding." })
        })
    }
}

/// A column's name in NFC with line breaks and repeated blanks collapsed to one blank.
fn column_name(name: &str) -> String {
    cell::composed(name).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Format of a file; the error file has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Csv { delimiter: u8 },
    Ndjson,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) columns: Columns,
    pub(super) form: Form,
    pub(super) rows: Vec<Row>,
}

/// Columns that error files and warning files add.
pub(super) const REPORT_COLUMNS: [[&str; 3]; 2] =
    [["error_code", "error_text", "suggestion"], ["warning_code", "warning_text", "suggestion"]];

impl Table {
    /// Drops the columns that an earlier import added to its error or warning file.
    fn drop_report_columns(&mut self) {
        let has = |name: &&str| self.columns.contains(name) && !self.columns.is_doubled(name);
        let Some(added) = REPORT_COLUMNS.iter().find(|added| added.iter().all(has)) else { return };
        let retained: Vec<bool> =
            self.columns.names().iter().map(|name| !added.contains(&name.as_str())).collect();
        for row in self.rows.iter_mut().filter(|row| row.cells.len() == retained.len()) {
            let mut is_retained = retained.iter();
            row.cells.retain(|_| is_retained.next().copied().unwrap_or(true));
        }
        let names = self.columns.names().iter().zip(&retained).filter(|(_, is_retained)| **is_retained);
        self.columns = Columns::new(names.map(|(name, _)| name.clone()).collect());
    }

    /// Reads a file.
    pub(super) fn read(path: &Path, rules: &FileRules, progress: &impl Fn(Progress)) -> Result<Self> {
        let bytes = read_whole(path, progress)?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            bail!("{} is empty.", path.display());
        }
        let refuse_others = |bytes: &[u8]| match mistaken(bytes) {
            Some(kind) => Err(anyhow!("{}: the file is {kind}.", path.display())),
            None => Ok(()),
        };
        refuse_others(&bytes)?;
        let text = encoding::decode(&bytes, rules).with_context(|| path.display().to_string())?;
        refuse_others(text.as_bytes())?;
        if text.trim().is_empty() {
            bail!("{} is empty.", path.display());
        }
        let is_ndjson = path.extension().is_some_and(|ending| ending == "ndjson" || ending == "jsonl");
        let mut table = if is_ndjson { ndjson::read(&text) } else { csv::read(&text, rules) }?;
        if rules.is_exported {
            table.columns.marks = match table.form {
                Form::Csv { delimiter } => TextMarks::OfExports { delimiter },
                Form::Ndjson => TextMarks::None,
            };
        }
        Ok(table)
    }
}

/// Reads a file of at most `MAX_FILE` bytes.
fn read_whole(path: &Path, progress: &impl Fn(Progress)) -> Result<Vec<u8>> {
    check_is_file(path)?;
    let mut file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let size = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(size.min(MAX_FILE) as usize);
    loop {
        let read = file.by_ref().take(PROGRESS_INTERVAL).read_to_end(&mut bytes);
        let read = read.with_context(|| format!("cannot read {}", path.display()))?;
        let done = bytes.len() as u64;
        if done.max(size) > MAX_FILE {
            bail!("{} has more than {} MiB; split it.", path.display(), MAX_FILE >> 20);
        }
        progress(Progress::reading(done, size.max(done)));
        if read == 0 {
            return Ok(bytes);
        }
    }
}
