//! A subscription on a WebSocket.

use async_graphql::parser::types::OperationType;
use axum::body::Bytes;
use chrono::Utc;
use futures_util::StreamExt;
use registry::{api_client::AuthenticatedClient, view::View, worker_pool::Meter};
use serde_json::Value;
use tokio::sync::mpsc::Sender;

use crate::{
    error_code::ErrorCode,
    graphql::{error, kit::context::Caller},
    pipeline::{
        answer::REJECTED_COST,
        caller::RequestContext,
        execution,
        finish::add_cost,
        json,
        request::{self, ParsedRequest, RawRequest},
        request_error::RequestError,
        response::Accepts,
        service::GraphqlService,
    },
};

/// Event of an operation.
pub(super) enum Event {
    /// A response as JSON.
    Next(Vec<u8>),
    /// It has ended with these errors.
    Error(Value),
    /// It has ended.
    Complete,
}

/// An event with the id and number of its operation; ids can be reused, numbers are unique on a WebSocket.
pub(super) type OperationEvent = (String, u64, Event);

/// Runs a subscription until it ends, or the session is closed.
pub(super) async fn follow(
    service: GraphqlService,
    client: AuthenticatedClient,
    request: Value,
    (id, number): (String, u64),
    socket: Sender<OperationEvent>,
) {
    let sender = EventSender { id, number, socket };
    let end = match run(&service, client, &request, &sender).await {
        Ok(()) => Event::Complete,
        Err(errors) => Event::Error(errors),
    };
    sender.send(end).await;
}

/// Sends the events of an operation to its session.
struct EventSender {
    id: String,
    number: u64,
    socket: Sender<OperationEvent>,
}

impl EventSender {
    /// Sends an event, waiting while the queue is full; `false` if the session is closed.
    async fn send(&self, event: Event) -> bool {
        self.socket.send((self.id.clone(), self.number, event)).await.is_ok()
    }
}

/// Sends the responses. Each costs its actual cost; the next one starts once there are points for the maximum cost.
///
/// # Errors
/// Those that end the subscription.
async fn run(
    service: &GraphqlService,
    client: AuthenticatedClient,
    request: &Value,
    sender: &EventSender,
) -> Result<(), Value> {
    // The key may have been revoked, or may have expired, since the WebSocket was opened.
    let client = client.renewed(&service.registry().snapshot(), Utc::now()).ok_or_else(no_longer_valid)?;
    let context = RequestContext::client(service, &client);
    let read = read_and_charge(service, &context, request).await?;
    check_operation(&read)?;
    let expensive = read.document.expensive(read.request.operation_name.as_deref(), &read.request.variables);
    let cost = read.cost;
    if let Err(throttled) = context.take(service, cost).await {
        return Err(context.policy.throttled(&throttled).errors());
    }
    let view = View::new(service.registry().snapshot(), context.viewer);
    let read = ParsedRequest { request: read.request.data(Caller(client.clone())), ..read };
    let mut answers = Box::pin(execution::follow(service.private(), service, read, view));
    while let Some(response) = answers.next().await {
        let mut response = error::present(response);
        // The only subscription field is non-null: without data, the stream has ended.
        if response.is_err() && response.data == async_graphql::Value::Null {
            return Err(serde_json::to_value(&response.errors).unwrap_or_default());
        }
        let actual = add_cost(&mut response, cost, &expensive);
        service.rate_limiter().refund(context.client_key, context.quota(), cost - actual);
        let answer = json::of_response(&response);
        let answer = answer.map_err(|error| RequestError::internal(&error.to_string()).errors())?;
        if !sender.send(Event::Next(answer)).await {
            return Ok(());
        }
        while let Err(throttled) = context.take(service, cost).await {
            tokio::time::sleep(throttled.retry_after).await;
        }
    }
    Ok(())
}

/// Errors of a subscription whose key is no longer valid.
fn no_longer_valid() -> Value {
    let error = error::Error::Unauthenticated;
    RequestError::new(error.code(), error.to_string()).errors()
}

/// Parses the request, and charges the time for it.
///
/// # Errors
/// When it is not a valid request, which costs points too.
async fn read_and_charge(
    service: &GraphqlService,
    context: &RequestContext<'_>,
    request: &Value,
) -> Result<ParsedRequest, Value> {
    let meter = Meter::default();
    let read = meter.count_now(|| read(service, context, request));
    service.rate_limiter().charge(context.client_key, context.quota(), service.points_for(meter.used()));
    match read {
        Ok(read) => Ok(read),
        Err(error) => {
            let _ = context.take(service, REJECTED_COST).await;
            Err(error.errors())
        }
    }
}

/// Checks that the operation is a subscription; validation checks that it has one root field.
fn check_operation(read: &ParsedRequest) -> Result<(), Value> {
    let name = read.request.operation_name.as_deref();
    if request::operation_type(&read.document.parsed, name) != Some(OperationType::Subscription) {
        let text = "Only subscriptions are allowed on a WebSocket; send other operations by POST.";
        return Err(RequestError::new(ErrorCode::BadRequest, text).errors());
    }
    Ok(())
}

fn read(
    service: &GraphqlService,
    context: &RequestContext<'_>,
    request: &Value,
) -> Result<ParsedRequest, RequestError> {
    let bytes = Bytes::from(request.to_string());
    let received = RawRequest { accepts: Accepts::Graphql, is_get: false, bytes, _permit: None };
    request::read(&received, context.limits, service.private().documents(), service.persisted())
}
