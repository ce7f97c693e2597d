//! Results of checks of a page: of its address, and of its feedback widget.

use chrono::{DateTime, Datelike, Utc};
use entities::page::{Availability, Widget};

use super::{
    act::CheckResult,
    draft::PageDraft,
    error::{PageError, PageErrorCode as Code},
};
use crate::{model::CLOCK_DIFFERENCE, provenance::PageFieldName};

/// First year of checks.
const FIRST_YEAR: i32 = 1990;

impl PageDraft<'_> {
    /// Records a check of the address.
    pub(super) fn record_availability(&mut self, check: CheckResult<Availability>) -> Result<(), PageError> {
        if check.state == Availability::Unknown {
            let text = "`UNKNOWN` is no result: it is the state of a page that was never checked.";
            return Err(PageError::invalid(text, "state"));
        }
        let at = self.checked_at(check.checked_at, self.page.availability_checked_at)?;
        self.set(PageFieldName::Availability, |page| &mut page.availability, check.state)?;
        self.page.availability_checked_at = Some(at);
        Ok(())
    }

    /// Records a check of the feedback widget.
    pub(super) fn record_widget(&mut self, check: CheckResult<Widget>) -> Result<(), PageError> {
        let at = self.checked_at(check.checked_at, self.page.widget_checked_at)?;
        self.set(PageFieldName::Widget, |page| &mut page.widget, check.state)?;
        self.page.widget_checked_at = Some(at);
        Ok(())
    }

    /// Timestamp of a check, which is not before that of the `last` one.
    fn checked_at(
        &self,
        given: Option<DateTime<Utc>>,
        last: Option<DateTime<Utc>>,
    ) -> Result<DateTime<Utc>, PageError> {
        let at = given.unwrap_or(self.at);
        if at > self.at + CLOCK_DIFFERENCE || at.year() < FIRST_YEAR {
            let text = format!("The time of a check is from {FIRST_YEAR} on, and not in the future.");
            return Err(PageError::invalid(text, "checkedAt"));
        }
        let at = at.min(self.at);
        match last.filter(|last| at < *last) {
            Some(last) => {
                let text = format!("The registry has a later check, of {}.", last.to_rfc3339());
                Err(PageError::new(Code::OlderThanKnown, text, "checkedAt").about(self.page.id))
            }
            None => Ok(at),
        }
    }
}
