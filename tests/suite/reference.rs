//! Tables of the documentation are those that the program prints.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::harness::program;

#[test]
fn the_printed_tables_of_the_documentation_are_up_to_date() {
    let directory = TempDir::new().expect("a directory");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for table in ["settings", "limits", "errors"] {
        let printed = program::run("sqlite://none.sqlite", directory.path(), &["reference", table]);
        assert!(printed.status.success(), "{}", program::error(&printed));
        let printed = String::from_utf8(printed.stdout).expect("UTF-8");
        let text = fs::read_to_string(docs.join(format!("{table}.md"))).expect("the document");
        let (begin, end) = (format!("<!-- begin: {table} -->\n"), format!("<!-- end: {table} -->"));
        let (_, rest) = text.split_once(&begin).expect("where the table begins");
        let (written, _) = rest.split_once(&end).expect("where the table ends");
        assert_eq!(written, printed, "run `make docs`");
    }
}
