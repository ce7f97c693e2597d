//! Tests against SQLite.

mod suite;
