//! The program itself, run as its users run it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The program that was built beside the tests.
pub fn path() -> PathBuf {
    let built = std::env::var_os("REGISTRY_PROGRAM").map(PathBuf::from).unwrap_or_else(|| {
        let test = std::env::current_exe().expect("the test binary");
        let profile = test.parent().and_then(Path::parent).expect("target/profile/deps/test");
        profile.join("registry")
    });
    assert!(built.exists(), "{} is missing: build it with `cargo build -p api`", built.display());
    built
}

pub fn command(database_url: &str, directory: &Path) -> Command {
    let mut command = Command::new(path());
    command.env("DATABASE_URL", database_url).env("LOG", "error").current_dir(directory);
    command
}

pub fn run(database_url: &str, directory: &Path, arguments: &[&str]) -> Output {
    command(database_url, directory).args(arguments).output().expect("the program runs")
}

/// The one line that the program says when it fails.
pub fn error(output: &Output) -> String {
    assert!(!output.status.success(), "the program should have failed: {output:?}");
    let text = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let line = lines.next().unwrap_or_default().to_owned();
    assert_eq!(lines.next(), None, "one line: {text}");
    line
}
