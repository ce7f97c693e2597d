//! Rows of reports of platforms.

use async_graphql::{InputObject, InputType};
use registry::platform_report::{AvailabilityReportRow, MarkReportRow};

use crate::graphql::{
    kit::{
        checked::Checked,
        reference::{PageRef, page_reference},
        scalar::{self, Date, DateTime},
    },
    page::{MarkState, PageAvailability},
};

/// State of the platform's mark on a page.
#[derive(InputObject)]
pub struct MarkReportRowInput {
    /// The page.
    pub page: PageRef,
    /// State of the mark; `NONE` only if the registry has no mark of the page either.
    pub state: MarkState,
    /// Method by which the mark was obtained, one of the platform's `markMethods`; required for `CONFIRMED`.
    pub method: Option<String>,
    /// Timestamp of the state, such as that of the confirmation, not that of the report; default: now. If it is left
    /// out, a state that the registry has already stays unchanged.
    pub at: Option<Checked<DateTime>>,
    /// Last day of a mark that is `CONFIRMED`, in the registry's time zone.
    pub expires_on: Option<Checked<Date>>,
}

/// Availability of a page.
#[derive(InputObject)]
pub struct AvailabilityReportRowInput {
    /// The page.
    pub page: PageRef,
    /// What the platform found; not `UNKNOWN`.
    pub availability: PageAvailability,
    /// Timestamp of the check; default: now.
    pub checked_at: Option<Checked<DateTime>>,
    /// Handle that a page that is `RENAMED` has now. The page takes it, keeps the old one as a former handle, and is
    /// `LIVE`.
    pub new_handle: Option<String>,
}

impl MarkReportRowInput {
    /// The row at an index of the input.
    ///
    /// # Errors
    /// What is wrong with the first value that cannot be read.
    pub(super) fn read(self, index: usize) -> Result<MarkReportRow, String> {
        Ok(MarkReportRow {
            page: page_reference(self.page),
            state: self.state.into(),
            method: self.method,
            at: value(index, "at", self.at)?.map(|DateTime(at)| at),
            expires_on: value(index, "expiresOn", self.expires_on)?.map(|Date(day)| day),
        })
    }
}

impl AvailabilityReportRowInput {
    /// The row at an index of the input.
    ///
    /// # Errors
    /// What is wrong with the first value that cannot be read.
    pub(super) fn read(self, index: usize) -> Result<AvailabilityReportRow, String> {
        Ok(AvailabilityReportRow {
            page: page_reference(self.page),
            availability: self.availability.into(),
            checked_at: value(index, "checkedAt", self.checked_at)?.map(|DateTime(at)| at),
            new_handle: self.new_handle,
        })
    }
}

/// The value of an optional field of the row at an index.
fn value<T: InputType>(index: usize, name: &str, value: Option<Checked<T>>) -> Result<Option<T>, String> {
    let read = |Checked(value): Checked<T>| {
        let text =
            || format!("Invalid value at `input.rows[{index}].{name}`: {}.", scalar::form(&T::type_name()));
        value.map_err(|_| text())
    };
    value.map(read).transpose()
}
