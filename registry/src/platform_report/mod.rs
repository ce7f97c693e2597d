//! Reports of platforms about the pages on them: states of marks, and availability. Each row stands for itself, all
//! rows are written in one transaction, and the same rows again change nothing.

mod availability;
mod mark;
mod outcome;

use anyhow::{Result, bail};

pub use availability::AvailabilityReportRow;
pub use mark::MarkReportRow;
pub use outcome::{Rejection, RowCode, RowOutcome};

use crate::{
    author::Author,
    change_log::{ChangeSet, Registry},
    idempotency::{Conflict, WriteRequest, Written, write_once},
    model::{Page, Scope},
};

/// Maximum number of rows per report.
pub const MAX_ROWS: usize = 1_000;
/// Reason of the changes.
const REASON: &str = "reported by the platform";

/// Why a report as a whole is refused; nothing is written then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ReportError {
    NoRows,
    TooManyRows,
}

/// Rule of the rows of a report: the state of the page after a row, or `None` if the registry has it already.
type RowRule<R> = fn(&ChangeSet, &Author, &R) -> Result<Option<Page>, Rejection>;

/// Records states of marks. A row that cannot be read is what is wrong with it.
///
/// # Errors
/// When the database does not answer, or the author's key was revoked.
pub async fn report_marks(
    registry: &Registry,
    request: WriteRequest,
    rows: Vec<Result<MarkReportRow, String>>,
) -> Result<Result<Written<Vec<RowOutcome>>, ReportError>> {
    report(registry, request, rows, mark::state_after).await
}

/// Records the availability of pages. A row that cannot be read is what is wrong with it.
///
/// # Errors
/// When the database does not answer, or the author's key was revoked.
pub async fn report_availability(
    registry: &Registry,
    request: WriteRequest,
    rows: Vec<Result<AvailabilityReportRow, String>>,
) -> Result<Result<Written<Vec<RowOutcome>>, ReportError>> {
    report(registry, request, rows, availability::state_after).await
}

async fn report<R: Send + 'static>(
    registry: &Registry,
    request: WriteRequest,
    rows: Vec<Result<R, String>>,
    rule: RowRule<R>,
) -> Result<Result<Written<Vec<RowOutcome>>, ReportError>> {
    if rows.is_empty() {
        return Ok(Err(ReportError::NoRows));
    }
    if rows.len() > MAX_ROWS {
        return Ok(Err(ReportError::TooManyRows));
    }
    let written = write_once(
        registry,
        request,
        |_, _| None,
        move |change_set, author| {
            let outcomes = rows.iter().map(|row| record(change_set, author, row, rule));
            Ok(Ok::<_, Conflict>(outcomes.collect::<Result<Vec<_>>>()?))
        },
    );
    match written.await? {
        Ok(written) => Ok(Ok(written)),
        // A report has no subject, and so no conflict.
        Err(Conflict { seq }) => bail!("a report conflicts with the change {seq}"),
    }
}

/// Records a row.
fn record<R>(
    change_set: &mut ChangeSet,
    author: &Author,
    row: &Result<R, String>,
    rule: RowRule<R>,
) -> Result<RowOutcome> {
    let row = match row {
        Ok(row) => row,
        Err(message) => {
            return Ok(RowOutcome::Rejected(Rejection::new(RowCode::Malformed, message.as_str())));
        }
    };
    if !author.has(Scope::Submit) {
        let text = format!("The key lacks the scope `{}`; ask the operator for it.", Scope::Submit.name());
        return Ok(RowOutcome::Rejected(Rejection::new(RowCode::NotAllowed, text)));
    }
    if author.client_id().is_some() && author.platform_id().is_none() {
        let text = "Only a key that is limited to a platform reports on its pages; ask the operator for one.";
        return Ok(RowOutcome::Rejected(Rejection::new(RowCode::NotAllowed, text)));
    }
    let after = match rule(change_set, author, row) {
        Ok(Some(after)) => after,
        Ok(None) => return Ok(RowOutcome::Unchanged),
        Err(rejection) => return Ok(RowOutcome::Rejected(rejection)),
    };
    let is_changed = change_set.upsert(after, Some(REASON))?;
    Ok(if is_changed { RowOutcome::Updated } else { RowOutcome::Unchanged })
}

#[cfg(test)]
mod tests;
