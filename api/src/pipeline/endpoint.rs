//! The schema of one endpoint; each document is validated against it once.

use std::sync::Arc;

use async_graphql::{Executor, Request, Response, Variables, registry::Registry};

use crate::{
    document::{Document, Documents, Explanations, FieldPolicies, LimitError, Limits},
    graphql::error,
};

/// Beginning of async-graphql's message on a valid document that lacks the requested operation.
const UNKNOWN_OPERATION: &str = "Unknown operation named";
/// Beginning of async-graphql's messages on fields that cannot be merged, of which it finds a part.
const CONFLICT: &str = "Fields \"";
/// async-graphql's message on what [`crate::document`] refuses as a field of introspection.
const SUBSCRIBED_TYPENAME: &str = "Unknown field \"__typename\" on type \"Subscription\".";

/// A schema with and without validation of documents, and its document cache.
pub struct Endpoint<E> {
    strict: E,
    fast: E,
    documents: Documents,
    explanations: Arc<Explanations>,
}

impl<E: Executor> Endpoint<E> {
    /// An endpoint of a schema that validates documents, and the same schema without validation; the types in it, and the types
    /// and field policies of all endpoints.
    pub fn new(
        (strict, fast): (E, E),
        own_types: Arc<Registry>,
        (types, policies): (Arc<Registry>, Arc<FieldPolicies>),
    ) -> Self {
        let explanations = Arc::new(Explanations::new(own_types));
        Self { strict, fast, documents: Documents::new(types, policies), explanations }
    }

    /// Explanations of the errors of this endpoint's documents.
    pub fn explanations(&self) -> &Arc<Explanations> {
        &self.explanations
    }

    /// The document cache of this endpoint.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// Why a document is not valid for this schema; `None` if it is. Limits are left to its requests.
    pub(crate) async fn problem(&self, text: &str, limits: &Limits) -> Option<String> {
        let document = match self.documents.parse(text, limits) {
            Err(error @ (LimitError::Syntax(_) | LimitError::Escape(_) | LimitError::Names { .. })) => {
                return Some(error.to_string());
            }
            Err(_) => return None,
            Ok(document) => document,
        };
        let errors = error::present(self.validate(document).await).errors;
        errors.into_iter().next().map(|error| error.message)
    }

    /// All errors of a document for this schema, without executing it.
    pub(crate) fn validate(&self, document: Arc<Document>) -> impl Future<Output = Response> + Send + use<E> {
        let strict = self.strict.clone();
        async move {
            // No operation has the empty name: the document is validated, and not executed.
            let mut request = Request::new("").operation_name("");
            request.set_parsed_query(document.parsed.clone());
            let mut response = strict.execute(request).await;
            response.errors.retain(|error| {
                let is_known = error.message.starts_with(CONFLICT) || error.message == SUBSCRIBED_TYPENAME;
                let is_repeated = is_known && !document.errors.is_empty();
                !is_repeated && !error.message.starts_with(UNKNOWN_OPERATION)
            });
            response.errors.extend_from_slice(&document.errors);
            response
        }
    }

    /// The schema to execute a document on, and whether it validates the document.
    pub(crate) fn schema(&self, document: &Document, values: &Variables) -> (&E, bool) {
        if self.documents.fits(document, values) { (&self.fast, false) } else { (&self.strict, true) }
    }
}
