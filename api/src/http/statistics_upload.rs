//! `POST /statistics`: many figures at once, as CSV or NDJSON, for nightly loads.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use registry::{
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
    graphql::error,
    pipeline::{
        caller::Asking,
        metered::Metered,
        read_your_writes,
        response::{self, Accepts, refusal, refusal_with},
        uploads::{self, Cut, LIMIT, NoPlace},
    },
};

/// Points that a load costs.
const POINTS: u64 = 10;
/// Longest that the database may take for figures that are recorded together: a nation's of a day take ten seconds.
const PATIENCE: Duration = Duration::from_secs(120);
/// Refused rows that are told one by one.
const MAX_TOLD: usize = 1_000;

/// Loads figures that a client sends: a summary tells what became of the rows.
pub async fn load(State(app): State<App>, request: Request) -> Response<Body> {
    let client = match credentials::client(&app, request.headers()).await {
        Ok(client) => client,
        Err(refused) => return *refused,
    };
    if !client.scopes.contains(&Scope::Statistics) {
        let text = "Your key lacks the scope `statistics`; the operator makes keys with it.";
        return refusal(Accepts::Anything, StatusCode::FORBIDDEN, "FORBIDDEN", text);
    }
    let asking = Asking::client(app.service(), &client);
    if let Err(throttled) = asking.take(app.service(), POINTS).await {
        return asking.policy.throttled(Accepts::Anything, &throttled);
    }
    let Some(form) = form(request.headers()) else {
        let text = "Send the rows as text/csv with a header row, or as application/x-ndjson.";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return refusal(Accepts::Anything, status, "UNSUPPORTED_MEDIA_TYPE", text);
    };
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        let text = "Send the rows as they are, without a Content-Encoding.";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return refusal(Accepts::Anything, status, "UNSUPPORTED_MEDIA_TYPE", text);
    }
    if uploads::is_too_large(request.body()) {
        let text =
            format!("The body is larger than {LIMIT} bytes; nothing of it was read. Send it in parts.");
        return refusal(Accepts::Anything, StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", &text);
    }
    let place = match app.uploads().enter(client.id) {
        Ok(place) => place,
        Err(none) => return no_place(none),
    };
    let sender = Sender {
        source: client.name.to_string(),
        platform_id: client.platform_id,
        call: None,
        is_trial: false,
    };
    let body = uploads::parts(request.into_body());
    // The reader blocks a thread of its own, so that a slow client holds up nobody.
    let reader = SyncIoBridge::new(StreamReader::new(Box::pin(body)));
    let actor = format!("client:{}", client.name);
    let metered = Metered::new(app.service(), &asking, POINTS);
    let input = Input { form, most_told: MAX_TOLD, patience: Some(PATIENCE), meter: metered.meter().clone() };
    let loaded = bulk_load::load(app.registry(), &actor, sender, input, reader, |_| ()).await;
    drop(place);
    match loaded {
        Ok(summary) => told(&app, &summary),
        Err(error) => failed(&error),
    }
}

fn form(headers: &HeaderMap) -> Option<Form> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    match value.split(';').next()?.trim().to_ascii_lowercase().as_str() {
        "text/csv" => Some(Form::Csv),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Form::Ndjson),
        _ => None,
    }
}

fn told(app: &App, summary: &Summary) -> Response<Body> {
    let body = serde_json::to_vec(summary).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    read_your_writes::tell(app.service(), headers, app.registry().snapshot().seq());
    response
}

fn no_place(none: NoPlace) -> Response<Body> {
    let (status, code, text) = match none {
        NoPlace::OfClient => (
            StatusCode::TOO_MANY_REQUESTS,
            "THROTTLED",
            "Your key is sending figures already; wait until those are recorded.",
        ),
        NoPlace::AtAll => (
            StatusCode::SERVICE_UNAVAILABLE,
            "OVERLOADED",
            "Others are sending figures; try again in a minute.",
        ),
    };
    refusal_with(Accepts::Anything, status, code, text, (header::RETRY_AFTER, "60"))
}

/// A stream that breaks off is the client's; everything else is ours.
fn failed(error: &anyhow::Error) -> Response<Body> {
    if let Some(cut_off) = Cut::of(error) {
        return cut(cut_off);
    }
    if let Some(fault) = error.downcast_ref::<FileFault>() {
        return refusal(Accepts::Anything, StatusCode::BAD_REQUEST, "BAD_REQUEST", &fault.to_string());
    }
    let is_of_stream = error.chain().any(|cause| cause.is::<std::io::Error>() || cause.is::<csv::Error>());
    if is_of_stream && !error::is_passing(error) {
        let text = "The body broke off, or is no CSV; nothing of it was recorded. Send it again.";
        return refusal(Accepts::Anything, StatusCode::BAD_REQUEST, "BAD_REQUEST", text);
    }
    response::failed(Accepts::Anything, error)
}

/// Tells why a body was not read to its end.
fn cut(cut: Cut) -> Response<Body> {
    let (status, code, text) = match cut {
        Cut::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "PAYLOAD_TOO_LARGE",
            format!("The body is larger than {LIMIT} bytes; nothing of it was recorded. Send it in parts."),
        ),
        Cut::TooSlow => (
            StatusCode::REQUEST_TIMEOUT,
            "REQUEST_TIMEOUT",
            "The body came too slowly; nothing of it was recorded. Send it again.".to_owned(),
        ),
    };
    refusal(Accepts::Anything, status, code, &text)
}
