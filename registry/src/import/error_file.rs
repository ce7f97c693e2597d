//! The error file and the warning file: the original rows with code, text and suggestion.

use std::{
    fs::File,
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use entities::{import_row_error::Model as RowError, import_row_warning::Model as RowWarning};
use serde_json::{Map, Value};

use super::file::{Columns, DETECTED_DELIMITERS, Form, REPORT_COLUMNS};

/// UTF-8 byte order mark: without it spreadsheets assume a legacy encoding.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A row with its code, text and suggestion.
struct ReportedRow<'a> {
    cells: &'a str,
    report: [&'a str; 3],
}

/// Writes the error file; without errors, removes an old one.
pub(super) fn write_errors(path: &Path, columns: &Columns, form: Form, errors: &[RowError]) -> Result<()> {
    let rows = errors
        .iter()
        .map(|it| ReportedRow { cells: &it.cells, report: [&it.code, &it.text, &it.suggestion] });
    write(path, columns, form, ["error_code", "error_text", "suggestion"], &rows.collect::<Vec<_>>())
}

/// Writes the warning file, next to the error file.
pub(super) fn write_warnings(
    path: &Path,
    columns: &Columns,
    form: Form,
    warnings: &[RowWarning],
) -> Result<()> {
    let rows = warnings
        .iter()
        .map(|it| ReportedRow { cells: &it.cells, report: [&it.code, &it.text, &it.suggestion] });
    let added = ["warning_code", "warning_text", "suggestion"];
    write(&beside(path, "warnings"), columns, form, added, &rows.collect::<Vec<_>>())
}

/// Path of another report next to the error file: `pages.warnings.csv` for `pages.errors.csv`.
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

/// Path of the plan file, which is always CSV.
pub fn plan_file(error_file: &Path) -> PathBuf {
    beside(error_file, "plan").with_extension("csv")
}

/// First columns of a plan file.
const PLAN: &str = "action,kind,key";
const FIRST_BYTES: u64 = 64 << 10;

/// First bytes of a file of refused statistics rows, as CSV and as NDJSON.
const REFUSED_FIGURES: [&str; 2] = ["line,code,message", "{\"line\":"];

/// Refuses a path that exists and is not a regular file: a pipe would block and can be read only once.
///
/// # Errors
/// When the path is not a regular file.
pub fn check_is_file(path: &Path) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            bail!("{} is not a regular file; give a file on disk.", path.display())
        }
        // If it cannot be opened, opening it reports why.
        _ => Ok(()),
    }
}

/// Refuses report paths where a file exists that no import wrote.
///
/// # Errors
/// When such a file exists, or a file cannot be read.
pub fn check_report_paths(error_file: &Path) -> Result<()> {
    if let Some(folder) =
        error_file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
    {
        bail!("{} is not a directory; choose another place with --errors", folder.display());
    }
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
        let is_report = REPORT_COLUMNS.iter().any(|columns| columns.iter().all(|name| first.contains(name)));
        let is_report =
            is_report || first.contains(PLAN) || REFUSED_FIGURES.iter().any(|begin| first.starts_with(begin));
        if !first.is_empty() && !is_report {
            bail!(
                "{} exists and was not written by an import; choose another path for the error file with --errors.",
                path.display()
            );
        }
    }
    Ok(())
}

/// Removes an old report file, if there is one.
///
/// # Errors
/// When it cannot be removed.
pub fn remove_old(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn write(
    path: &Path,
    columns: &Columns,
    form: Form,
    added: [&str; 3],
    rows: &[ReportedRow<'_>],
) -> Result<()> {
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
    rows: &[ReportedRow<'_>],
) -> Result<()> {
    file.write_all(BYTE_ORDER_MARK)?;
    // A delimiter that is not detected from the header is declared with `sep=`.
    if !DETECTED_DELIMITERS.contains(&delimiter) {
        writeln!(file, "sep={}", char::from(delimiter))?;
    }
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(file);
    writer.write_record(columns.names().iter().map(String::as_str).chain(added))?;
    for row in rows {
        let mut cells: Vec<String> = serde_json::from_str(row.cells)?;
        cells.resize(columns.names().len().max(cells.len()), String::new());
        cells.extend(row.report.map(str::to_owned));
        writer.write_record(&cells)?;
    }
    writer.flush()?;
    Ok(())
}

fn write_ndjson(file: File, columns: &Columns, added: [&str; 3], rows: &[ReportedRow<'_>]) -> Result<()> {
    let mut writer = BufWriter::new(file);
    for row in rows {
        let cells: Vec<String> = serde_json::from_str(row.cells)?;
        let report = row.report.map(str::to_owned);
        // A line that is not a JSON object has one cell.
        let names: Vec<&str> = match columns.names() {
            names if names.len() == cells.len() => names.iter().map(String::as_str).collect(),
            _ => vec!["line"],
        };
        let names = names.into_iter().chain(added).map(str::to_owned);
        let fields: Map<String, Value> =
            names.zip(cells.into_iter().chain(report).map(Value::String)).collect();
        serde_json::to_writer(&mut writer, &fields)?;
        writer.write_all(b"\n")?;
    }
    writer.flush()?;
    Ok(())
}
