//! Sources of a crate, each with its place in it.

use std::{fs, path::Path};

/// A source.
pub struct Source {
    /// Where it lies, from the folder of its crate's sources.
    pub path: String,
    /// Modules that lead to it from the root of its crate.
    pub module: Vec<String>,
    pub text: String,
}

impl Source {
    /// The room that it is in: the first of its modules; of the root itself, its name.
    pub fn room(&self) -> String {
        self.module.first().map_or("lib", String::as_str).to_owned()
    }
}

/// All sources below a folder of the project.
pub fn of(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut found = Vec::new();
    walk(&root, &[], &mut found);
    assert!(!found.is_empty(), "{folder} holds no source");
    found
}

fn walk(folder: &Path, module: &[String], found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let mut module = module.to_vec();
        if path.is_dir() {
            module.push(name);
            walk(&path, &module, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let file = module.iter().map(|folder| format!("{folder}/")).collect::<String>() + &name + ".rs";
            if !["lib", "main", "mod"].contains(&name.as_str()) {
                module.push(name);
            }
            found.push(Source { path: file, module, text: fs::read_to_string(&path).expect("a text") });
        }
    }
}
