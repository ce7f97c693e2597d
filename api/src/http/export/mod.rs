//! `/export/…`: lists and statistics as files, streamed from one snapshot.

mod lists;
mod parameters;
mod statistics;
mod validators;

use std::{borrow::Cow, time::Duration};

use axum::{
    body::Body,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, Method, Response, header, request::Parts},
};
use chrono::NaiveDate;
use registry::{
    statistics::export::Form,
    view::{View, Viewer},
};

use self::{lists::ListFile, statistics::StatisticsFile, validators::Validators};
use super::receipts;
use crate::{
    app::App,
    auth::credentials,
    error_code::ErrorCode,
    export::Restoration,
    pipeline::{
        answer::REJECTED_COST,
        caller::{self, RequestContext},
        downloads::DownloadPermit,
        metered::Metered,
        read_your_writes,
        request_error::RequestError,
        response, security_headers,
    },
};

/// Points that a file of daily statistics costs.
const FIGURES_POINTS: u64 = 2_000;
/// Points that a response without a file costs, unless it took more processor time: `HEAD`, 304, and errors.
const NO_FILE_POINTS: u64 = REJECTED_COST;

/// Streams a file of public records; a key selects the bucket and the limits, not the contents.
pub async fn export(
    State(app): State<App>,
    file: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response<Body> {
    let (head, _) = request.into_parts();
    // A path that is not UTF-8 names no file.
    let file = file.map(|Path(file)| file).unwrap_or_default();
    let form = file.rsplit_once('.').and_then(|(_, extension)| Form::of(extension));
    let answered = answer(&app, &head, &file, form).await;
    let response = answered.unwrap_or_else(|error| error.render_for_file(form));
    security_headers::open_to_all(&head, response)
}

/// A file that is asked for.
enum File {
    List(Box<ListFile>),
    Statistics(StatisticsFile),
}

impl File {
    /// Reads what is asked for, in a registry where it is `today`.
    fn read(file: &str, form: Option<Form>, query: &str, today: NaiveDate) -> Result<Self, RequestError> {
        let (Some((name, _)), Some(form)) = (file.rsplit_once('.'), form) else {
            return Err(response::no_such_path());
        };
        match name {
            "statistics" => StatisticsFile::read(form, query, today).map(Self::Statistics),
            _ => ListFile::read(name, form, query).map(|list| Self::List(Box::new(list))),
        }
    }

    fn points(&self) -> u64 {
        match self {
            Self::List(list) => list.points(),
            Self::Statistics(_) => FIGURES_POINTS,
        }
    }
}

/// What a file is made with.
struct Transfer<'a> {
    app: &'a App,
    view: View,
    /// Sequence number that the file is valid for.
    seq: i64,
    metered: Metered,
    restoration: Restoration,
    /// Permit of the download; only the head needs none.
    permit: Option<DownloadPermit>,
    /// Whether only the head is asked for.
    is_head: bool,
    /// Time limit of what is computed before the first row.
    timeout: Duration,
}

/// Answers a client with a key, or an address. An error is one for which no points were taken.
async fn answer(
    app: &App,
    head: &Parts,
    file: &str,
    form: Option<Form>,
) -> Result<Response<Body>, RequestError> {
    let service = app.service();
    let client = match head.headers.contains_key(header::AUTHORIZATION) {
        true => Some(credentials::client(app, &head.headers).await?),
        false => None,
    };
    let context = match &client {
        Some(client) => RequestContext::client(service, client),
        None => RequestContext::anyone(service, caller::peer(head), head),
    };
    read_your_writes::wait_for_min_seq(service, &context, &head.headers).await?;
    charge_and_send(app, &context, head, (file, form)).await
}

/// Takes the points of a response, and builds it.
async fn charge_and_send(
    app: &App,
    context: &RequestContext<'_>,
    head: &Parts,
    (file, form): (&str, Option<Form>),
) -> Result<Response<Body>, RequestError> {
    let view = View::new(app.registry().snapshot(), Viewer::Public);
    let asked = File::read(file, form, head.uri.query().unwrap_or_default(), view.day());
    let seq = valid_for(app, &view, &asked).await;
    let asked = asked.and_then(|file| read_your_writes::check_min_seq(&head.headers, seq).map(|()| file));
    let validators = Validators::of(app, &view, seq, &head.uri);
    let is_known = asked.is_ok() && validators.are_known(&head.headers);
    let is_head = head.method == Method::HEAD;
    let points = match &asked {
        Ok(asked) if !is_known && !is_head => asked.points(),
        _ => NO_FILE_POINTS,
    };
    let status = context.take(app.service(), points).await;
    let mut status = status.map_err(|throttled| context.policy.throttled(&throttled))?;
    let answered = match asked {
        Err(error) => Err(error),
        Ok(_) if is_known => Ok(validators.not_modified()),
        Ok(asked) => {
            let metered = Metered::new(app.service(), context, points);
            let meter = metered.meter().clone();
            let restoration = Restoration::default();
            let paid = (metered, restoration.clone());
            let sent = send(app, asked, (view, seq), (context, paid), is_head).await;
            if sent.is_err() {
                let least = NO_FILE_POINTS + restoration.points();
                let worth = least.max(app.service().points_for(meter.used()));
                status = context.refund(app.service(), status, worth);
            }
            sent.map(|response| validators.add_to(response))
        }
    };
    let mut response = answered.unwrap_or_else(|error| error.render_for_file(form));
    context.policy.add(&status, response.headers_mut());
    Ok(response)
}

/// Sequence number that a file from a view is valid for: that of the search index, for which its results wait a while, where
/// it still lags.
async fn valid_for(app: &App, view: &View, asked: &Result<File, RequestError>) -> i64 {
    let (service, viewer, seq) = (app.service(), view.viewer(), view.seq());
    if !matches!(asked, Ok(File::List(list)) if list.is_search()) {
        return seq;
    }
    read_your_writes::wait_for_search_index(service, viewer, seq).await;
    service.search().seq(viewer).map_or(seq, |reached| reached.min(seq))
}

async fn send(
    app: &App,
    file: File,
    (view, seq): (View, i64),
    (context, (metered, restoration)): (&RequestContext<'_>, (Metered, Restoration)),
    is_head: bool,
) -> Result<Response<Body>, RequestError> {
    let permit = (!is_head).then(|| app.downloads().enter(context.client_key)).transpose()?;
    let timeout = context.limits.timeout;
    let transfer = Transfer { app, view, seq, metered, restoration, permit, is_head, timeout };
    match file {
        File::List(file) => file.send(transfer).await,
        File::Statistics(file) => file.send(transfer).await,
    }
}

/// Builds the response with a file of this name.
fn file_response(app: &App, body: Body, name: &str, form: Form) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    set_name(headers, name, form);
    receipts::add(app.registry(), headers);
    response
}

fn set_name(headers: &mut HeaderMap, name: &str, form: Form) {
    let disposition = format!("attachment; filename=\"{name}.{}\"", form.extension());
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
}

fn bad_parameter(text: impl Into<Cow<'static, str>>) -> RequestError {
    RequestError::new(ErrorCode::BadUserInput, text)
}
