//! Rows of an old list: they overwrite nothing that the registry changed later.

use chrono::{DateTime, Utc};
use entities::change::SubjectType;

use super::{
    file::Row,
    row::Import,
    row_error::{Code, Problem, RowResult, Stop, refuse},
};
use crate::{change_log::ChangeSet, model::Record, view::Subject};

impl Import {
    /// When a subject was written last before this import.
    fn last_change(&self, (kind, id): Subject) -> Option<DateTime<Utc>> {
        match kind {
            SubjectType::Territory => self.before.territory(id).map(|it| it.updated_at),
            SubjectType::Organization => self.before.organization(id).map(|it| it.updated_at),
            SubjectType::Page => self.before.page(id).map(|it| it.updated_at),
            _ => None,
        }
    }

    /// Refuses a row that would overwrite what is newer than it. Without `as_of` no row is old, and nothing is compared.
    pub(super) fn fresh<T: Clone + Into<Record>>(
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

    /// Refuses a row that is older than what the registry had of a subject before this import.
    pub(super) fn not_older(&self, row: &Row, subject: Subject) -> RowResult<()> {
        let (Some(last), Some(as_of)) = (self.last_change(subject), self.moment(row, &self.mapping.as_of)?)
        else {
            return Ok(());
        };
        if as_of >= last {
            return Ok(());
        }
        refuse(
            Code::StaleRow,
            format!(
                "The row is of {}, and the registry has a change of {}.",
                as_of.date_naive(),
                last.date_naive()
            ),
            "Take a newer file, or leave `as_of` out of the mapping to overwrite.",
        )
    }

    /// The same for what is beside a row's own subject: what is older is left out, and told.
    pub(super) fn is_fresh<T: Clone + Into<Record>>(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        subject: Subject,
        record: &T,
        what: &str,
    ) -> RowResult<bool> {
        match self.fresh(change_set, row, subject, record) {
            Err(Stop::Refused(problem)) => {
                let text = format!("{} {what}", problem.text);
                self.warned.push(Problem { text, ..problem });
                Ok(false)
            }
            other => other.map(|()| true),
        }
    }
}
