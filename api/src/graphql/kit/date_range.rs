//! Ranges of whole days.

use async_graphql::InputObject;
use chrono::{Datelike, NaiveDate};

use super::scalar::Date;
use crate::graphql::error::{Error, Result};

/// Years that a period may lie in.
pub(crate) const YEARS: std::ops::RangeInclusive<i32> = 1990..=2200;

/// Inclusive range of days in the registry's time zone. In filters, a null end is unbounded; as a required `period`, `from` is
/// required, too, and a null `to` is today.
#[derive(Clone, Copy, InputObject)]
pub struct DateRange {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

impl DateRange {
    /// First and last day of a period.
    ///
    /// # Errors
    /// If there is no first day, the last day is before it, or a day is outside of the years 1990 to 2200.
    pub fn span(self, today: NaiveDate) -> Result<(NaiveDate, NaiveDate)> {
        if self.from.is_none() {
            return Err(Error::BadInput(
                "`period.from` is missing: give the first day of the period.".into(),
            ));
        }
        let (from, to) = Self { to: self.to.or(Some(Date(today))), ..self }.bounds()?;
        if !YEARS.contains(&from.year()) || !YEARS.contains(&to.year()) {
            let text = format!("`period` must lie in the years {} to {}.", YEARS.start(), YEARS.end());
            return Err(Error::BadInput(text));
        }
        Ok((from, to))
    }

    /// First and last day of a period whose null ends are unbounded.
    ///
    /// # Errors
    /// If the last day is before the first.
    pub fn bounds(self) -> Result<(NaiveDate, NaiveDate)> {
        let from = self.from.map_or(NaiveDate::MIN, |Date(from)| from);
        let to = self.to.map_or(NaiveDate::MAX, |Date(to)| to);
        if to < from {
            return Err(Error::BadInput("`period.to` must not be before `period.from`.".into()));
        }
        Ok((from, to))
    }
}
