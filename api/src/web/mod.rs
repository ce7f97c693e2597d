//! Web pages for people.

pub mod start;
