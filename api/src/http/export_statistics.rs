//! `/export/statistics.csv`, `.ndjson` and `.parquet`: statistics of a range of days, streamed with backpressure.

use anyhow::Result;
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Response, header},
};
use chrono::{NaiveDate, Utc};
use entities::page_statistics::Model;
use futures_util::stream;
use registry::{
    statistics::{
        self, Wanted,
        export::{Form, Writer},
    },
    view::{View, Viewer},
};
use serde::Deserialize;
use tokio::sync::mpsc::Receiver;

use super::{export_lists::delimiter, receipts};
use crate::{
    app::App,
    error_code::ErrorCode,
    pipeline::{downloads::DownloadPermit, metered::Metered, read_your_writes, request_error::RequestError},
};

/// Maximum days in one file.
const MAX_DAYS: i64 = 366;

/// Query parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    from: NaiveDate,
    to: NaiveDate,
    platform: Option<String>,
    delimiter: Option<String>,
}

/// Streams the statistics of public pages.
pub(super) async fn export(
    app: &App,
    form: Form,
    query: &str,
    (metered, permit): (Metered, DownloadPermit),
) -> Result<Response<Body>, RequestError> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let object: serde_json::Map<_, _> =
        pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
    let Ok(options) = serde_json::from_value::<Options>(object.into()) else {
        let text = "`from` and `to` (dates such as 2026-11-22) are required; only `platform` and `delimiter` are allowed besides.";
        return Err(RequestError::new(ErrorCode::BadUserInput, text));
    };
    let view = View::new(app.registry().snapshot(), Viewer::Public);
    let platform =
        options.platform.as_deref().map(|code| view.platform_by_code(code).map(|platform| platform.id));
    let Some(platform_id) = platform.map_or(Some(None), |found| found.map(Some)) else {
        return Err(RequestError::new(ErrorCode::BadUserInput, "`platform` is not the code of a platform."));
    };
    if !(0..MAX_DAYS).contains(&(options.to - options.from).num_days()) {
        let text = "`to` must be 0 to 365 days after `from`.";
        return Err(RequestError::new(ErrorCode::BadUserInput, text));
    }
    let delimiter = delimiter(options.delimiter.as_deref())?;
    let now = Utc::now();
    let writer = Writer::new(form, delimiter, &app.settings().attribution, now, view.seq());
    let writer = writer.map_err(|error| RequestError::from(&error))?;
    let days = (options.from, options.to.min(now.date_naive()));
    let wanted = Wanted { days, platform_id };
    let mut parts = statistics::stream(app.registry().database(), wanted, metered.meter().clone(), permit);
    // Until the response starts, a database failure can still be returned as an error.
    let first = parts.recv().await.transpose().map_err(|error| RequestError::from(&error))?;
    Ok(answer(app, form, Export { view, writer, first: Some(first), parts, is_over: false, metered }))
}

/// State of a streamed file.
struct Export {
    view: View,
    writer: Writer,
    /// First chunk, until it is sent.
    first: Option<Option<Vec<Model>>>,
    parts: Receiver<Result<Vec<Model>>>,
    is_over: bool,
    metered: Metered,
}

impl Export {
    /// The next chunk. An error aborts the response, so that a client does not mistake a part for the whole file.
    async fn next(self) -> Result<Option<(Bytes, Self)>> {
        let Self { view, mut writer, mut first, mut parts, is_over, mut metered } = self;
        if is_over {
            return Ok(None);
        }
        let part = match first.take() {
            Some(first) => Ok(first),
            None => parts.recv().await.transpose(),
        };
        let part =
            part.inspect_err(|error| tracing::error!(%error, "an export of statistics was aborted"))?;
        let is_over = part.is_none();
        let writing = async move {
            let bytes = match part {
                Some(rows) => writer.add(&view, rows)?,
                None => writer.finish()?,
            };
            anyhow::Ok((bytes, view, writer))
        };
        // On the worker pool: encoding takes long enough to delay other requests.
        let (bytes, view, writer) = metered.run(writing).await?;
        Ok(Some((Bytes::from(bytes), Self { view, writer, first, parts, is_over, metered })))
    }
}

fn answer(app: &App, form: Form, export: Export) -> Response<Body> {
    let (media_type, name) = form.media_type_and_name();
    let seq = export.view.seq();
    let mut response = Response::new(Body::from_stream(stream::try_unfold(export, Export::next)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    read_your_writes::set_reached(app.service(), headers, seq);
    receipts::add(app.registry(), headers);
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
