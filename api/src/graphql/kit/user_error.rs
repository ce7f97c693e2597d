//! What mutations answer beside their results.

use async_graphql::SimpleObject;

/// A mistake in the input as a whole.
#[derive(SimpleObject)]
pub struct UserError {
    /// Stable code of the mistake.
    pub code: String,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input.
    pub field: Vec<String>,
}

impl UserError {
    /// A mistake in a field of the input.
    pub fn new(code: &str, message: impl Into<String>, field: &str) -> Self {
        Self { code: code.to_owned(), message: message.into(), field: vec!["input".into(), field.to_owned()] }
    }
}
