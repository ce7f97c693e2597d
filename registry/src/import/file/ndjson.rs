//! Reading NDJSON files: the columns are the names of all lines.

use std::collections::{HashMap, HashSet};

use anyhow::bail;
use serde_json::Value;

use super::{Columns, Fault, Form, MAX_ROW, Row, Table};
use crate::json_names;

/// Deepest nesting of a line, and most columns of all lines together.
const MAX_DEPTH: usize = 16;
const MAX_COLUMNS: usize = 2_000;
/// Longest name in a message, in characters.
const MAX_SHOWN: usize = 100;

/// Reads an NDJSON file.
pub(super) fn read(text: &str) -> anyhow::Result<Table> {
    let mut names = Names::default();
    let mut rows = Vec::new();
    for line in text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()) {
        let number = rows.len() as i64 + 1;
        if line.len() > MAX_ROW {
            bail!("row {number}: longer than 1 MiB: this is not NDJSON.");
        }
        let object = match object(line) {
            Ok(object) => object,
            Err(fault) => {
                rows.push(Row { cells: vec![line.trim().to_owned()], fault: Some(fault), number });
                continue;
            }
        };
        let row = row(&object, number, &mut names);
        if names.all.len() > MAX_COLUMNS {
            bail!(
                "row {number}: the lines have more than {MAX_COLUMNS} different names; this is not a table."
            );
        }
        rows.push(row);
    }
    let columns = Columns::new(sorted(names.all, &mut rows));
    let mut table = Table { columns, form: Form::Ndjson, rows };
    table.drop_report_columns();
    Ok(table)
}

/// Names of the lines read so far, and the position of each.
#[derive(Default)]
struct Names {
    all: Vec<String>,
    positions: HashMap<String, usize>,
}

impl Names {
    /// Position of a name, which is added if it is new.
    fn position(&mut self, name: &str) -> usize {
        *self.positions.entry(name.to_owned()).or_insert_with(|| {
            self.all.push(name.to_owned());
            self.all.len() - 1
        })
    }
}

/// A row with its cells in the order of `names`.
fn row(object: &Value, number: i64, names: &mut Names) -> Row {
    let mut cells = vec![String::new(); names.all.len()];
    let (mut seen, mut twice) = (HashSet::new(), None);
    flatten("", object, 0, &mut |name, text| {
        let position = names.position(name);
        cells.resize(cells.len().max(position + 1), String::new());
        cells[position] = text;
        twice = twice.take().or_else(|| (!seen.insert(position)).then(|| name.to_owned()));
    });
    let fault = twice.map(|name| Fault {
        text: format!(
            "The line has `{}` twice: as a name and as a path.",
            name.chars().take(MAX_SHOWN).collect::<String>()
        ),
        advice: "Give each name once.",
    });
    Row { cells, fault, number }
}

/// Sorts the columns of all rows by name: the order of names in JSON objects has no meaning.
fn sorted(mut names: Vec<String>, rows: &mut [Row]) -> Vec<String> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|position| &names[*position]);
    for row in rows.iter_mut().filter(|row| row.fault.is_none() || row.cells.len() > 1) {
        row.cells.resize(names.len(), String::new());
        row.cells = order.iter().map(|position| std::mem::take(&mut row.cells[*position])).collect();
    }
    order.iter().map(|position| std::mem::take(&mut names[*position])).collect()
}

/// Parses a line as a JSON object without duplicate names.
fn object(line: &str) -> Result<Value, Fault> {
    match json_names::parse(line.as_bytes()) {
        Ok(object @ Value::Object(_)) => Ok(object),
        Err(error) if error.is_data() => Err(Fault {
            text: format!("The line has duplicate names: {error}."),
            advice: "Give each name once.",
        }),
        Ok(_) | Err(_) => Err(Fault {
            text: "The line is not a JSON object.".to_owned(),
            advice: "Write one JSON object on each line.",
        }),
    }
}

/// Flattens nested objects to paths: `{"a": {"b": 1}}` has the column `a.b`.
fn flatten(prefix: &str, value: &Value, depth: usize, found: &mut impl FnMut(&str, String)) {
    match value {
        Value::Object(fields) if depth < MAX_DEPTH => {
            for (name, value) in fields {
                let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&path, value, depth + 1, found);
            }
        }
        Value::Array(items) => {
            let items =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            found(prefix, items.collect::<Vec<_>>().join(";"));
        }
        Value::Null => found(prefix, String::new()),
        Value::String(text) => found(prefix, text.clone()),
        other => found(prefix, other.to_string()),
    }
}
