//! Query parameters of files: each is known, and given once.

use std::collections::{BTreeMap, btree_map::Entry};

use registry::{csv_writer::CsvStyle, statistics::export::Form};

use super::bad_parameter;
use crate::pipeline::request_error::RequestError;

/// Parameters of CSV files.
const OF_CSV: [&str; 3] = ["delimiter", "decimal", "header"];
/// Parameters that may be repeated; their values are joined by commas.
const REPEATED: [&str; 2] = ["groupBy", "kinds"];
/// Characters of an unknown parameter that its message repeats.
const MAX_SHOWN: usize = 40;

/// Parameters of a request.
pub(super) struct Parameters {
    values: BTreeMap<String, String>,
}

impl Parameters {
    /// Reads the query string of a file in this format, whose parameters besides those of CSV are `known`.
    ///
    /// # Errors
    /// When a parameter is unknown or given twice, or contains U+0000.
    pub(super) fn read(query: &str, known: &[&str], form: Form) -> Result<Self, RequestError> {
        // The parameters may contain JSON, where NUL can also be escaped.
        if query.contains("%00") || query.contains("u0000") {
            return Err(bad_parameter("Parameters must not contain the character U+0000."));
        }
        let of_csv: &[&str] = if form == Form::Csv { &OF_CSV } else { &[] };
        let mut values = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if !known.iter().chain(of_csv).any(|known| *known == name) {
                let name: String = name.chars().take(MAX_SHOWN).collect();
                let all = [known, of_csv].concat().join("`, `");
                return Err(bad_parameter(format!("This file has no parameter `{name}`, only `{all}`.")));
            }
            match values.entry(name.into_owned()) {
                Entry::Vacant(entry) => _ = entry.insert(value.into_owned()),
                Entry::Occupied(mut entry) if REPEATED.contains(&entry.key().as_str()) => {
                    let joined: &mut String = entry.get_mut();
                    joined.push(',');
                    joined.push_str(&value);
                }
                Entry::Occupied(entry) => {
                    return Err(bad_parameter(format!("The parameter `{}` is given twice.", entry.key())));
                }
            }
        }
        Ok(Self { values })
    }

    /// Takes out the value of a parameter.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.values.remove(name)
    }

    /// Takes out how a CSV file is to be written: with a decimal comma, the delimiter is the semicolon, as spreadsheets expect
    /// it.
    ///
    /// # Errors
    /// When a value is not one of the possible ones.
    pub(super) fn style(&mut self) -> Result<CsvStyle, RequestError> {
        let decimal = match self.take("decimal").as_deref() {
            None | Some(".") => '.',
            Some(",") => ',',
            Some(_) => return Err(bad_parameter("`decimal` must be `.` or `,`.")),
        };
        let delimiter = match (self.take("delimiter").as_deref(), decimal) {
            (Some(";"), _) | (None, ',') => b';',
            (Some(","), '.') | (None, _) => b',',
            (Some(","), _) => {
                return Err(bad_parameter("With `decimal=,` the delimiter is `;` (%3B)."));
            }
            (Some(_), _) => return Err(bad_parameter("`delimiter` must be `,` or `;` (%3B).")),
        };
        let is_plain = match self.take("header").as_deref() {
            None => false,
            Some("plain") => true,
            Some(_) => return Err(bad_parameter("`header` can only be `plain`: without the comment row.")),
        };
        Ok(CsvStyle { delimiter, decimal, is_plain })
    }
}
