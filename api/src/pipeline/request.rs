//! Requests of GraphQL over HTTP: GET with a query string, POST with a JSON object.

use std::sync::Arc;

use async_graphql::{
    Request as GraphqlRequest, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationType},
};
use axum::{
    body::Bytes,
    http::{HeaderValue, Method, header, request::Parts},
};
use serde_json::Value;

use super::{
    body_budget::BodyPermit,
    idempotency_key::MutationKey,
    parameters::{self, Parameters, RequestBody},
    request_error::RequestError,
    response::Accepts,
};
use crate::{
    document::{Document, Documents, LimitError, Limits, persisted::Persisted},
    error_code::ErrorCode,
};

/// A received request that is not parsed yet.
pub struct RawRequest {
    /// Media types that the client accepts.
    pub accepts: Accepts,
    /// Whether it was sent by GET or HEAD, in the query string.
    pub is_get: bool,
    /// The query string or the body.
    pub bytes: Bytes,
    /// Reserved memory of the body.
    pub(crate) _permit: Option<BodyPermit>,
}

/// A well-formed request: its document is parsed, and its method is allowed for its operation.
pub struct ParsedRequest {
    /// The request, with the default values of its variables, and without the document.
    pub request: GraphqlRequest,
    /// Whether the operation is a query.
    pub is_query: bool,
    /// The document.
    pub document: Arc<Document>,
    /// Maximum cost of the request, in points.
    pub cost: u64,
    /// The idempotency key of a mutation, if it has one.
    pub(crate) key: Option<MutationKey>,
}

/// Receives a request.
///
/// # Errors
/// When it accepts no supported media type, or its body cannot be received.
pub(crate) async fn receive(
    head: &Parts,
    body: impl RequestBody,
    limits: &Limits,
    permit: BodyPermit,
) -> Result<RawRequest, RequestError> {
    let Some(accepts) = Accepts::read(&head.headers) else {
        let text = "Responses are application/graphql-response+json or application/json; accept one of them.";
        return Err(RequestError::new(ErrorCode::NotAcceptable, text));
    };
    // HEAD is handled as GET; the body is omitted on sending.
    let is_get = head.method == Method::GET || head.method == Method::HEAD;
    let (bytes, permit) = if is_get {
        (Bytes::copy_from_slice(head.uri.query().unwrap_or_default().as_bytes()), permit)
    } else {
        parameters::body(&head.headers, body, limits.body, permit).await?
    };
    Ok(RawRequest { accepts, is_get, bytes, _permit: Some(permit) })
}

/// Parses a received request.
///
/// # Errors
/// When it is not a well-formed GraphQL request, or exceeds a limit.
pub fn read(
    received: &RawRequest,
    limits: &Limits,
    documents: &Documents,
    persisted: &Persisted,
) -> Result<ParsedRequest, RequestError> {
    let RawRequest { is_get, ref bytes, .. } = *received;
    let mut parameters = if is_get { Parameters::from_query(bytes)? } else { Parameters::from_body(bytes)? };
    let text = parameters.document(persisted)?;
    let document = documents.parse(&text, limits)?;
    // Some clients send an empty name for a document with one operation.
    parameters.operation_name = parameters.operation_name.filter(|name| !name.is_empty());
    let operation = operation_type(&document.parsed, parameters.operation_name.as_deref());
    has_operation(&document.parsed, parameters.operation_name.as_deref())?;
    if is_get && operation.is_some_and(|operation| operation != OperationType::Query) {
        let error =
            RequestError::new(ErrorCode::MethodNotAllowed, "Only queries may be sent by GET; use POST.");
        return Err(error.with_header(header::ALLOW, HeaderValue::from_static("POST")));
    }
    // The document is passed on parsed, so the text stays empty.
    let mut graphql = GraphqlRequest::new("");
    graphql.operation_name = parameters.operation_name;
    graphql.variables = Variables::from_json(Value::Object(parameters.variables.unwrap_or_default()));
    document.add_defaults(graphql.operation_name.as_deref(), &mut graphql.variables);
    let (name, values) = (graphql.operation_name.as_deref(), &graphql.variables);
    let cost = document.cost(name, values, limits).map_err(|error| match error {
        LimitError::Cost { .. } => {
            too_expensive(error, documents.largest_first(&text, name, (values, limits.cost)))
        }
        _ => error.into(),
    })?;
    let is_query = operation.is_none_or(|operation| operation == OperationType::Query);
    Ok(ParsedRequest { request: graphql, is_query, document, cost, key: None })
}

/// The error of a request that costs too much, with the list that dominates its cost and the largest `first` that fits.
fn too_expensive(error: LimitError, largest_first: Option<(String, u64)>) -> RequestError {
    match largest_first {
        Some((field, first)) => {
            RequestError::from(error).with_extension("field", field).with_extension("largestFirst", first)
        }
        None => error.into(),
    }
}

/// Checks that the document has the operation that a request names, or a single one if it names none.
fn has_operation(document: &ExecutableDocument, name: Option<&str>) -> Result<(), RequestError> {
    let text = match (&document.operations, name) {
        (DocumentOperations::Single(_), Some(_)) => {
            "The document has no operation with the name in `operationName`."
        }
        (DocumentOperations::Multiple(operations), Some(name)) if !operations.contains_key(name) => {
            "The document has no operation with the name in `operationName`."
        }
        (DocumentOperations::Multiple(operations), None) if operations.len() > 1 => {
            "The document has several operations; name the one to execute in `operationName`."
        }
        _ => return Ok(()),
    };
    Err(RequestError::of_document(ErrorCode::OperationResolutionFailure, text))
}

/// Type of the operation that a request executes; `None` if there is no such operation.
pub(crate) fn operation_type(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation.node.ty),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).map(|found| found.node.ty)
        }
        (DocumentOperations::Multiple(operations), None) => {
            let mut types = operations.values().map(|operation| operation.node.ty);
            // Several operations without a name are not executed; one that is not a query still forbids GET.
            types.find(|operation| *operation != OperationType::Query)
        }
    }
}
