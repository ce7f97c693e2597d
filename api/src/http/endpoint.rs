//! A schema as one endpoint serves it: documents are checked against it once.

use async_graphql::{EmptySubscription, ObjectType, Schema, Variables, registry::Registry};

use super::{
    document::{Document, Documents},
    variables,
};

/// A schema twice: with and without the check of documents.
pub struct Endpoint<Q, M> {
    strict: Schema<Q, M, EmptySubscription>,
    fast: Schema<Q, M, EmptySubscription>,
    types: Registry,
    documents: Documents,
}

impl<Q: ObjectType + 'static, M: ObjectType + 'static> Endpoint<Q, M> {
    /// An endpoint of a schema that checks documents, of the same one that does not, and of the types of variables.
    pub fn new(
        strict: Schema<Q, M, EmptySubscription>,
        fast: Schema<Q, M, EmptySubscription>,
        types: Registry,
    ) -> Self {
        Self { strict, fast, types, documents: Documents::default() }
    }

    /// Documents that were sent to this endpoint.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The schema to execute a document on, and whether it checks the document.
    pub(super) fn schema(
        &self,
        document: &Document,
        values: &Variables,
    ) -> (&Schema<Q, M, EmptySubscription>, bool) {
        match document.valid_with() {
            Some(declared) if variables::fit(&self.types, declared, values) => (&self.fast, false),
            _ => (&self.strict, true),
        }
    }
}
