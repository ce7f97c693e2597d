//! Rows of an old list: they overwrite nothing that the registry changed later.

use chrono::{DateTime, Utc};
use entities::change::SubjectType;

use super::{
    file::Row,
    refusal::{Code, Problem, RowResult, Stop, refuse},
    row::Import,
};
use crate::snapshot::Subject;

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

    /// Refuses a row that is older than what it would overwrite: what the registry had before this import.
    pub(super) fn fresh(&self, row: &Row, subject: Subject) -> RowResult<()> {
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
    pub(super) fn is_fresh(&mut self, row: &Row, subject: Subject, what: &str) -> RowResult<bool> {
        match self.fresh(row, subject) {
            Err(Stop::Refused(problem)) => {
                let text = format!("{} {what}", problem.text);
                self.warned.push(Problem { text, ..problem });
                Ok(false)
            }
            other => other.map(|()| true),
        }
    }
}
