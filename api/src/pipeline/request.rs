//! Requests as GraphQL over HTTP defines them: by GET in the query string, by POST as a JSON object.

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
    parameters::{self, Asked, Parameters},
    request_error::RequestError,
    response::Accepts,
};
use crate::{
    document::{Document, Documents, Limits, persisted::Persisted},
    error_code::ErrorCode,
};

/// A request as it came, not looked into yet.
pub struct RawRequest {
    /// What the client accepts.
    pub accepts: Accepts,
    /// Whether it came by GET, in the query string.
    pub is_get: bool,
    /// The query string or the body.
    pub bytes: Bytes,
    /// Room that the body takes.
    pub(crate) _room: Option<BodyPermit>,
}

/// A request that is well-formed: its document is parsed, and its method fits its operation.
pub struct ParsedRequest {
    /// The request, without its document.
    pub request: GraphqlRequest,
    /// Whether the operation only reads.
    pub is_query: bool,
    /// The document.
    pub document: Arc<Document>,
    /// Points that the request costs at most.
    pub cost: u64,
}

/// Receives a request.
///
/// # Errors
/// When it wants none of the media types that we speak, is too long, or takes too long to come.
pub(crate) async fn receive(
    head: &Parts,
    body: impl Asked,
    limits: &Limits,
    room: BodyPermit,
) -> Result<RawRequest, RequestError> {
    let Some(accepts) = Accepts::read(&head.headers) else {
        let text = "Answers are application/graphql-response+json or application/json; accept one of them.";
        return Err(RequestError::new(ErrorCode::NotAcceptable, text));
    };
    // What is asked by HEAD is answered as by GET, and the body left out.
    let is_get = head.method == Method::GET || head.method == Method::HEAD;
    let (bytes, room) = if is_get {
        (Bytes::copy_from_slice(head.uri.query().unwrap_or_default().as_bytes()), room)
    } else {
        parameters::body(&head.headers, body, limits.body, room).await?
    };
    Ok(RawRequest { accepts, is_get, bytes, _room: Some(room) })
}

/// Reads what was received.
///
/// # Errors
/// When it is no well-formed GraphQL request, or exceeds a limit.
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
    let operation = operation_type(&document.parsed, parameters.operation_name.as_deref());
    has_operation(&document.parsed, parameters.operation_name.as_deref())?;
    if is_get && operation.is_some_and(|operation| operation != OperationType::Query) {
        let error =
            RequestError::new(ErrorCode::MethodNotAllowed, "Only queries may be sent by GET; use POST.");
        return Err(error.with_header(header::ALLOW, HeaderValue::from_static("POST")));
    }
    // The document goes along parsed; nobody reads its text again.
    let mut graphql = GraphqlRequest::new("");
    graphql.operation_name = parameters.operation_name;
    graphql.variables = Variables::from_json(Value::Object(parameters.variables.unwrap_or_default()));
    let cost = document.cost(graphql.operation_name.as_deref(), &graphql.variables, limits)?;
    let is_query = operation.is_none_or(|operation| operation == OperationType::Query);
    Ok(ParsedRequest { request: graphql, is_query, document, cost })
}

/// Whether the document has the operation that a request names, or one alone where it names none.
fn has_operation(document: &ExecutableDocument, name: Option<&str>) -> Result<(), RequestError> {
    let text = match (&document.operations, name) {
        (DocumentOperations::Multiple(operations), Some(name)) if !operations.contains_key(name) => {
            "The document has no operation of the name in `operationName`."
        }
        (DocumentOperations::Multiple(operations), None) if operations.len() > 1 => {
            "The document has several operations; say in `operationName` which one to execute."
        }
        _ => return Ok(()),
    };
    Err(RequestError::of_document(ErrorCode::OperationResolutionFailure, text))
}

/// What kind of operation a request names, if it names one.
pub(crate) fn operation_type(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation.node.ty),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).map(|found| found.node.ty)
        }
        (DocumentOperations::Multiple(operations), None) => {
            let mut types = operations.values().map(|operation| operation.node.ty);
            // Without a name nothing will run; a mutation among them makes the method wrong all the same.
            types.find(|operation| *operation != OperationType::Query)
        }
    }
}
