//! Attribution of the data in exported files.

/// Licence of data whose licence is not set.
pub const NOT_STATED: &str = "not stated";

/// Source and licence of the data.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    /// Name of the registry.
    pub source: String,
    /// Licence of the data.
    pub licence: String,
}
