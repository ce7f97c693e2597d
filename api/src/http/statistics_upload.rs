//! `POST /statistics`: bulk upload of statistics as CSV or NDJSON.

use std::{
    io::{self, Read},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use futures_util::Stream;
use registry::{
    api_client::AuthenticatedClient,
    change_log::Actor,
    idempotency::requests::StoredResponse,
    model::{Reach, Scope},
    statistics::{
        Sender,
        bulk_load::{self, FileFault, Form, Input, Summary},
    },
};
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::keyed_upload;
use crate::{
    app::App,
    auth::credentials,
    error_code::ErrorCode,
    graphql::error,
    pipeline::{
        caller::RequestContext,
        content_type::ContentType,
        idempotency_key,
        inflate::Inflate,
        metered::Metered,
        read_your_writes,
        request_error::RequestError,
        response::Accepts,
        service::GraphqlService,
        transfers::{TransferLimit, TransferPermit},
        uploads::{self, Cut, LIMIT},
    },
};

/// Points that an upload costs.
const POINTS: u64 = 10;
/// Timeout of one transaction of the upload: a day of a whole country takes ten seconds.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(120);
/// Maximum number of rejected rows listed in the response.
const MAX_REPORTED: usize = 1_000;
/// Media type of the response.
const JSON: &str = "application/json; charset=utf-8";

/// Ingests uploaded statistics and returns a summary.
pub async fn load(State(app): State<App>, request: Request) -> Response<Body> {
    receive(&app, request).await.unwrap_or_else(|error| error.render(Accepts::Anything))
}

async fn receive(app: &App, request: Request) -> Result<Response<Body>, RequestError> {
    let (head, body) = request.into_parts();
    let client = credentials::client(app, &head.headers).await?;
    if !client.has(Scope::Statistics) {
        let error = error::Error::Forbidden(Scope::Statistics.name());
        return Err(RequestError::new(ErrorCode::Forbidden, error.to_string()));
    }
    let key = idempotency_key::read(&head.headers)?;
    let context = RequestContext::client(app.service(), &client);
    read_your_writes::wait_for_min_seq(app.service(), &context, &head.headers).await?;
    let paid = context.take(app.service(), POINTS).await;
    paid.map_err(|throttled| context.policy.throttled(&throttled))?;
    let (form, is_gzip) = (form(&head.headers)?, is_gzip(&head.headers)?);
    if uploads::is_too_large(&body) {
        let text = format!("The body is larger than {LIMIT} bytes and was not read. Send it in parts.");
        return Err(RequestError::new(ErrorCode::PayloadTooLarge, text));
    }
    let permit = app.uploads().enter(client.id).map_err(limit_reached)?;
    let metered = Metered::new(app.service(), &context, POINTS);
    let upload = Upload { app: app.clone(), client, form, is_gzip, metered, permit };
    match key {
        Some(key) => keyed_upload::load_once(upload, (&head, body), key).await,
        None => Ok(upload.load(uploads::parts(body)).await?.response(app.service())),
    }
}

/// An admitted upload.
pub(super) struct Upload {
    pub(super) app: App,
    pub(super) client: AuthenticatedClient,
    pub(super) form: Form,
    pub(super) is_gzip: bool,
    pub(super) metered: Metered,
    pub(super) permit: TransferPermit<i64>,
}

impl Upload {
    /// Records the rows of a body.
    ///
    /// # Errors
    /// When the body cannot be read to its end, or the rows cannot be recorded; rejected rows are no error.
    pub(super) async fn load(
        self,
        parts: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<Loaded, RequestError> {
        let Self { app, client, form, is_gzip, metered, permit } = self;
        let sender = Sender {
            source: client.name.to_string(),
            reach: Reach::from(&*client),
            call: None,
            is_dry_run: false,
        };
        let actor = Actor::Client(client.name.as_ref().into());
        let input = Input {
            form,
            max_rejections: MAX_REPORTED,
            transaction_timeout: Some(TRANSACTION_TIMEOUT),
            meter: metered.meter().clone(),
        };
        let reader = reader(parts, is_gzip);
        let loaded = bulk_load::load(app.registry(), actor, sender, input, reader, |_| ()).await;
        drop(permit);
        let summary = loaded.map_err(|error| failed(&error))?;
        Ok(Loaded::new(&summary, app.registry().snapshot().seq()))
    }
}

/// Outcome of an upload that was recorded.
pub(super) struct Loaded {
    status: StatusCode,
    body: String,
    seq: i64,
}

impl Loaded {
    /// The summary; with an error and its status if no row was accepted.
    fn new(summary: &Summary, seq: i64) -> Self {
        let mut body = serde_json::to_value(summary).unwrap_or_default();
        let mut status = StatusCode::OK;
        if let Some(error) = all_rejected(summary) {
            body["errors"] = error.errors();
            status = ErrorCode::AllRowsRejected.status();
        }
        Self { status, body: body.to_string(), seq }
    }

    /// The response as it is stored, for a request with a body of this hash.
    pub(super) fn stored(&self, upload_hash: [u8; 32]) -> StoredResponse {
        StoredResponse {
            status: self.status.as_u16(),
            content_type: JSON.into(),
            seq: self.seq,
            body: self.body.clone().into_bytes(),
            upload_hash: Some(upload_hash),
        }
    }

    /// The response.
    pub(super) fn response(self, service: &GraphqlService) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        read_your_writes::set_reached(service, headers, self.seq);
        response
    }
}

/// Reader of the chunks of a body. It runs on a blocking thread, so that a slow client delays nobody else.
fn reader(
    parts: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    is_gzip: bool,
) -> Box<dyn Read + Send> {
    let reader = SyncIoBridge::new(StreamReader::new(Box::pin(parts)));
    if is_gzip { Box::new(Inflate::new(reader)) } else { Box::new(reader) }
}

/// Format of the rows of a body.
fn form(headers: &HeaderMap) -> Result<Form, RequestError> {
    let refused = |text: &'static str| Err(RequestError::new(ErrorCode::UnsupportedMediaType, text));
    let content_type = ContentType::read(headers)?;
    let Some((form, content_type)) = content_type.and_then(|it| Some((form_of(it.media_type())?, it))) else {
        return refused("Send the rows as text/csv with a header row, or as application/x-ndjson.");
    };
    if !content_type.is_utf8() {
        return refused("Send the rows in UTF-8, with `charset=utf-8` or without `charset`.");
    }
    if content_type.values("header").any(|header| header.eq_ignore_ascii_case("absent")) {
        return refused("Begin with a header row that names the columns; `header=absent` is not supported.");
    }
    Ok(form)
}

/// Whether a body is compressed with gzip.
fn is_gzip(headers: &HeaderMap) -> Result<bool, RequestError> {
    let encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    let encodings: Vec<_> =
        encodings.map(|encoding| encoding.as_bytes().trim_ascii().to_ascii_lowercase()).collect();
    match encodings.as_slice() {
        [] => Ok(false),
        [only] if only == b"identity" => Ok(false),
        [only] if only == b"gzip" || only == b"x-gzip" => Ok(true),
        _ => {
            let text = "Send the rows as they are, or compressed with `Content-Encoding: gzip`.";
            let error = RequestError::new(ErrorCode::UnsupportedMediaType, text);
            Err(error.with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip")))
        }
    }
}

fn form_of(media_type: &str) -> Option<Form> {
    match media_type.to_ascii_lowercase().as_str() {
        "text/csv" => Some(Form::Csv),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Form::Ndjson),
        _ => None,
    }
}

/// The error of a body whose rows were all rejected; it names the first one.
fn all_rejected(summary: &Summary) -> Option<RequestError> {
    let first = summary.rejections.first().filter(|_| summary.rejected == summary.rows)?;
    let text = format!(
        "All rows were rejected ({}). The first one, in line {}: {}",
        summary.rows, first.line, first.message
    );
    Some(RequestError::new(ErrorCode::AllRowsRejected, text))
}

fn limit_reached(limit: TransferLimit) -> RequestError {
    match limit {
        TransferLimit::PerClient => RequestError::new(
            ErrorCode::Throttled,
            "Your key has too many uploads in progress; wait until one is finished.",
        ),
        TransferLimit::Total => {
            RequestError::new(ErrorCode::Overloaded, "Too many uploads at once; try again in a minute.")
        }
    }
    .retry_after(60)
}

/// Maps a cut-off stream or an invalid body to a client error, anything else to a server error.
pub(super) fn failed(error: &anyhow::Error) -> RequestError {
    if let Some(cut_off) = Cut::of(error) {
        return cut(cut_off);
    }
    if let Some(fault) = error.downcast_ref::<FileFault>() {
        return RequestError::new(ErrorCode::BadRequest, fault.to_string());
    }
    let is_of_stream = error.chain().any(|cause| cause.is::<std::io::Error>() || cause.is::<csv::Error>());
    if is_of_stream && !error::is_passing(error) {
        let text = "The body was cut off, or is not valid CSV or gzip; at most its first rows were recorded. Send it again: recorded rows stay as they are.";
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
        Cut::InflatesTooMuch => {
            let text = format!(
                "The body inflates to more than {LIMIT} bytes, or to more than a hundred times its size; at most its first rows were recorded. Send it in parts."
            );
            RequestError::new(ErrorCode::PayloadTooLarge, text)
        }
    }
}
