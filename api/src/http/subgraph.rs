//! `/subgraph`: the registry as an Apollo Federation subgraph.

use async_graphql::{
    Name, Request as GraphqlRequest,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Value};
use axum::{
    body::Body,
    extract::{Request, State},
    http::Response,
};

use crate::{
    app::App,
    auth::credentials,
    error_code::ErrorCode,
    pipeline::{
        answer::answer, caller::RequestContext, request::ParsedRequest, request_error::RequestError,
        response::Accepts, security_headers, service::GraphqlService,
    },
};

/// Maximum number of entities per request.
const MAX_REPRESENTATIONS: usize = 1_000;

/// Handles a request of a federation router.
pub async fn subgraph(State(app): State<App>, request: Request) -> Response<Body> {
    let (service, (head, body)) = (app.service(), request.into_parts());
    if let Err(error) = credentials::gateway(&app, &head.headers) {
        return security_headers::plain_data(error.render(Accepts::of(&head.headers)));
    }
    let check = |read: ParsedRequest| {
        if representations(&read.document.parsed, &read.request) <= MAX_REPRESENTATIONS {
            return Ok(read);
        }
        let text = format!("Look up at most {MAX_REPRESENTATIONS} entities in one request.");
        Err(RequestError::new(ErrorCode::RepresentationsLimit, text))
    };
    security_headers::plain_data(
        answer(service, GraphqlService::subgraph, RequestContext::gateway(service), (&head, body), check)
            .await,
    )
}

/// Number of representations that a request passes to `_entities`.
fn representations(document: &ExecutableDocument, request: &GraphqlRequest) -> usize {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let length = |name: &Name| match request.variables.get(name) {
        Some(ConstValue::List(items)) => items.len(),
        _ => 0,
    };
    operations.chain(fragments).map(|selections| in_selections(selections, &length)).sum()
}

/// Number of representations at the root of a selection; deeper fields named `_entities` do not exist. `length` gives the
/// number of items of a variable.
fn in_selections(selections: &SelectionSet, length: &impl Fn(&Name) -> usize) -> usize {
    let counts = selections.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) if field.node.name.node == "_entities" => {
            match field.node.get_argument("representations").map(|argument| &argument.node) {
                Some(Value::List(items)) => items.len(),
                Some(Value::Variable(name)) => length(name),
                _ => 0,
            }
        }
        Selection::InlineFragment(fragment) => in_selections(&fragment.node.selection_set.node, length),
        Selection::Field(_) | Selection::FragmentSpread(_) => 0,
    });
    counts.sum()
}
