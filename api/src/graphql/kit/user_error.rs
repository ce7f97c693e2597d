//! Errors in the payloads of mutations.

use async_graphql::SimpleObject;

/// Error in the input of a mutation as a whole.
#[derive(SimpleObject)]
pub struct UserError {
    /// Stable code of the error.
    pub code: String,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input.
    pub field: Vec<String>,
}

impl UserError {
    /// Error in a field of the input.
    pub fn new(code: &str, message: impl Into<String>, field: &str) -> Self {
        Self { code: code.to_owned(), message: message.into(), field: vec!["input".into(), field.to_owned()] }
    }
}
