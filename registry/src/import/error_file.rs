//! The error file and the warning file: rows as they were, with what is wrong and what to do.

use std::{
    fs::File,
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use entities::{import_row_error::Model as RowError, import_row_warning::Model as RowWarning};
use serde_json::{Map, Value};

use super::file::{Columns, Form, TOLD, TOLD_BY_HEADER};

/// UTF-8 byte order mark: without it spreadsheets take the file for one in an old encoding.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A row and what is told of it.
struct ToldRow<'a> {
    cells: &'a str,
    told: [&'a str; 3],
}

/// Writes the error file, or removes an old one when there is nothing to tell.
pub(super) fn write_errors(path: &Path, columns: &Columns, form: Form, errors: &[RowError]) -> Result<()> {
    let rows =
        errors.iter().map(|it| ToldRow { cells: &it.cells, told: [&it.code, &it.text, &it.suggestion] });
    write(path, columns, form, ["error_code", "error_text", "suggestion"], &rows.collect::<Vec<_>>())
}

/// The same for warnings, in a file beside it.
pub(super) fn write_warnings(
    path: &Path,
    columns: &Columns,
    form: Form,
    warnings: &[RowWarning],
) -> Result<()> {
    let rows =
        warnings.iter().map(|it| ToldRow { cells: &it.cells, told: [&it.code, &it.text, &it.suggestion] });
    let added = ["warning_code", "warning_text", "suggestion"];
    write(&beside(path, "warnings"), columns, form, added, &rows.collect::<Vec<_>>())
}

/// A file beside the error file: `pages.errors.csv` has `pages.warnings.csv`.
pub fn beside(error_file: &Path, what: &str) -> PathBuf {
    let text = |part: Option<&std::ffi::OsStr>| part.map(|it| it.to_string_lossy().into_owned());
    let name = text(error_file.file_name()).unwrap_or_default();
    let renamed = match (name.rsplit_once("errors"), text(error_file.extension())) {
        (Some((before, after)), _) => format!("{before}{what}{after}"),
        (None, Some(ending)) => {
            format!("{}.{what}.{ending}", text(error_file.file_stem()).unwrap_or_default())
        }
        (None, None) => format!("{name}.{what}"),
    };
    error_file.with_file_name(renamed)
}

/// The file of what an import would do, which is CSV whatever was imported.
pub fn plan_file(error_file: &Path) -> PathBuf {
    beside(error_file, "plan").with_extension("csv")
}

/// How the file of a plan begins.
const PLAN: &str = "action,kind,key";
const FIRST_BYTES: u64 = 64 << 10;

/// How files of refused figures begin, as CSV and as NDJSON.
const REFUSED_FIGURES: [&str; 2] = ["line,code,message", "{\"line\":"];

/// Refuses what is no file on disk: a pipe would wait for its other end, and can be read once only.
///
/// # Errors
/// What to do instead.
pub fn check_is_file(path: &Path) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            bail!("{} is no regular file; name a file on disk.", path.display())
        }
        // Whoever opens it tells why it cannot be opened.
        _ => Ok(()),
    }
}

/// Refuses a place for what is told of rows where there is a file that no import wrote.
///
/// # Errors
/// When such a file is there, or it cannot be read.
pub fn check_place(error_file: &Path) -> Result<()> {
    for path in [error_file.to_owned(), beside(error_file, "warnings"), plan_file(error_file)] {
        check_is_file(&path)?;
        let mut first = Vec::new();
        match File::open(&path).and_then(|file| file.take(FIRST_BYTES).read_to_end(&mut first)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            read => read.with_context(|| {
                format!("cannot write {}; choose another place with --errors", path.display())
            })?,
        };
        let first = String::from_utf8_lossy(&first);
        let is_told = TOLD.iter().any(|told| told.iter().all(|name| first.contains(name)));
        let is_told =
            is_told || first.contains(PLAN) || REFUSED_FIGURES.iter().any(|begin| first.starts_with(begin));
        if !first.is_empty() && !is_told {
            bail!(
                "{} is there, and is no file that an import wrote; choose another place for refused rows with --errors.",
                path.display()
            );
        }
    }
    Ok(())
}

/// Removes an old error file, where there is one: there is nothing to tell any more.
///
/// # Errors
/// When it cannot be removed.
pub fn remove_old(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn write(path: &Path, columns: &Columns, form: Form, added: [&str; 3], rows: &[ToldRow<'_>]) -> Result<()> {
    if rows.is_empty() {
        return remove_old(path);
    }
    let file = File::create(path)
        .with_context(|| format!("cannot write {}; choose another place with --errors", path.display()))?;
    match form {
        Form::Csv { delimiter } => write_csv(file, delimiter, columns, added, rows),
        Form::Ndjson => write_ndjson(file, columns, added, rows),
    }
}

fn write_csv(
    mut file: File,
    delimiter: u8,
    columns: &Columns,
    added: [&str; 3],
    rows: &[ToldRow<'_>],
) -> Result<()> {
    file.write_all(BYTE_ORDER_MARK)?;
    // What the header cannot tell, the file says itself.
    if !TOLD_BY_HEADER.contains(&delimiter) {
        writeln!(file, "sep={}", char::from(delimiter))?;
    }
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(file);
    writer.write_record(columns.names().iter().map(String::as_str).chain(added))?;
    for row in rows {
        let mut cells: Vec<String> = serde_json::from_str(row.cells)?;
        cells.resize(columns.names().len().max(cells.len()), String::new());
        cells.extend(row.told.map(str::to_owned));
        writer.write_record(&cells)?;
    }
    writer.flush()?;
    Ok(())
}

fn write_ndjson(file: File, columns: &Columns, added: [&str; 3], rows: &[ToldRow<'_>]) -> Result<()> {
    let mut writer = BufWriter::new(file);
    for row in rows {
        let cells: Vec<String> = serde_json::from_str(row.cells)?;
        let told = row.told.map(str::to_owned);
        // A line that is no JSON object has one cell, whatever the columns are.
        let names: Vec<&str> = match columns.names() {
            names if names.len() == cells.len() => names.iter().map(String::as_str).collect(),
            _ => vec!["line"],
        };
        let names = names.into_iter().chain(added).map(str::to_owned);
        let fields: Map<String, Value> =
            names.zip(cells.into_iter().chain(told).map(Value::String)).collect();
        serde_json::to_writer(&mut writer, &fields)?;
        writer.write_all(b"\n")?;
    }
    writer.flush()?;
    Ok(())
}
