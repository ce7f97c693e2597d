//! What errors of the library do not tell: the path of a value that cannot be read, and names that may have been meant.

use std::sync::Arc;

use async_graphql::{ServerError, Variables, registry::Registry};

use super::{cache::Document, suggestions, unreadable_values};

/// Explains errors of the documents of one endpoint.
pub struct Explanations {
    types: Arc<Registry>,
}

impl Explanations {
    /// Explanations of errors at an endpoint whose schema has these types; it can be introspected by all who may send it
    /// a document.
    pub fn new(types: Arc<Registry>) -> Self {
        Self { types }
    }

    /// Types of the endpoint's schema.
    pub fn types(&self) -> &Registry {
        &self.types
    }

    /// Completes the messages of the library's errors in the response to a document with these variables. Errors of resolvers
    /// stay as they are.
    pub fn add(&self, document: &Document, values: &Variables, errors: &mut [ServerError]) {
        unreadable_values::explain(document, &self.types, values, errors);
        suggestions::add(&self.types, errors);
    }
}
