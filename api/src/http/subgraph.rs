//! `/subgraph`: the registry as an Apollo Federation subgraph.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Request as GraphqlRequest,
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Value};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Response, header, request::Parts},
};

use crate::{
    app::App,
    auth::credentials,
    error_code::ErrorCode,
    graphql::kit::context::Caller,
    pipeline::{
        answer::answer, caller::RequestContext, request::ParsedRequest, request_error::RequestError,
        response::Accepts, security_headers, service::GraphqlService,
    },
};

/// Maximum number of entities per request.
const MAX_REPRESENTATIONS: usize = 1_000;

/// Handles a request of a federation router.
pub async fn subgraph(State(app): State<App>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let answered = answer_client(&app, (&head, body)).await;
    let mut response = answered.unwrap_or_else(|error| error.render(Accepts::of(&head.headers)));
    response.headers_mut().append(header::VARY, HeaderValue::from_static("X-Registry-Authorization"));
    security_headers::plain_data(response)
}

/// Handles a request of a router for its client, which has the limits and rights that it has with its key alone.
async fn answer_client(app: &App, (head, body): (&Parts, Body)) -> Result<Response<Body>, RequestError> {
    credentials::gateway(app, &head.headers)?;
    let client = credentials::optional(app, &head.headers, credentials::FORWARDED).await?;
    let service = app.service();
    let context = RequestContext::behind_router(service, client.as_ref(), &head.headers)
        .with_document_of_router(service);
    let as_client = |mut read: ParsedRequest| {
        if representations(&read.document.parsed, &read.request) > MAX_REPRESENTATIONS {
            let text = format!("Look up at most {MAX_REPRESENTATIONS} entities in one request.");
            return Err(RequestError::new(ErrorCode::RepresentationsLimit, text));
        }
        if let Some(client) = client {
            read.request = read.request.data(Caller(client));
        }
        Ok(read)
    };
    Ok(answer(service, GraphqlService::subgraph, context, (head, body), as_client).await)
}

/// Number of representations that the operation of a request passes to `_entities`.
fn representations(document: &ExecutableDocument, request: &GraphqlRequest) -> usize {
    let wanted = request.operation_name.as_deref();
    let mut operations = document.operations.iter();
    let operation = operations.find(|(name, _)| wanted.is_none() || name.map(Name::as_str) == wanted);
    let length = |name: &Name| match request.variables.get(name) {
        Some(ConstValue::List(items)) => items.len(),
        _ => 0,
    };
    operation.map_or(0, |(_, operation)| {
        in_selections(&operation.node.selection_set.node, &document.fragments, &length)
    })
}

/// Number of representations at the root of a selection; deeper fields named `_entities` do not exist. `length` gives the
/// number of items of a variable.
fn in_selections(
    selections: &SelectionSet,
    fragments: &HashMap<Name, Positioned<FragmentDefinition>>,
    length: &impl Fn(&Name) -> usize,
) -> usize {
    let counts = selections.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) if field.node.name.node == "_entities" => {
            match field.node.get_argument("representations").map(|argument| &argument.node) {
                Some(Value::List(items)) => items.len(),
                Some(Value::Variable(name)) => length(name),
                _ => 0,
            }
        }
        Selection::InlineFragment(fragment) => {
            in_selections(&fragment.node.selection_set.node, fragments, length)
        }
        Selection::FragmentSpread(spread) => {
            let fragment = fragments.get(&spread.node.fragment_name.node);
            fragment.map_or(0, |it| in_selections(&it.node.selection_set.node, fragments, length))
        }
        Selection::Field(_) => 0,
    });
    counts.sum()
}
