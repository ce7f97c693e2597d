//! Tables in the documentation equal those that the program prints, and its links lead somewhere.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::harness::program;

#[test]
fn the_printed_tables_of_the_documentation_are_up_to_date() {
    let directory = TempDir::new().expect("a directory");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for (table, document) in [
        ("settings", "settings"),
        ("limits", "limits"),
        ("costs", "limits"),
        ("errors", "errors"),
        ("precedence", "import"),
    ] {
        let printed = program::run("sqlite://none.sqlite", directory.path(), &["reference", table]);
        assert!(printed.status.success(), "{}", program::error(&printed));
        let printed = String::from_utf8(printed.stdout).expect("UTF-8");
        let text = fs::read_to_string(docs.join(format!("{document}.md"))).expect("the document");
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

/// Anchors of the headings of a document, as the book names them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        if is_code || !line.starts_with('#') {
            continue;
        }
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let letters = heading.chars().map(|letter| if letter.is_whitespace() { '-' } else { letter });
        found.insert(letters.filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter)).collect());
    }
    found
}

/// Whether a link leads to a file and, with an anchor, to one of its headings.
fn leads_somewhere(document: &Path, path: &str, anchor: Option<&str>) -> bool {
    let target = match path {
        "" => document.to_owned(),
        path => document.parent().expect("a folder").join(path),
    };
    let has = |anchor: &str| fs::read_to_string(&target).is_ok_and(|text| anchors(&text).contains(anchor));
    target.exists() && anchor.is_none_or(has)
}

#[test]
fn anchors_are_those_of_headings() {
    let text = "# Cost of a request\n```sh\n# no heading\n```\n## `asOf`, past_states: 2\ntext # none\n";
    assert_eq!(Vec::from_iter(anchors(text)), ["asof-past_states-2", "cost-of-a-request"]);
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/limits.md");
    assert!(leads_somewhere(&document, "limits.md", Some("rate-limit")));
    assert!(leads_somewhere(&document, "", Some("rate-limit")));
    assert!(!leads_somewhere(&document, "", Some("no-such-heading")));
    assert!(!leads_somewhere(&document, "no-such-file.md", None));
}

#[test]
fn every_link_of_the_documentation_leads_to_a_file_and_a_heading() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the project");
    let mut found = Vec::new();
    documents(&root, false, &mut found);
    documents(&root.join("docs"), true, &mut found);
    assert!(found.len() > 20, "{}", found.len());
    let link = regex::Regex::new(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)").expect("a pattern");
    let mut broken = Vec::new();
    for document in &found {
        let text = fs::read_to_string(document).expect("a document");
        for found in link.captures_iter(&text).filter(|found| !found[1].contains("://")) {
            let anchor = found.get(2).map(|anchor| anchor.as_str());
            if !leads_somewhere(document, &found[1], anchor) {
                broken.push(format!("{}: {}", document.display(), &found[0]));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}
