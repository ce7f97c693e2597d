//! Sources of a crate, each with its module path.

use std::{fs, path::Path};

use crate::layers::SHARED_BY_NOUNS;

/// A source file.
pub struct Source {
    /// Name of its crate.
    pub name: String,
    /// Path relative to the folder in which it was found, such as `src`.
    pub path: String,
    /// Module path from the crate root.
    pub module: Vec<String>,
    pub text: String,
}

impl Source {
    /// The layer that it is in.
    pub fn layer(&self) -> String {
        layer(&self.name, &self.module)
    }
}

/// Layer of a module: the first segment of its path within the crate. The folders of nouns in the schema are one
/// layer; those that they share are layers of their own. Layers of the registry begin with its name.
pub fn layer(name: &str, module: &[String]) -> String {
    let first = module.first().map_or("lib", String::as_str);
    let second = module.get(1).map(String::as_str).filter(|second| SHARED_BY_NOUNS.contains(second));
    match (name, first, second) {
        ("registry", first, _) => format!("registry/{first}"),
        (_, "graphql", Some(second)) => format!("graphql/{second}"),
        (_, first, _) => first.to_owned(),
    }
}

/// All sources of a crate of the project, without its examples and tests.
pub fn of(name: &str) -> Vec<Source> {
    under(name, "src")
}

/// All sources in a folder of a crate.
pub fn under(name: &str, folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join(folder);
    let mut found = Vec::new();
    walk(name, &root, &[], &mut found);
    assert!(!found.is_empty(), "{name}/{folder} holds no source");
    found
}

fn walk(of: &str, folder: &Path, module: &[String], found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let mut module = module.to_vec();
        if path.is_dir() {
            module.push(name);
            walk(of, &path, &module, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let file = module.iter().map(|folder| format!("{folder}/")).collect::<String>() + &name + ".rs";
            if !["lib", "main", "mod"].contains(&name.as_str()) {
                module.push(name);
            }
            found.push(Source {
                name: of.to_owned(),
                path: file,
                module,
                text: fs::read_to_string(&path).expect("a text"),
            });
        }
    }
}
