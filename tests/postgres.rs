//! Tests against Postgres.

mod suite;
