//! Reading files: CSV in any encoding with its delimiter, and NDJSON.
//!
//! A file is read whole before anything is decided of it: what a row means may depend on the others, and must not
//! depend on their order.

mod csv;
mod encoding;
mod ndjson;
mod quotes;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufReader, Read, Seek},
    path::Path,
};

use anyhow::{Context, Result, bail};
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::{cell, mapping::FileRules, options::Progress};

/// Largest file: a country's organizations and pages have a tenth of it.
const MAX_FILE: u64 = 512 << 20;
/// A row longer than this is no row of data but a broken quote or the wrong kind of file.
const MAX_ROW: u64 = 1 << 20;
/// What is read of the file to tell its encoding and delimiter.
const SAMPLE: u64 = 4 << 20;

/// One row of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    /// As they stand in the file.
    pub(super) cells: Vec<String>,
    /// What is wrong with the row's form.
    pub(super) fault: Option<String>,
    /// Number of the row, the first data row being 1.
    pub(super) number: i64,
}

/// Columns of a file.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
    doubled: HashSet<String>,
}

impl Columns {
    fn new(names: Vec<String>) -> Self {
        let names: Vec<String> = names.iter().map(|name| cell::composed(name).into_owned()).collect();
        let places = names.iter().enumerate().rev().map(|(place, name)| (name.clone(), place)).collect();
        let mut seen = HashSet::new();
        let doubled = names.iter().filter(|name| !seen.insert((*name).clone())).cloned().collect();
        Self { names, places, doubled }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.places.contains_key(&*cell::composed(name))
    }

    /// Whether several columns have this name.
    pub(super) fn is_doubled(&self, name: &str) -> bool {
        self.doubled.contains(&*cell::composed(name))
    }

    /// Text of a cell without what is around it, `None` where it is empty.
    pub(super) fn cell<'a>(&self, row: &'a Row, name: &str) -> Option<Cow<'a, str>> {
        let place = self.places.get(name).or_else(|| self.places.get(&*cell::composed(name)))?;
        let text = cell::clean(row.cells.get(*place)?);
        (!text.is_empty()).then_some(text)
    }
}

/// Form of a file, as the error file keeps it.
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

impl Table {
    /// Reads a file.
    pub(super) fn read(path: &Path, rules: &FileRules, progress: &impl Fn(Progress)) -> Result<Self> {
        let mut file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let size = file.metadata()?.len();
        if size > MAX_FILE {
            bail!("{} has more than {} MiB; split it.", path.display(), MAX_FILE >> 20);
        }
        let sample = sample(&mut file).with_context(|| format!("cannot read {}", path.display()))?;
        if sample.iter().all(u8::is_ascii_whitespace) {
            bail!("{} is empty.", path.display());
        }
        let encoding =
            encoding::tell(&sample, size > SAMPLE, rules).with_context(|| path.display().to_string())?;
        let metered = Metered { file, done: 0, told: 0, size, progress };
        let decoded =
            DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(metered);
        let input = BufReader::new(decoded);
        if path.extension().is_some_and(|ending| ending == "ndjson" || ending == "jsonl") {
            ndjson::read(input)
        } else {
            csv::read(input, rules, &sample)
        }
    }
}

fn sample(file: &mut File) -> io::Result<Vec<u8>> {
    let mut sample = Vec::new();
    file.by_ref().take(SAMPLE).read_to_end(&mut sample)?;
    file.rewind()?;
    Ok(sample)
}

/// Tells how much was read.
struct Metered<'a, P> {
    file: File,
    done: u64,
    told: u64,
    size: u64,
    progress: &'a P,
}

impl<P: Fn(Progress)> Read for Metered<'_, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.done += read as u64;
        if self.done >= self.told + (1 << 20) || read == 0 {
            self.told = self.done;
            (self.progress)(Progress::reading(self.done, self.size));
        }
        Ok(read)
    }
}
