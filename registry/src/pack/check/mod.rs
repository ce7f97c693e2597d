//! Checks of a valid pack file before it is loaded.

mod addresses;
mod entries;
mod figures;
mod handles;
mod hosts;
mod inputs;
mod names;
mod placeholders;
mod samples;
mod schemes;
mod tried;

use std::{collections::HashSet, sync::LazyLock};

use anyhow::Context;

use super::{PackFile, built_in};

/// Findings of a check, each prefixed with its entry.
#[derive(Debug, Default)]
pub struct Findings {
    /// Errors: entries that do not work, or not as intended.
    pub problems: Vec<String>,
    /// Warnings: entries that work but should be reviewed.
    pub notes: Vec<String>,
}

impl Findings {
    fn problem(&mut self, entry: &str, text: impl AsRef<str>) {
        self.problems.push(cut(&format!("{entry}: {}", text.as_ref())));
    }

    fn note(&mut self, entry: &str, text: impl AsRef<str>) {
        self.notes.push(cut(&format!("{entry}: {}", text.as_ref())));
    }

    /// Codes must be unique: a second entry would replace the first.
    fn once<'a>(&mut self, kind: &str, codes: impl Iterator<Item = &'a str>) {
        let mut seen = HashSet::new();
        for code in codes {
            if code.is_empty() || code.trim() != code {
                self.problem(kind, format!("the code `{code}` is empty or has outer blanks"));
            }
            if !seen.insert(code) {
                self.problem(
                    &format!("{kind} `{code}`"),
                    "two entries have this code; the second replaces the first",
                );
            }
        }
    }
}

/// Built-in packs.
static BUILT_IN: LazyLock<Vec<PackFile>> =
    LazyLock::new(|| built_in().filter_map(|code| PackFile::find(&code).ok()).collect());

/// Longest finding, in characters: the quoted part of the file may have any length.
const MAX_TEXT: usize = 500;

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The pack to check, and the packs that it includes.
struct Checked<'a> {
    file: &'a PackFile,
    before: Vec<&'a PackFile>,
}

impl<'a> Checked<'a> {
    /// All packs, included ones first.
    fn all(&self) -> impl Iterator<Item = &PackFile> {
        self.before.iter().copied().chain([self.file])
    }

    /// Other built-in packs, which may be loaded too.
    fn beside(&self) -> impl Iterator<Item = &'a PackFile> {
        BUILT_IN.iter().filter(|other| self.all().all(|pack| pack.pack.code != other.pack.code))
    }
}

/// Checks a pack: codes, references, patterns and templates.
///
/// # Errors
/// When a pack that it includes cannot be read.
pub fn check(file: &PackFile) -> anyhow::Result<Findings> {
    let mut before = Vec::new();
    collect(&file.pack.includes, &mut before)?;
    let (checked, mut findings) = (Checked { file, before }, Findings::default());
    entries::check(&checked, &mut findings);
    names::check(&checked, &mut findings);
    figures::check(&checked, &mut findings);
    schemes::check(&checked, &mut findings);
    hosts::check(&checked, &mut findings);
    addresses::check(&checked, &mut findings);
    tried::check(&checked, &mut findings);
    placeholders::check(&checked, &mut findings);
    Ok(findings)
}

/// Collects included packs recursively, each once.
fn collect(names: &[String], packs: &mut Vec<&'static PackFile>) -> anyhow::Result<()> {
    for name in names {
        if packs.iter().any(|pack| pack.pack.code == *name) {
            continue;
        }
        let known = BUILT_IN.iter().find(|pack| pack.pack.code == *name);
        let pack = known.with_context(|| format!("there is no built-in pack `{name}`"))?;
        collect(&pack.pack.includes, packs)?;
        packs.push(pack);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::built_in;

    #[test]
    fn the_packs_that_come_with_the_program_have_no_problem() {
        for code in built_in() {
            let findings = check(&PackFile::find(&code).expect("a pack")).expect("checked");
            assert_eq!(findings.problems, Vec::<String>::new(), "{code}");
        }
    }

    #[test]
    fn the_template_has_no_problem_and_its_invented_entries_are_noted() {
        let pack = PackFile::parse(&crate::pack::template("xy")).expect("a pack");
        let findings = check(&pack).expect("checked");
        assert_eq!(findings.problems, Vec::<String>::new());
        let (is_invented, notes) = (|note: &String| note.contains("values of the template"), findings.notes);
        assert!(notes.len() == 7 && notes.iter().all(is_invented), "{notes:?}");
    }
}
