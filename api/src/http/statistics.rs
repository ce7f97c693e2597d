//! `POST /statistics`: many figures at once, as CSV or NDJSON, for nightly loads.

use std::io;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use futures_util::TryStreamExt;
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::{
    asker::Asking,
    auth,
    consistency::SEQ,
    response::{Accepts, internal, refusal},
};
use crate::{
    app::App,
    facts::Sender,
    snapshot::Scope,
    statistics::load::{self, Form, Input, Summary},
};

/// Largest body, in bytes: twice what a nation's pages need for a day.
const LIMIT: usize = 128 << 20;
/// Points that a load costs.
const POINTS: u64 = 10;
/// Refused rows that are told one by one.
const MAX_TOLD: usize = 1_000;

/// Loads figures that a client sends: a summary tells what became of the rows.
pub async fn load(State(app): State<App>, request: Request) -> Response<Body> {
    let client = match auth::client(&app, request.headers()) {
        Ok(client) => client,
        Err(refused) => return *refused,
    };
    if !client.scopes.contains(&Scope::Statistics) {
        let text = "Your key lacks the scope `statistics`; the operator makes keys with it.";
        return refusal(Accepts::Anything, StatusCode::FORBIDDEN, "FORBIDDEN", text);
    }
    let asking = Asking::client(&app, &client);
    if let Err(throttled) = asking.take(&app, POINTS).await {
        return asking.policy.throttled(Accepts::Anything, &throttled);
    }
    let Some(form) = form(request.headers()) else {
        let text = "Send the rows as text/csv with a header row, or as application/x-ndjson.";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return refusal(Accepts::Anything, status, "UNSUPPORTED_MEDIA_TYPE", text);
    };
    let sender = Sender {
        source: client.name.to_string(),
        platform_id: client.platform_id,
        call: None,
        is_trial: false,
    };
    let mut taken = 0;
    let body = request.into_body().into_data_stream().map_err(io::Error::other).and_then(move |bytes| {
        taken += bytes.len();
        let is_too_large = taken > LIMIT;
        async move { if is_too_large { Err(io::Error::other(TooLarge)) } else { Ok(bytes) } }
    });
    // The reader blocks a thread of its own, so that a slow client holds up nobody.
    let reader = SyncIoBridge::new(StreamReader::new(Box::pin(body)));
    let actor = format!("client:{}", client.name);
    match load::load(app.registry(), &actor, sender, Input { form, most_told: MAX_TOLD }, reader, |_| ())
        .await
    {
        Ok(summary) => told(&app, &summary),
        Err(error) => failed(&error),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the body is too large")]
struct TooLarge;

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
    headers.insert(SEQ, HeaderValue::from(app.registry().snapshot().seq()));
    response
}

/// A stream that breaks off is the client's; everything else is ours.
fn failed(error: &anyhow::Error) -> Response<Body> {
    let is_too_large = error.chain().any(|cause| {
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inner.is_some_and(|inner| inner.is::<TooLarge>())
    });
    let is_of_stream = error.chain().any(|cause| cause.is::<io::Error>() || cause.is::<csv::Error>());
    if is_too_large {
        let text = format!(
            "The body is larger than {LIMIT} bytes; what came before that was recorded, send the rest."
        );
        return refusal(Accepts::Anything, StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", &text);
    }
    if is_of_stream {
        let text = "The body broke off, or is no CSV; send it again: what was recorded stays as it is.";
        return refusal(Accepts::Anything, StatusCode::BAD_REQUEST, "BAD_REQUEST", text);
    }
    internal(Accepts::Anything, &format!("cannot load figures: {error:?}"))
}
