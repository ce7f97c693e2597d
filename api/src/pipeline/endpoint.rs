//! A schema as one endpoint serves it: documents are checked against it once.

use std::sync::Arc;

use async_graphql::{Executor, Variables, registry::Registry};

use crate::document::{Document, Documents, FieldPolicies};

/// A schema twice: with and without the check of documents.
pub struct Endpoint<E> {
    strict: E,
    fast: E,
    documents: Documents,
}

impl<E: Executor> Endpoint<E> {
    /// An endpoint of a schema that checks documents, of the same one that does not, and of the types and field policies
    /// of both.
    pub fn new(strict: E, fast: E, (types, policies): (Arc<Registry>, Arc<FieldPolicies>)) -> Self {
        Self { strict, fast, documents: Documents::new(types, policies) }
    }

    /// Documents that were sent to this endpoint.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The schema to execute a document on, and whether it checks the document.
    pub(crate) fn schema(&self, document: &Document, values: &Variables) -> (&E, bool) {
        if self.documents.fits(document, values) { (&self.fast, false) } else { (&self.strict, true) }
    }
}
