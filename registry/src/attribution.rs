//! Where the data comes from, which every file says.

/// Where the data comes from and what may be done with it.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    /// Name of the registry.
    pub source: String,
    /// Licence of the data.
    pub licence: String,
}
