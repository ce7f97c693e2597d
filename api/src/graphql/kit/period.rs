//! Periods of whole days.

use async_graphql::InputObject;
use chrono::{Datelike, NaiveDate};

use super::scalar::Date;
use crate::graphql::error::{Error, Result};

/// Years that a period may lie in.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2200;

/// Inclusive range of days in the registry's time zone.
#[derive(Clone, Copy, InputObject)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Period {
    /// First and last day.
    ///
    /// # Errors
    /// If the last day is before the first, or a day is outside of the years 1990 to 2200.
    pub fn span(self) -> Result<(NaiveDate, NaiveDate)> {
        let Self { from: Date(from), to: Date(to) } = self;
        if to < from {
            return Err(Error::BadInput("`period.to` must not be before `period.from`.".into()));
        }
        if !YEARS.contains(&from.year()) || !YEARS.contains(&to.year()) {
            let text = format!("`period` must lie in the years {} to {}.", YEARS.start(), YEARS.end());
            return Err(Error::BadInput(text));
        }
        Ok((from, to))
    }
}
