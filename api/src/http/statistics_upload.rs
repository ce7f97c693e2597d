//! `POST /statistics`: bulk upload of statistics as CSV or NDJSON.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Response, header},
};
use registry::{
    change_log::Actor,
    model::Scope,
    statistics::{
        Sender,
        bulk_load::{self, FileFault, Form, Input, Summary},
    },
};
use tokio_util::io::{StreamReader, SyncIoBridge};

use crate::{
    app::App,
    auth::credentials,
    error_code::ErrorCode,
    graphql::error,
    pipeline::{
        caller::RequestContext,
        metered::Metered,
        parameters::is_encoded,
        read_your_writes,
        request_error::RequestError,
        response::Accepts,
        uploads::{self, Cut, LIMIT, NoPermit},
    },
};

/// Points that an upload costs.
const POINTS: u64 = 10;
/// Timeout of one transaction of the upload: a day of a whole country takes ten seconds.
const PATIENCE: Duration = Duration::from_secs(120);
/// Maximum number of rejected rows listed in the response.
const MAX_REPORTED: usize = 1_000;

/// Ingests uploaded statistics and returns a summary.
pub async fn load(State(app): State<App>, request: Request) -> Response<Body> {
    receive(&app, request).await.unwrap_or_else(|error| error.render(Accepts::Anything))
}

async fn receive(app: &App, request: Request) -> Result<Response<Body>, RequestError> {
    let client = credentials::client(app, request.headers()).await?;
    if !client.scopes.contains(&Scope::Statistics) {
        let text = "Your key lacks the scope `statistics`; ask the operator for a key with it.";
        return Err(RequestError::new(ErrorCode::Forbidden, text));
    }
    let context = RequestContext::client(app.service(), &client);
    read_your_writes::wait_for_min_seq(app.service(), &context, request.headers()).await?;
    let paid = context.take(app.service(), POINTS).await;
    paid.map_err(|throttled| context.policy.throttled(&throttled))?;
    let form = form(request.headers())?;
    if uploads::is_too_large(request.body()) {
        let text = format!("The body is larger than {LIMIT} bytes and was not read. Send it in parts.");
        return Err(RequestError::new(ErrorCode::PayloadTooLarge, text));
    }
    let permit = app.uploads().enter(client.id).map_err(no_permit)?;
    let sender = Sender {
        source: client.name.to_string(),
        platform_id: client.platform_id,
        call: None,
        is_trial: false,
    };
    let body = uploads::parts(request.into_body());
    // The reader runs on a blocking thread, so that a slow client delays nobody else.
    let reader = SyncIoBridge::new(StreamReader::new(Box::pin(body)));
    let actor = Actor::Client(client.name.as_ref().into());
    let metered = Metered::new(app.service(), &context, POINTS);
    let input = Input {
        form,
        max_rejections: MAX_REPORTED,
        patience: Some(PATIENCE),
        meter: metered.meter().clone(),
    };
    let loaded = bulk_load::load(app.registry(), actor, sender, input, reader, |_| ()).await;
    drop(permit);
    loaded.map(|summary| summary_response(app, &summary)).map_err(|error| failed(&error))
}

/// Format of the rows of a body.
fn form(headers: &HeaderMap) -> Result<Form, RequestError> {
    if is_encoded(headers) {
        let text = "Send the rows without a Content-Encoding.";
        return Err(RequestError::new(ErrorCode::UnsupportedMediaType, text));
    }
    let form = headers.get(header::CONTENT_TYPE).and_then(|value| form_of(value.to_str().ok()?));
    let text = "Send the rows as text/csv with a header row, or as application/x-ndjson.";
    form.ok_or_else(|| RequestError::new(ErrorCode::UnsupportedMediaType, text))
}

fn form_of(media_type: &str) -> Option<Form> {
    match media_type.split(';').next()?.trim().to_ascii_lowercase().as_str() {
        "text/csv" => Some(Form::Csv),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Form::Ndjson),
        _ => None,
    }
}

fn summary_response(app: &App, summary: &Summary) -> Response<Body> {
    let body = serde_json::to_vec(summary).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    read_your_writes::set_reached(app.service(), headers, app.registry().snapshot().seq());
    response
}

fn no_permit(error: NoPermit) -> RequestError {
    match error {
        NoPermit::OfClient => RequestError::new(
            ErrorCode::Throttled,
            "Your key has too many uploads in progress; wait until one is finished.",
        ),
        NoPermit::AtAll => {
            RequestError::new(ErrorCode::Overloaded, "Too many uploads at once; try again in a minute.")
        }
    }
    .retry_after(60)
}

/// Maps a cut-off stream or an invalid body to a client error, anything else to a server error.
fn failed(error: &anyhow::Error) -> RequestError {
    if let Some(cut_off) = Cut::of(error) {
        return cut(cut_off);
    }
    if let Some(fault) = error.downcast_ref::<FileFault>() {
        return RequestError::new(ErrorCode::BadRequest, fault.to_string());
    }
    let is_of_stream = error.chain().any(|cause| cause.is::<std::io::Error>() || cause.is::<csv::Error>());
    if is_of_stream && !error::is_passing(error) {
        let text = "The body was cut off or is not valid CSV; at most its first rows were recorded. Send it again: recorded rows stay as they are.";
        return RequestError::new(ErrorCode::BadRequest, text);
    }
    RequestError::from(error)
}

/// The error for a body that was not read to its end.
fn cut(cut: Cut) -> RequestError {
    match cut {
        Cut::TooLarge => {
            let text = format!(
                "The body is larger than {LIMIT} bytes; at most its first rows were recorded. Send it in parts."
            );
            RequestError::new(ErrorCode::PayloadTooLarge, text)
        }
        Cut::TooSlow => {
            let text = "The body arrived too slowly; at most its first rows were recorded. Send it again: recorded rows stay as they are.";
            RequestError::new(ErrorCode::RequestTimeout, text)
        }
    }
}
