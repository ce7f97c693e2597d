//! `as_of`: rows of an old list never overwrite newer changes of the registry.

use chrono::{DateTime, Utc};
use entities::change::SubjectType;

use super::{
    file::Row,
    row::Import,
    row_error::{Code, Problem, RowResult, Stop, refuse},
};
use crate::{change_log::ChangeSet, model::Record, view::Subject};

impl Import {
    /// When a subject was last modified before this import.
    fn last_change(&self, (kind, id): Subject) -> Option<DateTime<Utc>> {
        match kind {
            SubjectType::Territory => self.before.territory(id).map(|it| it.updated_at),
            SubjectType::Organization => self.before.organization(id).map(|it| it.updated_at),
            SubjectType::Page => self.before.page(id).map(|it| it.updated_at),
            _ => None,
        }
    }

    /// Refuses a row that would overwrite a newer change. Without `as_of` nothing is compared.
    pub(super) fn check_not_stale<T: Clone + Into<Record>>(
        &self,
        change_set: &ChangeSet,
        row: &Row,
        subject: Subject,
        record: &T,
    ) -> RowResult<()> {
        if self.mapping.as_of.is_none() || !change_set.would_change(record) {
            return Ok(());
        }
        self.not_older(row, subject)
    }

    /// Refuses a row whose `as_of` is before the subject's last change before this import.
    pub(super) fn not_older(&self, row: &Row, subject: Subject) -> RowResult<()> {
        let (Some(last), Some(as_of)) =
            (self.last_change(subject), self.timestamp(row, &self.mapping.as_of)?)
        else {
            return Ok(());
        };
        if as_of >= last {
            return Ok(());
        }
        let zone = self.before.time_zone();
        refuse(
            Code::StaleRow,
            format!(
                "The row is as of {}, but the registry has a newer change of {}.",
                zone.day_of(as_of),
                zone.day_of(last)
            ),
            "Import a newer file, or remove `as_of` from the mapping to overwrite.",
        )
    }

    /// The same for a subject other than the row's own: a stale value is skipped with a warning. Returns whether the
    /// value may be written.
    pub(super) fn is_current<T: Clone + Into<Record>>(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        subject: Subject,
        record: &T,
        what: &str,
    ) -> RowResult<bool> {
        match self.check_not_stale(change_set, row, subject, record) {
            Err(Stop::RowError(problem)) => {
                let text = format!("{} {what}", problem.text);
                self.warned.push(Problem { text, ..problem });
                Ok(false)
            }
            other => other.map(|()| true),
        }
    }
}
