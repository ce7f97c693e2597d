//! Importing one batch of rows of any kind.

use anyhow::Result;
use entities::{import_row_error::Model as RowError, import_row_warning::Model as RowWarning};

use super::{
    file::Row,
    options::Kind,
    row::Import,
    row_error::{Code, Problem, Stop, refuse},
};
use crate::change_log::ChangeSet;

/// Errors and warnings of a batch's rows.
#[derive(Clone, Debug, Default)]
pub(super) struct RowReports {
    pub(super) errors: Vec<RowError>,
    pub(super) warnings: Vec<RowWarning>,
}

impl Import {
    /// Imports a batch of rows and returns their errors and warnings.
    pub(super) fn take_batch(
        &mut self,
        change_set: &mut ChangeSet,
        kind: Kind,
        pass: usize,
        job_id: i64,
        rows: &[Row],
    ) -> Result<RowReports> {
        let mut reports = RowReports::default();
        for row in rows {
            self.counts.rows += u64::from(pass == 0 && !self.is_last_try);
            self.warned.clear();
            let taken = match &row.fault {
                Some(_) if pass > 0 => Ok(()),
                Some(fault) => refuse(Code::MalformedRow, &fault.text, fault.advice),
                None => self.take_row(change_set, kind, pass, row),
            };
            match taken {
                Ok(()) => self.report_warnings(job_id, row, &mut reports.warnings)?,
                Err(Stop::Failed(error)) => return Err(error),
                // A later row may add an identifier that resolves the ambiguity.
                Err(Stop::RowError(problem))
                    if problem.code == Code::OwnerAmbiguous && pass == 0 && !self.is_last_try =>
                {
                    self.undecided.insert(row.number);
                }
                Err(Stop::RowError(problem)) => {
                    self.hold_named(change_set.snapshot(), kind, row);
                    self.counts.refused += 1;
                    reports.errors.push(error(job_id, row, problem)?);
                }
            }
        }
        Ok(reports)
    }

    /// Reports the warnings about the current row, except those that an interrupted run has reported.
    fn report_warnings(&mut self, job_id: i64, row: &Row, reported: &mut Vec<RowWarning>) -> Result<()> {
        for problem in std::mem::take(&mut self.warned) {
            let key = (row.number, problem.code.as_text(), problem.text.clone());
            if self.reported_before.contains(&key) {
                continue;
            }
            self.counts.warnings += 1;
            reported.push(warning(job_id, self.counts.warnings as i64, row, problem)?);
        }
        Ok(())
    }

    /// Rows whose organization was ambiguous; they are tried once more.
    pub(super) fn take_undecided(&mut self, rows: &[Row]) -> Vec<Row> {
        self.is_last_try = true;
        let undecided = std::mem::take(&mut self.undecided);
        rows.iter().filter(|row| undecided.contains(&row.number)).cloned().collect()
    }

    /// Restores the warnings of an interrupted run of the same job.
    pub(super) fn go_on_from(&mut self, warnings: &[RowWarning]) {
        self.counts.warnings = warnings.len() as u64;
        let reported = warnings.iter().map(|it| (it.row_number, it.code.clone(), it.text.clone()));
        self.reported_before = reported.collect();
    }

    /// Takes the rows that were deferred until others are imported.
    pub(super) fn take_deferred(&mut self, rows: &[Row]) -> Vec<Row> {
        let deferred = std::mem::take(&mut self.deferred);
        if deferred.is_empty() {
            return Vec::new();
        }
        rows.iter().filter(|row| deferred.contains(&row.number)).cloned().collect()
    }

    fn take_row(
        &mut self,
        change_set: &mut ChangeSet,
        kind: Kind,
        pass: usize,
        row: &Row,
    ) -> Result<(), Stop> {
        match (kind, pass) {
            (Kind::Territories, 0) => self.take_territory(change_set, row),
            (Kind::Territories, _) => self.set_parent_of_territory(change_set, row),
            (Kind::Organizations, 0) => self.take_organization(change_set, row),
            (Kind::Pages, 0) => self.take_pages(change_set, row),
            (Kind::Organizations | Kind::Pages, _) => self.set_relations(change_set, row),
            (Kind::Exemptions, _) => self.take_exemption(change_set, row),
        }
    }
}

fn error(job_id: i64, row: &Row, problem: Problem) -> Result<RowError> {
    Ok(RowError {
        job_id,
        row_number: row.number,
        code: problem.code.as_text(),
        text: problem.text,
        suggestion: problem.suggestion,
        cells: serde_json::to_string(&row.cells)?,
    })
}

fn warning(job_id: i64, position: i64, row: &Row, problem: Problem) -> Result<RowWarning> {
    Ok(RowWarning {
        job_id,
        position,
        row_number: row.number,
        code: problem.code.as_text(),
        text: problem.text,
        suggestion: problem.suggestion,
        cells: serde_json::to_string(&row.cells)?,
    })
}
