//! Dry run of an import on a copy of the registry.

use std::collections::HashSet;

use anyhow::Result;

use super::{
    batch::RowReports,
    counts::{Counts, Done, differing, has, proposals_of},
    error_file::{write_errors, write_warnings},
    file::Table,
    job::BATCH,
    options::{Kind, Options, Progress, Stage},
    pinned::NO_JOB,
    removal::{self, Removal},
    row::Import,
};
use crate::{change_log::ChangeSet, snapshot::MAX_DEPTH, snapshot::Snapshot, view::Subject};

/// A run that does not write to the registry.
pub(super) struct DryRun {
    pub(super) change_set: ChangeSet,
    pub(super) import: Import,
    reports: RowReports,
}

impl DryRun {
    pub(super) fn run(
        options: &Options,
        table: &Table,
        before: &Snapshot,
        surveyed: &Import,
        progress: &impl Fn(Progress),
    ) -> Result<Self> {
        let mut import = options.import(table, before);
        import.survey = surveyed.survey.clone();
        import.returning = surveyed.returning.clone();
        let mut dry_run =
            Self { change_set: ChangeSet::preview(before.clone()), import, reports: RowReports::default() };
        let of = (table.rows.len() * options.passes()) as u64;
        let mut done = 0;
        for pass in 0..options.passes() {
            for rows in table.rows.chunks(BATCH) {
                let RowReports { errors, warnings } =
                    dry_run.import.take_batch(&mut dry_run.change_set, options.kind, pass, 0, rows)?;
                dry_run.reports.errors.extend(errors);
                dry_run.reports.warnings.extend(warnings);
                done += rows.len() as u64;
                progress(Progress { stage: Stage::DryRun, done, of });
            }
            let undecided = if pass == 0 { dry_run.import.take_undecided(&table.rows) } else { Vec::new() };
            for rows in undecided.chunks(BATCH) {
                let reports =
                    dry_run.import.take_batch(&mut dry_run.change_set, options.kind, pass, 0, rows)?;
                dry_run.reports.errors.extend(reports.errors);
                dry_run.reports.warnings.extend(reports.warnings);
            }
        }
        for _ in 0..MAX_DEPTH {
            for rows in dry_run.import.take_deferred(&table.rows).chunks(BATCH) {
                let reports = dry_run.import.take_batch(&mut dry_run.change_set, options.kind, 1, 0, rows)?;
                dry_run.reports.warnings.extend(reports.warnings);
            }
        }
        Ok(dry_run)
    }

    /// Removes what the file no longer has, and proposes what it gives for pinned fields.
    pub(super) fn end(&mut self, kind: Kind, removal: &Removal) -> Result<()> {
        removal::remove(&mut self.change_set, kind, &removal.ids)?;
        self.import.note_kept(self.change_set.snapshot(), kind, &removal.pinned);
        self.import.propose_all(&mut self.change_set)
    }

    /// Numbers of the rows that would be refused.
    pub(super) fn rows_with_errors(&self) -> HashSet<i64> {
        self.reports.errors.iter().map(|error| error.row_number).collect()
    }

    /// Counts of planned changes.
    pub(super) fn counts(&self, before: &Snapshot, removed: &HashSet<Subject>) -> Counts {
        let written = differing(before, self.change_set.snapshot());
        let mut counts = self.import.counts;
        let pinned = self.import.pinned.subjects();
        counts.proposals = proposals_of(self.change_set.snapshot(), NO_JOB);
        let done = Done { seen: &self.import.seen, written: &written, removed, pinned: &pinned };
        counts.settle(&done, |subject| has(before, subject));
        counts
    }

    pub(super) fn write_files(&mut self, options: &Options, table: &Table) -> Result<()> {
        self.reports.errors.sort_by_key(|error| error.row_number);
        self.reports.warnings.sort_by_key(|warning| (warning.row_number, warning.position));
        write_errors(&options.error_file, &table.columns, table.form, &self.reports.errors)?;
        write_warnings(&options.error_file, &table.columns, table.form, &self.reports.warnings)
    }
}
