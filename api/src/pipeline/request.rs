//! Requests as GraphQL over HTTP defines them: by GET in the query string, by POST as a JSON object.

use std::sync::Arc;

use async_graphql::{
    Request as GraphqlRequest, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationType},
};
use axum::{
    body::{Body, Bytes},
    http::{Method, Response, StatusCode, header, request::Parts},
};
use serde_json::Value;

use super::{
    body_budget::BodyRoom,
    parameters::{self, Asked, Parameters},
    response::{Accepts, refusal, refusal_with},
};
use crate::document::{
    Document, Documents, Limits, Refusal,
    persisted::{Persisted, Unknown},
};

/// A request as it came, not looked into yet.
pub struct Received {
    /// What the client accepts.
    pub accepts: Accepts,
    /// Whether it came by GET, in the query string.
    pub is_get: bool,
    /// The query string or the body.
    pub bytes: Bytes,
    /// Room that the body takes.
    pub(crate) _room: Option<BodyRoom>,
}

/// A request that is well-formed: its document is parsed, and its method fits its operation.
pub struct Read {
    /// What the client accepts.
    pub accepts: Accepts,
    /// The request, without its document.
    pub request: GraphqlRequest,
    /// Whether the operation only reads.
    pub is_query: bool,
    /// The document.
    pub document: Arc<Document>,
    /// Points that the request costs at most.
    pub cost: u64,
}

/// A refusal, ready to be sent.
pub type Refused = Box<Response<Body>>;

/// Receives a request.
///
/// # Errors
/// The refusal to send when it is none of the media types that we speak, too long, or takes too long to come.
pub(crate) async fn receive(
    head: &Parts,
    body: impl Asked,
    limits: &Limits,
    room: BodyRoom,
) -> Result<Received, Refused> {
    let Some(accepts) = Accepts::read(&head.headers) else {
        let text = "Answers are application/graphql-response+json or application/json; accept one of them.";
        return Err(refusal(Accepts::Anything, StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", text).into());
    };
    // What is asked by HEAD is answered as by GET, and the body left out.
    let is_get = head.method == Method::GET || head.method == Method::HEAD;
    let (bytes, room) = if is_get {
        (Bytes::copy_from_slice(head.uri.query().unwrap_or_default().as_bytes()), room)
    } else {
        parameters::body(accepts, &head.headers, body, limits.body, room).await?
    };
    Ok(Received { accepts, is_get, bytes, _room: Some(room) })
}

/// Reads what was received.
///
/// # Errors
/// The refusal to send when it is no well-formed GraphQL request, or does not keep the limits.
pub fn read(
    received: &Received,
    limits: &Limits,
    documents: &Documents,
    persisted: &Persisted,
) -> Result<Read, Refused> {
    let Received { accepts, is_get, ref bytes, .. } = *received;
    let mut parameters =
        if is_get { Parameters::from_query(accepts, bytes)? } else { Parameters::from_body(accepts, bytes)? };
    let refused = |refusal| refused(accepts, &refusal);
    let text = parameters.document(persisted).map_err(|unknown| not_known(accepts, unknown))?;
    let document = documents.parse(&text, limits).map_err(refused)?;
    let operation = operation_type(&document.parsed, parameters.operation_name.as_deref());
    if is_get && operation.is_some_and(|operation| operation != OperationType::Query) {
        let (status, text) = (StatusCode::METHOD_NOT_ALLOWED, "Only queries may be sent by GET; use POST.");
        return Err(refusal_with(accepts, status, "METHOD_NOT_ALLOWED", text, (header::ALLOW, "POST")).into());
    }
    // The document goes along parsed; nobody reads its text again.
    let mut graphql = GraphqlRequest::new("");
    graphql.operation_name = parameters.operation_name;
    graphql.variables = Variables::from_json(Value::Object(parameters.variables.unwrap_or_default()));
    let cost =
        document.cost(graphql.operation_name.as_deref(), &graphql.variables, limits).map_err(refused)?;
    let is_query = operation.is_none_or(|operation| operation == OperationType::Query);
    Ok(Read { accepts, request: graphql, is_query, document, cost })
}

/// Tells that a document is not to be had: clients that named one send it after all.
fn not_known(accepts: Accepts, unknown: Unknown) -> Refused {
    let status = match unknown {
        Unknown::NotSent => StatusCode::OK,
        Unknown::NotFound => StatusCode::NOT_FOUND,
        Unknown::Mismatch => StatusCode::BAD_REQUEST,
        Unknown::NotListed => StatusCode::FORBIDDEN,
    };
    refusal(accepts, status, unknown.code(), &unknown.to_string()).into()
}

/// Refuses a document that is not to be executed.
fn refused(accepts: Accepts, refused: &Refusal) -> Refused {
    // Clients of old take any other status for a fault of the transport.
    let status = if accepts == Accepts::Json { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    refusal(accepts, status, refused.code(), &refused.to_string()).into()
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
