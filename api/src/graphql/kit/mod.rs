//! Types and helpers shared by all folders of the schema.

pub(crate) mod async_fields;
pub(crate) mod checked;
pub(crate) mod connection;
pub mod context;
pub(crate) mod date_range;
pub(crate) mod dependencies;
pub mod field_policy;
pub(crate) mod filter;
pub(crate) mod group;
pub(crate) mod id;
pub(crate) mod keys;
pub(crate) mod order;
pub(crate) mod part;
pub(crate) mod policy;
pub(crate) mod reference;
pub(crate) mod restored;
pub(crate) mod scalar;
pub(crate) mod sequential;
pub(crate) mod similar;
pub(crate) mod write;
