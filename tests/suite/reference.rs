//! Tables in the documentation equal those that the program prints.

use std::{
    fs,
    path::{Path, PathBuf},
};

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

/// Markdown files of a folder, and those below it if it has documents only.
fn documents(directory: &Path, has_folders: bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() && has_folders {
            documents(&path, true, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

#[test]
fn every_link_of_the_documentation_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the project");
    let mut found = Vec::new();
    documents(&root, false, &mut found);
    documents(&root.join("docs"), true, &mut found);
    assert!(found.len() > 20, "{}", found.len());
    let link = regex::Regex::new(r"\]\(([^)#\s]+)(?:#[^)]*)?\)").expect("a pattern");
    let mut broken = Vec::new();
    for document in &found {
        let text = fs::read_to_string(document).expect("a document");
        let folder = document.parent().expect("a folder");
        let links = link.captures_iter(&text).map(|found| found[1].to_owned());
        let lost = links.filter(|link| !link.contains("://") && !folder.join(link).exists());
        broken.extend(lost.map(|link| format!("{}: {link}", document.display())));
    }
    assert_eq!(broken, Vec::<String>::new());
}
