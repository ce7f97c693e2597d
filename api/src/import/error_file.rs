//! The error file: refused rows as they were, with what is wrong and what to do.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result};
use entities::import_row_error::Model as RowError;
use serde_json::{Map, Value};

use super::file::{Columns, Form};

/// Columns that come after the file's own.
const ADDED: [&str; 3] = ["error_code", "error_text", "suggestion"];

/// Writes the error file, or removes an old one when there is nothing to tell.
pub(super) fn write(path: &Path, columns: &Columns, form: Form, errors: &[RowError]) -> Result<()> {
    if errors.is_empty() {
        return match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        };
    }
    let file = File::create(path).with_context(|| {
        format!("cannot write the error file {}; choose another place with --errors", path.display())
    })?;
    match form {
        Form::Csv { delimiter } => write_csv(file, delimiter, columns, errors),
        Form::Ndjson => write_ndjson(file, columns, errors),
    }
}

fn write_csv(file: File, delimiter: u8, columns: &Columns, errors: &[RowError]) -> Result<()> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(file);
    writer.write_record(columns.names().iter().map(String::as_str).chain(ADDED))?;
    for error in errors {
        let mut cells: Vec<String> = serde_json::from_str(&error.cells)?;
        cells.resize(columns.names().len().max(cells.len()), String::new());
        cells.extend([error.code.clone(), error.text.clone(), error.suggestion.clone()]);
        writer.write_record(&cells)?;
    }
    writer.flush()?;
    Ok(())
}

fn write_ndjson(file: File, columns: &Columns, errors: &[RowError]) -> Result<()> {
    let mut writer = BufWriter::new(file);
    for error in errors {
        let cells: Vec<String> = serde_json::from_str(&error.cells)?;
        let told = [error.code.clone(), error.text.clone(), error.suggestion.clone()];
        let names = columns.names().iter().map(String::as_str).chain(ADDED);
        let fields: Map<String, Value> =
            names.map(str::to_owned).zip(cells.into_iter().chain(told).map(Value::String)).collect();
        serde_json::to_writer(&mut writer, &fields)?;
        writer.write_all(b"\n")?;
    }
    writer.flush()?;
    Ok(())
}
