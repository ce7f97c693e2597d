//! Imports: what files bring in, what they are refused for, and what they leave alone.

mod cells;
mod code_sequences;
mod codes;
mod contradictions;
mod corrected_keys;
pub mod corrections;
mod ended;
mod files;
mod former_codes;
mod identity;
mod jobs;
mod limits;
mod namesakes;
mod order;
mod organizations;
mod pages;
mod pinned_organizations;
pub mod pinned_pages;
mod proposals;
mod repeats;
mod reports;
mod rows_of_one;
mod rules;
mod shapes;
mod stability;
mod undo;

use std::path::PathBuf;

use registry::import::{self, Kind, Mapping, Options, Report};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::harness::TestApp;

/// A folder with a file and a mapping to import.
pub struct Case {
    directory: TempDir,
    file_name: String,
}

impl Case {
    pub fn new(file_name: &str, content: impl AsRef<[u8]>, mapping: &str) -> Self {
        let case = Self { directory: TempDir::new().expect("a directory"), file_name: file_name.to_owned() };
        case.rewrite(content);
        std::fs::write(case.path("map.toml"), mapping).expect("the mapping is written");
        case
    }

    pub fn rewrite(&self, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(&self.file_name), content).expect("the file is written");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn options(&self, kind: Kind) -> Options {
        Options {
            file: self.path(&self.file_name),
            kind,
            mapping: Mapping::read(&self.path("map.toml")).expect("a mapping"),
            source: "test".into(),
            dry_run: false,
            full: false,
            confirm_removals: false,
            error_file: self.path("errors.csv"),
        }
    }

    pub async fn run(&self, app: &TestApp, kind: Kind) -> Report {
        import::run(&app.registry, &self.options(kind), |_| {}).await.expect("the import runs")
    }

    pub async fn failure(&self, app: &TestApp, kind: Kind) -> String {
        format!(
            "{:#}",
            import::run(&app.registry, &self.options(kind), |_| {}).await.expect_err("the import fails")
        )
    }

    /// Codes of the refused rows, in the order of the file.
    pub fn codes(&self) -> Vec<String> {
        self.column("errors.csv", "error_code")
    }

    /// Codes of the warnings, in the order of the file.
    pub fn warnings(&self) -> Vec<String> {
        self.column("warnings.csv", "warning_code")
    }

    /// Cells of a column of a file that the import wrote; none where it wrote no file.
    pub fn column(&self, file: &str, column: &str) -> Vec<String> {
        let Ok(file) = std::fs::read(self.path(file)) else { return Vec::new() };
        let delimiter = if file.split(|byte| *byte == b'\n').next().is_some_and(|line| line.contains(&b';')) {
            b';'
        } else {
            b','
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(&*file);
        let header = reader.headers().expect("a header");
        let index = header.iter().position(|name| name == column).expect("the column");
        reader.records().map(|row| row.expect("a row")[index].to_owned()).collect()
    }
}

pub const PAGES: &str = r#"
    [organization]
    name = "Owner"
    [[pages]]
    url = "Address"
    platform = { column = "Platform", map = { Twitter = "x" } }
    title = "Title"
    languages = { column = "Language", split = "," }
"#;

pub async fn pages(app: &TestApp) -> Value {
    let ask = "{ pages(first: 100) { nodes { url title languages lifecycle owner { name } coOwners { name } aliases { handle kind } } } }";
    app.data(ask, json!({})).await["pages"]["nodes"].take()
}

#[test]
fn the_documentation_names_every_code_of_refused_rows() {
    let (source, docs) =
        (include_str!("../../../registry/src/import/row_error.rs"), include_str!("../../../docs/import.md"));
    let codes =
        source.split("pub enum Code {").nth(1).and_then(|rest| rest.split('}').next()).expect("codes");
    for code in codes.lines().map(|line| line.trim().trim_end_matches(',')).filter(|line| !line.is_empty()) {
        let upper = |(at, c): (usize, char)| {
            let begins = at > 0 && c.is_ascii_uppercase();
            format!("{}{}", if begins { "_" } else { "" }, c.to_ascii_uppercase())
        };
        let text: String = code.char_indices().map(upper).collect();
        assert!(docs.contains(&format!("`{text}`")), "{text}");
    }
}
