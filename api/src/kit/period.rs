//! Periods of days.

use async_graphql::InputObject;
use chrono::NaiveDate;

use super::scalar::Date;
use crate::error::{Error, Result};

/// Days from one to another, in UTC, both included.
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
    /// When the last one is before the first one.
    pub fn span(self) -> Result<(NaiveDate, NaiveDate)> {
        let Self { from: Date(from), to: Date(to) } = self;
        if to < from {
            return Err(Error::BadInput("`period.to` must not be before `period.from`.".into()));
        }
        Ok((from, to))
    }
}
