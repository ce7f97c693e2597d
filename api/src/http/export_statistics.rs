//! `/export/statistics.csv` and `.ndjson`: figures of many days, streamed out of one state of the database.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Response, StatusCode, header},
};
use chrono::{NaiveDate, Utc};
use entities::page_statistics::Model;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{
    consistency::SEQ,
    response::{Accepts, refusal},
};
use crate::{
    app::App,
    export::Sheet,
    facts,
    snapshot::{View, Viewer},
    statistics::file::{COLUMNS, cells, line},
};

/// Most days in one file.
const MAX_DAYS: i64 = 366;

/// What a request says of the figures that it wants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    from: NaiveDate,
    to: NaiveDate,
    platform: Option<String>,
    delimiter: Option<String>,
}

/// Form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Ndjson,
}

/// Answers anyone with the figures of pages that everyone may see.
pub(super) fn export(app: &App, form: Form, query: &str) -> Response<Body> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let object: serde_json::Map<_, _> =
        pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
    let Ok(options) = serde_json::from_value::<Options>(object.into()) else {
        return refused("Figures take `from` and `to` (days), `platform` and `delimiter`, and nothing else.");
    };
    let view = View::new(app.registry().snapshot(), Viewer::Public);
    let platform =
        options.platform.as_deref().map(|code| view.platform_by_code(code).map(|platform| platform.id));
    let Some(platform_id) = platform.map_or(Some(None), |found| found.map(Some)) else {
        return refused("`platform`: there is no such platform.");
    };
    if !(0..MAX_DAYS).contains(&(options.to - options.from).num_days()) {
        return refused("`to` must not be before `from`, nor more than a year after it.");
    }
    let delimiter = match options.delimiter.as_deref() {
        None | Some(",") => b',',
        Some(";") => b';',
        Some(_) => return refused("`delimiter` must be `,` or `;` (%3B)."),
    };
    let (parts, received) = mpsc::channel(2);
    let database = app.registry().database().clone();
    let today = Utc::now().date_naive();
    tokio::spawn(async move {
        let span = (options.from, options.to.min(today));
        if let Err(error) = facts::stream(&database, span, platform_id, parts).await {
            tracing::error!(%error, "an export of figures broke off");
        }
    });
    written(app, view, form, Sheet::new(delimiter), received)
}

fn refused(text: &str) -> Response<Body> {
    refusal(Accepts::Json, StatusCode::BAD_REQUEST, "BAD_USER_INPUT", text)
}

fn written(
    app: &App,
    view: View,
    form: Form,
    sheet: Sheet,
    received: mpsc::Receiver<Vec<Model>>,
) -> Response<Body> {
    let seq = view.seq();
    let head = match form {
        Form::Csv => sheet.head(app.about(), Utc::now(), seq, &COLUMNS),
        Form::Ndjson => Vec::new(),
    };
    let rows = stream::unfold((view, sheet, received), move |(view, mut sheet, mut received)| async move {
        let part = received.recv().await?;
        let bytes = match form {
            Form::Ndjson => part.iter().filter_map(|row| line(&view, row)).collect::<String>().into_bytes(),
            Form::Csv => {
                part.iter().filter_map(|row| cells(&view, row)).for_each(|cells| {
                    if let Err(error) = sheet.add(&cells) {
                        tracing::error!(%error, "cannot write a row");
                    }
                });
                sheet.take().unwrap_or_default()
            }
        };
        Some((Ok::<_, Infallible>(Bytes::from(bytes)), (view, sheet, received)))
    });
    let body = futures_util::StreamExt::chain(stream::iter([Ok(Bytes::from(head))]), rows);
    let mut response = Response::new(Body::from_stream(body));
    let (media_type, name) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"statistics.csv\""),
        Form::Ndjson => ("application/x-ndjson", "attachment; filename=\"statistics.ndjson\""),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(SEQ, HeaderValue::from(seq));
    response
}
