//! Reading rows: CSV in three encodings and three delimiters, and NDJSON.

use std::{
    cell::Cell,
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek},
    path::Path,
    rc::Rc,
};

use anyhow::{Context, Result, bail};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1251};
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::mapping::FileRules;

/// A record longer than this is no row of data but a broken quote or the wrong kind of file.
const MAX_RECORD: u64 = 1 << 20;
/// What is read of the file to tell its encoding and delimiter.
const SAMPLE: u64 = 4 << 20;

/// One row of a file.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Number of the row, the first data row being 1.
    pub(super) number: i64,
    pub(super) cells: Vec<String>,
}

/// Columns of a file.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Columns {
    fn new(names: Vec<String>) -> Self {
        let places = names.iter().enumerate().rev().map(|(place, name)| (name.clone(), place)).collect();
        Self { names, places }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// Trimmed text of a cell, `None` where it is empty.
    pub(super) fn cell<'a>(&self, row: &'a Row, name: &str) -> Option<&'a str> {
        let text = row.cells.get(*self.places.get(name)?)?.trim();
        (!text.is_empty()).then_some(text)
    }
}

/// Form of a file, as the error file keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Csv { delimiter: u8 },
    Ndjson,
}

/// An open file and how far it was read.
pub(super) struct Source {
    pub(super) columns: Columns,
    pub(super) form: Form,
    /// Size of the file in bytes.
    pub(super) size: u64,
    position: Rc<Cell<u64>>,
    budget: Rc<Cell<u64>>,
    rows: Rows,
    next: i64,
}

enum Rows {
    Csv(Box<csv::Reader<Box<dyn Read>>>),
    Ndjson(Box<dyn BufRead>),
}

impl Source {
    /// Opens a file and reads its header.
    pub(super) fn open(path: &Path, rules: &FileRules) -> Result<Self> {
        let mut file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut sample = Vec::new();
        file.by_ref()
            .take(SAMPLE)
            .read_to_end(&mut sample)
            .with_context(|| format!("cannot read {}", path.display()))?;
        file.rewind()?;
        if sample.iter().all(u8::is_ascii_whitespace) {
            bail!("{} is empty.", path.display());
        }
        let size = file.metadata()?.len();
        let encoding = encoding(&sample, size > SAMPLE, rules).with_context(|| path.display().to_string())?;
        let (position, budget) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(MAX_RECORD)));
        let metered = Metered { file, position: position.clone(), budget: budget.clone() };
        let decoded: Box<dyn Read> = Box::new(
            DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(metered),
        );
        let is_ndjson = path.extension().is_some_and(|ending| ending == "ndjson" || ending == "jsonl");
        if is_ndjson {
            Self::ndjson(decoded, size, position, budget)
        } else {
            let delimiter = match rules.delimiter {
                Some(delimiter) => {
                    u8::try_from(delimiter).context("the delimiter must be one ASCII character")?
                }
                None => sniff_delimiter(&sample),
            };
            Self::csv(decoded, delimiter, size, position, budget)
        }
    }

    fn csv(input: Box<dyn Read>, delimiter: u8, size: u64, position: Meter, budget: Meter) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(input);
        let header = reader.headers().map_err(csv_error)?;
        let columns = Columns::new(header.iter().map(|name| name.trim().to_owned()).collect());
        let rows = Rows::Csv(Box::new(reader));
        Ok(Self { columns, form: Form::Csv { delimiter }, size, position, budget, rows, next: 1 })
    }

    fn ndjson(input: Box<dyn Read>, size: u64, position: Meter, budget: Meter) -> Result<Self> {
        let mut reader: Box<dyn BufRead> = Box::new(BufReader::new(input));
        let mut first = String::new();
        reader.read_line(&mut first).map_err(|error| anyhow::anyhow!("line 1: {error}"))?;
        let object = json_object(&first).context("line 1")?;
        let mut names = Vec::new();
        flatten("", &object, &mut |name, _| names.push(name.to_owned()));
        let reader = Box::new(io::Cursor::new(first.into_bytes()).chain(reader));
        let columns = Columns::new(names);
        Ok(Self { columns, form: Form::Ndjson, size, position, budget, rows: Rows::Ndjson(reader), next: 1 })
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> u64 {
        self.position.get()
    }

    /// The next rows, at most `limit`; none at the end of the file.
    pub(super) fn read(&mut self, limit: usize) -> Result<Vec<Row>> {
        let mut rows = Vec::with_capacity(limit);
        while rows.len() < limit {
            self.budget.set(MAX_RECORD);
            let cells = match &mut self.rows {
                Rows::Csv(reader) => csv_cells(reader, self.next)?,
                Rows::Ndjson(reader) => ndjson_cells(reader, &self.columns, self.next)?,
            };
            let Some(cells) = cells else { break };
            rows.push(Row { number: self.next, cells });
            self.next += 1;
        }
        Ok(rows)
    }
}

type Meter = Rc<Cell<u64>>;

fn csv_cells(reader: &mut csv::Reader<Box<dyn Read>>, number: i64) -> Result<Option<Vec<String>>> {
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(false) => Ok(None),
        Ok(true) => Ok(Some(record.iter().map(str::to_owned).collect())),
        Err(error) => Err(csv_error(error).context(format!("row {number}"))),
    }
}

fn csv_error(error: csv::Error) -> anyhow::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        kind => anyhow::anyhow!("{kind:?}"),
    }
}

fn ndjson_cells(
    reader: &mut Box<dyn BufRead>,
    columns: &Columns,
    number: i64,
) -> Result<Option<Vec<String>>> {
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).with_context(|| format!("row {number}"))? == 0 {
            return Ok(None);
        }
        if !line.trim().is_empty() {
            break;
        }
    }
    let object = json_object(&line).with_context(|| format!("row {number}"))?;
    let mut cells = vec![String::new(); columns.names.len()];
    flatten("", &object, &mut |name, text| {
        if let Some(place) = columns.places.get(name) {
            cells[*place] = text;
        }
    });
    Ok(Some(cells))
}

fn json_object(line: &str) -> Result<serde_json::Value> {
    let value: serde_json::Value = serde_json::from_str(line).context("not a JSON object on one line")?;
    if !value.is_object() {
        bail!("not a JSON object on one line");
    }
    Ok(value)
}

/// Names nested values by their path: `{"a": {"b": 1}}` has the column `a.b`.
fn flatten(prefix: &str, value: &serde_json::Value, found: &mut impl FnMut(&str, String)) {
    use serde_json::Value::{Array, Null, Object, String as Text};
    match value {
        Object(fields) => {
            for (name, value) in fields {
                let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&path, value, found);
            }
        }
        Array(items) => {
            let items =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            found(prefix, items.collect::<Vec<_>>().join(";"));
        }
        Null => found(prefix, String::new()),
        Text(text) => found(prefix, text.clone()),
        other => found(prefix, other.to_string()),
    }
}

/// Tells the encoding: what the mapping says, or UTF-8, or else windows-1251 where it reads as Russian.
fn encoding(sample: &[u8], is_cut: bool, rules: &FileRules) -> Result<&'static Encoding> {
    if let Some(label) = &rules.encoding {
        return Encoding::for_label(label.as_bytes())
            .with_context(|| format!("there is no encoding `{label}`"));
    }
    if sample.contains(&0) {
        bail!(
            "the file is not text in UTF-8 or windows-1251 (it may be UTF-16 or a spreadsheet); save it as CSV in UTF-8."
        );
    }
    match std::str::from_utf8(sample) {
        Ok(_) => return Ok(UTF_8),
        // The sample may end in the middle of a character.
        Err(error) if is_cut && error.error_len().is_none() => return Ok(UTF_8),
        Err(_) => {}
    }
    let (text, _, _) = WINDOWS_1251.decode(sample);
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_ascii());
    let (mut russian, mut all) = (0, 0);
    for word in words {
        all += 1;
        russian += usize::from(word.chars().all(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')));
    }
    if russian * 10 < all * 9 {
        bail!(
            "the file is neither UTF-8 nor windows-1251; convert it to UTF-8, or name its encoding in the mapping: [file] encoding = \"…\"."
        );
    }
    Ok(WINDOWS_1251)
}

fn sniff_delimiter(sample: &[u8]) -> u8 {
    let header = sample.split(|byte| *byte == b'\n').find(|line| !line.is_empty()).unwrap_or_default();
    let mut is_quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in header {
        is_quoted ^= *byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!is_quoted && byte == delimiter);
        }
    }
    // The first of equals: a comma, when the file has one column only.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// Counts what is read, and refuses a record that would not end.
struct Metered {
    file: File,
    position: Meter,
    budget: Meter,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget.get() == 0 {
            let text = "longer than 1 MiB: a quote that is never closed, or no CSV at all";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let read = self.file.read(buffer)?;
        self.position.set(self.position.get() + read as u64);
        self.budget.set(self.budget.get().saturating_sub(read as u64));
        Ok(read)
    }
}
