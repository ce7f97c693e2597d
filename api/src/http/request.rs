//! Requests as GraphQL over HTTP defines them: by GET in the query string, by POST as a JSON object.

use std::sync::Arc;

use async_graphql::{
    Request as GraphqlRequest, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationType},
};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, Response, StatusCode, header},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::response::{Accepts, refusal, refusal_with};
use crate::document::{Document, Documents, Limits, Refusal};

/// Parameters of a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: String,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    #[serde(rename = "extensions")]
    _extensions: Option<Map<String, Value>>,
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

/// Reads a request.
///
/// # Errors
/// The refusal to send when it is no well-formed GraphQL request, or does not keep the limits.
pub async fn read(request: Request, limits: &Limits, documents: &Documents) -> Result<Read, Refused> {
    let Some(accepts) = Accepts::read(request.headers()) else {
        let text = "Answers are application/graphql-response+json or application/json; accept one of them.";
        return Err(refusal(Accepts::Anything, StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", text).into());
    };
    let is_get = request.method() == Method::GET;
    let parameters = if is_get {
        from_query(accepts, request.uri().query().unwrap_or_default())?
    } else {
        from_body(accepts, request, limits.body).await?
    };
    let refused = |refusal| refused(accepts, &refusal);
    let document = documents.parse(&parameters.query, limits).map_err(refused)?;
    let operation = operation_type(&document.parsed, parameters.operation_name.as_deref());
    if is_get && operation.is_some_and(|operation| operation != OperationType::Query) {
        let (status, text) = (StatusCode::METHOD_NOT_ALLOWED, "Only queries may be sent by GET; use POST.");
        return Err(refusal_with(accepts, status, "METHOD_NOT_ALLOWED", text, (header::ALLOW, "POST")).into());
    }
    let mut graphql = GraphqlRequest::new(parameters.query);
    graphql.operation_name = parameters.operation_name;
    graphql.variables = Variables::from_json(Value::Object(parameters.variables.unwrap_or_default()));
    let cost =
        document.cost(graphql.operation_name.as_deref(), &graphql.variables, limits).map_err(refused)?;
    let is_query = operation.is_none_or(|operation| operation == OperationType::Query);
    Ok(Read { accepts, request: graphql, is_query, document, cost })
}

fn bad_request(accepts: Accepts, code: &str, text: &str) -> Refused {
    refusal(accepts, StatusCode::BAD_REQUEST, code, text).into()
}

fn from_query(accepts: Accepts, query: &str) -> Result<Parameters, Refused> {
    let mut parameters = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = match &*name {
            "query" | "operationName" => Value::String(value.into_owned()),
            "variables" | "extensions" => serde_json::from_str(&value).map_err(|_| {
                bad_request(accepts, "BAD_REQUEST", &format!("`{name}` must be a JSON object."))
            })?,
            _ => continue,
        };
        parameters.insert(name.into_owned(), value);
    }
    well_formed(accepts, Value::Object(parameters))
}

async fn from_body(accepts: Accepts, request: Request, limit: usize) -> Result<Parameters, Refused> {
    if !is_json(request.headers()) {
        let (status, text) =
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send the request as application/json in UTF-8.");
        return Err(refusal(accepts, status, "UNSUPPORTED_MEDIA_TYPE", text).into());
    }
    let Ok(body) = to_bytes(request.into_body(), limit).await else {
        let text = format!("The request is larger than {limit} bytes, or broke off.");
        return Err(refusal(accepts, StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", &text).into());
    };
    match serde_json::from_slice(&body) {
        Ok(Value::Array(_)) => Err(bad_request(accepts, "BATCH_LIMIT", "Send one operation a request.")),
        Ok(value) => well_formed(accepts, value),
        Err(_) => Err(bad_request(accepts, "BAD_REQUEST", "The body is not JSON.")),
    }
}

fn well_formed(accepts: Accepts, value: Value) -> Result<Parameters, Refused> {
    serde_json::from_value(value).map_err(|_| {
        let text = "The request needs `query` (text), and may have `operationName` (text), `variables` and \
                    `extensions` (objects).";
        bad_request(accepts, "BAD_REQUEST", text)
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/json")
        && parts
            .filter_map(|part| part.strip_prefix("charset=").map(str::to_owned))
            .all(|set| set.contains("utf-8"))
}

/// Refuses a document that is not to be executed.
fn refused(accepts: Accepts, refused: &Refusal) -> Refused {
    let status = match (accepts, refused) {
        // Clients of old take any other status for a fault of the transport.
        (Accepts::Json, _) => StatusCode::OK,
        (_, Refusal::MissingValue(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::BAD_REQUEST,
    };
    refusal(accepts, status, refused.code(), &refused.to_string()).into()
}

fn operation_type(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
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
