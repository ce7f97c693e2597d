//! `/export/….csv`: lists as CSV files, streamed from one snapshot.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderValue, Response, header},
};
use chrono::Utc;
use futures_util::stream;
use registry::{
    csv_writer::CsvWriter,
    statistics::export::Form,
    view::{View, Viewer},
};

use super::{export_statistics, receipts};
use crate::{
    app::App,
    error_code::ErrorCode,
    export::{self, ExportError, Options, table::Table},
    graphql::error::Error,
    pipeline::{
        caller::{self, RequestContext},
        downloads::DownloadPermit,
        metered::Metered,
        read_your_writes,
        request_error::RequestError,
        response::{Accepts, not_found_response},
    },
};

/// Points that an export of a list costs, and one of statistics.
const LIST_POINTS: u64 = 500;
const FIGURES_POINTS: u64 = 2_000;
/// Rows per chunk.
const ROWS: usize = 500;

/// Streams a public export, without authentication.
pub async fn export(
    State(app): State<App>,
    file: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response<Body> {
    let Ok(Path(file)) = file else { return not_found_response() };
    let (head, _) = request.into_parts();
    let context = RequestContext::anyone(app.service(), caller::peer(&head), &head);
    let query = head.uri.query().unwrap_or_default();
    if let Err(error) = read_your_writes::wait_for_min_seq(app.service(), &context, &head.headers).await {
        return error.render(Accepts::Json);
    }
    serve(&app, &context, &file, query).await.unwrap_or_else(|error| error.render(Accepts::Json))
}

async fn serve(
    app: &App,
    context: &RequestContext<'_>,
    file: &str,
    query: &str,
) -> Result<Response<Body>, RequestError> {
    let figures = file.strip_prefix("statistics.").and_then(Form::of);
    let points = if figures.is_some() { FIGURES_POINTS } else { LIST_POINTS };
    let paid = context.take(app.service(), points).await;
    paid.map_err(|throttled| context.policy.throttled(&throttled))?;
    let permit = app.downloads().enter(context.client_key)?;
    if let Some(form) = figures {
        let metered = Metered::new(app.service(), context, points);
        return export_statistics::export(app, form, query, (metered, permit)).await;
    }
    let Some(name) = file.strip_suffix(".csv") else { return Ok(not_found_response()) };
    let options = options(query).map_err(request_error)?;
    let view = View::new(app.registry().snapshot(), Viewer::Public);
    let delimiter = delimiter(options.delimiter.as_deref())?;
    let Some(_turn) = app.service().load_shedder().enter() else {
        let text = "There are too many requests; try again shortly.";
        return Err(RequestError::new(ErrorCode::Overloaded, text).retry_after(1));
    };
    let (list, search) = (name.to_owned(), app.service().search().clone());
    // Filters and sorts the whole list.
    let mut metered = Metered::new(app.service(), context, points);
    let prepared = metered.run(async move { export::prepare(&list, &options, view, &search) }).await;
    match prepared {
        Ok(table) => Ok(written(app, table, delimiter, (metered, permit))),
        Err(ExportError::NoSuchList) => Ok(not_found_response()),
        Err(ExportError::Rejected(error)) => Err(request_error(error)),
    }
}

/// Delimiter of CSV cells.
///
/// # Errors
/// When it is neither `,` nor `;`.
pub(super) fn delimiter(asked: Option<&str>) -> Result<u8, RequestError> {
    match asked {
        None | Some(",") => Ok(b','),
        Some(";") => Ok(b';'),
        Some(_) => Err(RequestError::new(ErrorCode::BadUserInput, "`delimiter` must be `,` or `;` (%3B).")),
    }
}

fn options(query: &str) -> Result<Options, Error> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let object: serde_json::Map<_, _> =
        pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
    // The parameters may contain JSON, where NUL can also be escaped.
    if query.contains("%00") || query.contains("u0000") {
        return Err(Error::BadInput("Parameters must not contain the character U+0000.".into()));
    }
    serde_json::from_value(object.into()).map_err(|_| {
        let text = "Only the parameters `filter`, `orderBy`, `groupBy`, `text` and `delimiter` are allowed.";
        Error::BadInput(text.into())
    })
}

fn request_error(error: Error) -> RequestError {
    match error {
        Error::Internal(cause) => RequestError::from(&*cause),
        error => RequestError::new(error.code(), error.to_string()),
    }
}

fn written(
    app: &App,
    table: Table,
    delimiter: u8,
    (metered, permit): (Metered, DownloadPermit),
) -> Response<Body> {
    let csv = CsvWriter::new(delimiter);
    let seq = table.view.seq();
    let head = csv.head(&app.settings().attribution, Utc::now(), seq, table.columns);
    let file_name = format!("attachment; filename=\"{}.csv\"", table.name);
    // A chunk is built after the client has read the previous one, so slow clients cost no memory.
    let state = (table, csv, 0, metered, permit);
    let rows = stream::unfold(state, |(table, mut csv, start, mut metered, permit)| async move {
        if start >= table.len() {
            return None;
        }
        let work = async move {
            let bytes = chunk(&table, &mut csv, start);
            (bytes, table, csv)
        };
        let (bytes, table, csv) = metered.run(work).await;
        Some((Ok::<_, Infallible>(Bytes::from(bytes)), (table, csv, start + ROWS, metered, permit)))
    });
    let head = stream::iter([Ok(Bytes::from(head))]);
    let mut response = Response::new(Body::from_stream(futures_util::StreamExt::chain(head, rows)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    read_your_writes::set_reached(app.service(), headers, seq);
    receipts::add(app.registry(), headers);
    if let Ok(value) = HeaderValue::from_str(&file_name) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The next rows of a table, from the offset `start`.
fn chunk(table: &Table, csv: &mut CsvWriter, start: usize) -> Vec<u8> {
    for row in table.rows(start, ROWS) {
        if let Err(error) = csv.add(&row) {
            tracing::error!(%error, "cannot write a row");
        }
    }
    csv.take().unwrap_or_else(|error| {
        tracing::error!(%error, "cannot write rows");
        Vec::new()
    })
}
