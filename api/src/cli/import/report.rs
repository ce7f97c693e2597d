//! Report of an import or a dry run, on the terminal and as a file.

use std::io::Write;

use anyhow::Result;
use registry::{
    csv_writer::no_formula,
    import::{Action, Counts, Options, Plan, Report, Step, Tally, beside, plan_file},
};

use super::create;
use crate::cli::counted;

/// Maximum number of printed subjects per action and kind.
const MAX_LISTED: usize = 20;
/// Maximum number of printed sources.
const MAX_SOURCES: usize = 10;
/// Maximum length of a printed text, in characters.
const WIDTH: usize = 60;

/// Prints a report.
pub(super) fn print(report: &Report, options: &Options) -> Result<()> {
    if options.dry_run {
        say!("Dry run: nothing was written.");
    }
    if let Some(plan) = &report.plan {
        show(plan);
        let path = plan_file(&options.error_file);
        write(plan, &path)?;
        say!("Complete plan: {}", path.display());
    }
    if report.held.is_none() || options.dry_run {
        print_counts(&report.counts);
    }
    let Counts { refused, warnings, .. } = report.counts;
    if refused > 0 {
        say!("Refused rows, with what is wrong and what to do: {}", options.error_file.display());
    }
    if warnings > 0 {
        say!("Warnings: {}", beside(&options.error_file, "warnings").display());
    }
    if let Some(others) = &report.other_sources {
        let more = if others.len() > MAX_SOURCES { ", …" } else { "" };
        let others = others.iter().take(MAX_SOURCES).map(|it| &**it).collect::<Vec<_>>().join(", ");
        say!(
            "--full had nothing to compare with: there are no records of the source {}. Existing sources: {others}{more}.",
            options.source
        );
    }
    match report.job_id.filter(|_| report.held.is_none()) {
        Some(job) if report.counts.changed() == 0 && report.counts.proposals == 0 => {
            say!("This was import {job}; it changed no record.")
        }
        Some(job) => say!("This was import {job}; `registry import undo {job}` undoes it."),
        None => {}
    }
    Ok(())
}

/// Prints the counts of an import.
pub(super) fn print_counts(counts: &Counts) {
    let (rows, warnings) =
        (counted(counts.rows, "row", "rows"), counted(counts.warnings, "warning", "warnings"));
    say!("{rows} read, {} refused, {warnings}.", counts.refused);
    let tallies = [
        ("territories", counts.territories),
        ("organizations", counts.organizations),
        ("pages", counts.pages),
        ("exemptions", counts.exemptions),
    ];
    for (name, tally) in tallies.into_iter().filter(|(_, tally)| *tally != Tally::default()) {
        let Tally { created, updated, unchanged, removed, pinned } = tally;
        let kept = if pinned > 0 { format!("; {pinned} PINNED") } else { String::new() };
        say!("{name}: {created} created, {updated} updated, {unchanged} unchanged, {removed} removed{kept}.");
    }
    if counts.proposals > 0 {
        let proposals = counted(counts.proposals, "proposal", "proposals");
        say!("{proposals} of values for pinned fields: see `registry proposals list`.");
    }
}

fn show(plan: &Plan) {
    for steps in Action::ALL.into_iter().flat_map(|action| plan.by_kind(action)) {
        let (action, kind, count) = (steps[0].action.word(), steps[0].kind, steps.len());
        say!("\n{action} {kind}: {count}");
        for step in steps.iter().take(MAX_LISTED) {
            say!("  {}  {}{}", cut(&step.key), cut(&step.name), changed_fields(step));
        }
        if count > MAX_LISTED {
            say!("  … and {} more", count - MAX_LISTED);
        }
    }
    if !plan.near_names.is_empty() {
        say!("\nnear names: {}", plan.near_names.len());
        for near in plan.near_names.iter().take(MAX_LISTED) {
            say!(
                "  “{}” ({}) and “{}” ({}): {}",
                near.new.1,
                near.new.0,
                near.other.1,
                near.other.0,
                near.reason.words()
            );
        }
    }
    say!("");
}

/// Changed fields of an existing subject.
fn changed_fields(step: &Step) -> String {
    if step.action == Action::Create {
        return String::new();
    }
    let fields = step.fields.iter().map(|(name, before, after)| {
        let value = |value: &Option<String>| cut(value.as_deref().unwrap_or("–"));
        format!("{name}: {} → {}", value(before), value(after))
    });
    let fields: Vec<String> = fields.collect();
    if fields.is_empty() { String::new() } else { format!("  [{}]", fields.join("; ")) }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    let head: String = text.chars().take(WIDTH - 1).collect();
    format!("{head}…")
}

/// Writes the whole plan: one row per changed field and per near name.
fn write(plan: &Plan, path: &std::path::Path) -> Result<()> {
    let mut file = create(path)?;
    file.write_all(b"\xef\xbb\xbf")?;
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(["action", "kind", "key", "name", "field", "before", "after"])?;
    for step in &plan.steps {
        let Step { action, kind, key, name, fields } = step;
        let mut row = |field: &str, before: &str, after: &str| {
            writer.write_record(
                [action.word(), kind, key, name, field, before, after].map(|cell| no_formula(cell, b',')),
            )
        };
        if fields.is_empty() {
            row("", "", "")?;
        }
        for (field, before, after) in fields {
            row(field, before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default())?;
        }
    }
    for near in &plan.near_names {
        let (code, name) = &near.new;
        let other = format!("{} “{}”", near.other.0, near.other.1);
        let row = ["near name", "organization", code, name, near.reason.words(), &other, ""];
        writer.write_record(row.map(|cell| no_formula(cell, b',')))?;
    }
    writer.flush()?;
    Ok(())
}
