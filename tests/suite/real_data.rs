//! Real files beside the project: used where they are there, never needed.

use std::path::PathBuf;

/// Path of a real file, if it is there.
pub fn path(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")).join(name);
    path.exists().then_some(path)
}

/// Text of a real file, if it is there.
pub fn read(name: &str) -> Option<String> {
    path(name).map(|path| std::fs::read_to_string(path).expect("a readable file"))
}
