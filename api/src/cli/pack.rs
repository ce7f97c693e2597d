//! `registry pack`.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use registry::{change_log::Registry, pack};

use super::counted;
use crate::config::DatabaseConfig;

#[derive(Subcommand, Debug)]
pub(super) enum PackCommand {
    /// Load packs: add new entries, and update existing ones
    Load {
        /// Codes of built-in packs, or paths of pack files
        #[arg(required = true)]
        packs: Vec<String>,
        /// Load pack files despite problems that `pack check` reports
        #[arg(long)]
        force: bool,
    },
    /// Check pack files: codes, references, patterns, templates; needs no database
    Check {
        /// Paths of pack files, or codes of built-in packs
        #[arg(required = true)]
        packs: Vec<String>,
    },
    /// List the codes of a built-in pack or of a pack file, for mappings, obligations and queries; needs no database
    Show {
        /// Code of a built-in pack, or path of a pack file
        pack: String,
    },
    /// Write a template of a pack to CODE.toml in the working directory
    New {
        /// Code of the pack, such as that of its country
        code: String,
    },
    /// List the built-in packs, and those that the registry has
    List,
}

pub(super) async fn run(config: &DatabaseConfig, command: PackCommand) -> Result<()> {
    match command {
        PackCommand::Check { packs } => check_all(&packs),
        PackCommand::Show { pack } => show(&pack::PackFile::find(&pack)?),
        PackCommand::New { code } => {
            let path = pack::new(&code)?;
            say!("{0} was written. Complete it, then run: registry pack check {0}", path.display());
            Ok(())
        }
        PackCommand::Load { packs, force } => {
            if !force {
                let problems = print_problems(&packs)?;
                none(problems).context("nothing was loaded; --force loads despite this")?;
            }
            super::on_registry(config, async |registry| load_all(registry, &packs).await).await
        }
        PackCommand::List => super::on_registry(config, list).await,
    }
}

async fn list(registry: &Registry) -> Result<()> {
    say!("built in: {}", pack::built_in().collect::<Vec<_>>().join(", "));
    say!("loaded:   {}", pack::loaded(registry.database()).await?.join(", "));
    say!("time zone: {}", registry.snapshot().time_zone().name());
    Ok(())
}

pub(super) async fn load_all(registry: &Registry, packs: &[String]) -> Result<()> {
    // A pack that others include is loaded with the first of them.
    let mut done = BTreeSet::new();
    let time_zone_before = registry.snapshot().time_zone();
    for name in packs {
        if done.contains(name) {
            continue;
        }
        for loaded in pack::load(registry, name).await? {
            if done.insert(loaded.code.clone()) {
                let entries = counted(loaded.entries, "entry", "entries");
                say!("pack {}: {entries}, {} new or changed.", loaded.code, loaded.changed);
            }
        }
    }
    let time_zone = registry.snapshot().time_zone();
    if time_zone != time_zone_before {
        say!("The days of the registry are now those of {}.", time_zone.name());
    }
    Ok(())
}

fn check_all(packs: &[String]) -> Result<()> {
    none(print_problems(packs)?)?;
    say!("No problems.");
    Ok(())
}

fn none(problems: usize) -> Result<()> {
    match problems {
        0 => Ok(()),
        _ => bail!("{}.", counted(problems, "problem", "problems")),
    }
}

/// Prints the findings of a check of packs; returns the number of problems.
pub(super) fn print_problems(packs: &[String]) -> Result<usize> {
    let mut problems = 0;
    for name in packs {
        let findings = pack::check(&pack::PackFile::find(name)?)?;
        findings.problems.iter().for_each(|problem| say!("{name}: {problem}"));
        // Users cannot change built-in packs, so notes on these are omitted.
        let is_own = !pack::built_in().any(|code| code == *name);
        findings.notes.iter().filter(|_| is_own).for_each(|note| say!("{name}: note: {note}"));
        problems += findings.problems.len();
    }
    Ok(problems)
}

/// Prints codes and names of a pack's entries, by kind.
fn show(file: &pack::PackFile) -> Result<()> {
    let entries = |kind: &str, entries: Vec<(&str, &str)>| {
        let width = entries.iter().map(|(code, _)| code.chars().count()).max().unwrap_or(0);
        if width > 0 {
            say!("{kind}:");
        }
        for (code, name) in &entries {
            say!("{}", format!("  {code:<width$}  {name}").trim_end());
        }
    };
    say!("pack {}: {}, version {}", file.pack.code, file.pack.name, file.pack.version);
    file.pack.includes.iter().for_each(|code| say!("includes {code}"));
    file.pack.time_zone.iter().for_each(|time_zone| say!("time zone {}", time_zone.name()));
    entries("schemes", file.schemes.iter().map(|it| (&*it.code, &*it.name)).collect());
    entries("sectors", file.sectors.iter().map(|it| (&*it.code, &*it.name)).collect());
    entries("platforms", file.platforms.iter().map(|it| (&*it.code, &*it.name)).collect());
    let mut classifiers: Vec<(&str, &str)> =
        file.territories.iter().flat_map(|it| it.codes.keys().map(|key| (&**key, ""))).collect();
    classifiers.sort_unstable();
    classifiers.dedup();
    entries("classifiers of territories", classifiers);
    entries("territories", file.territories.iter().map(|it| (&*it.code, &*it.name)).collect());
    entries("obligations", file.obligations.iter().map(|it| (&*it.code, &*it.name)).collect());
    Ok(())
}
