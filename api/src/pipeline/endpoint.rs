//! The schema of one endpoint; each document is validated against it once.

use std::sync::Arc;

use async_graphql::{Executor, Variables, registry::Registry};

use crate::document::{Document, Documents, FieldPolicies};

/// A schema with and without validation of documents, and its document cache.
pub struct Endpoint<E> {
    strict: E,
    fast: E,
    documents: Documents,
}

impl<E: Executor> Endpoint<E> {
    /// An endpoint of a schema that validates documents, the same schema without validation, its types and field policies.
    pub fn new(strict: E, fast: E, (types, policies): (Arc<Registry>, Arc<FieldPolicies>)) -> Self {
        Self { strict, fast, documents: Documents::new(types, policies) }
    }

    /// The document cache of this endpoint.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The schema to execute a document on, and whether it validates the document.
    pub(crate) fn schema(&self, document: &Document, values: &Variables) -> (&E, bool) {
        if self.documents.fits(document, values) { (&self.fast, false) } else { (&self.strict, true) }
    }
}
