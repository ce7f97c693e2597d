//! HTML pages.

pub(crate) mod start;
