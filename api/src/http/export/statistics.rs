//! `/export/statistics.csv`, `.ndjson` and `.parquet`: statistics of a range of days, streamed with backpressure.

use anyhow::Result;
use axum::{
    body::{Body, Bytes},
    http::Response,
};
use chrono::{Datelike, NaiveDate, Utc};
use entities::page_statistics::Model;
use futures_util::stream;
use registry::{
    calendar::parse_day,
    csv_writer::CsvStyle,
    statistics::{
        self, Wanted,
        export::{Form, Writer},
    },
    view::View,
};
use tokio::sync::mpsc::Receiver;

use super::{Transfer, bad_parameter, file_response, parameters::Parameters};
use crate::{
    graphql::kit::date_range::YEARS,
    pipeline::{metered::Metered, request_error::RequestError},
};

/// Maximum days in one file.
const MAX_DAYS: i64 = 366;

/// Statistics that are asked for.
pub(super) struct StatisticsFile {
    form: Form,
    style: CsvStyle,
    from: NaiveDate,
    to: NaiveDate,
    platform_code: Option<String>,
}

impl StatisticsFile {
    /// Reads the parameters; without `to`, the file ends `today`.
    ///
    /// # Errors
    /// When one is missing or invalid.
    pub(super) fn read(form: Form, query: &str, today: NaiveDate) -> Result<Self, RequestError> {
        let mut given = Parameters::read(query, &["from", "to", "platformCode"], form)?;
        let style = given.style()?;
        let mut day = |name: &str| given.take(name).map(|text| day(name, &text)).transpose();
        let (from, to) = (day("from")?, day("to")?.unwrap_or(today));
        let from =
            from.ok_or_else(|| bad_parameter("`from` is required: the first day, such as 2026-11-22."))?;
        if !YEARS.contains(&from.year()) || !YEARS.contains(&to.year()) {
            let text = format!("`from` and `to` must lie in the years {} to {}.", YEARS.start(), YEARS.end());
            return Err(bad_parameter(text));
        }
        if !(0..MAX_DAYS).contains(&(to - from).num_days()) {
            return Err(bad_parameter("`to`, by default today, must be 0 to 365 days after `from`."));
        }
        Ok(Self { form, style, from, to, platform_code: given.take("platformCode") })
    }

    /// Streams the statistics of public pages.
    ///
    /// # Errors
    /// When there is no such platform, or the database fails before the first row.
    pub(super) async fn send(self, transfer: Transfer<'_>) -> Result<Response<Body>, RequestError> {
        let Transfer { app, view, seq, metered, permit, is_head, .. } = transfer;
        let Self { form, style, from, to, platform_code } = self;
        let find = |code: &str| view.platform_by_code(code).map(|platform| platform.id);
        let platform_id = platform_code.as_deref().map(|code| {
            find(code).ok_or_else(|| bad_parameter("`platformCode` is not the code of a platform."))
        });
        let platform_id = platform_id.transpose()?;
        let name = format!("statistics-{from}-{to}");
        if is_head {
            // Its length is unknown, as that of the file.
            let body = Body::from_stream(stream::empty::<Result<Bytes>>());
            return Ok(file_response(app, body, &name, form));
        }
        let now = Utc::now();
        let writer = Writer::new(form, style, &app.settings().attribution, now, seq);
        let writer = writer.map_err(|error| RequestError::from(&error))?;
        let wanted = Wanted { days: (from, to.min(view.last_day())), platform_id };
        let mut parts =
            statistics::stream(app.registry().database(), wanted, metered.meter().clone(), permit);
        // Until the response starts, a database failure can still be returned as an error.
        let first = parts.recv().await.transpose().map_err(|error| RequestError::from(&error))?;
        let export = Export { view, writer, first: Some(first), parts, is_over: false, metered };
        let body = Body::from_stream(stream::try_unfold(export, Export::next));
        Ok(file_response(app, body, &name, form))
    }
}

fn day(name: &str, text: &str) -> Result<NaiveDate, RequestError> {
    parse_day(text)
        .ok_or_else(|| bad_parameter(format!("`{name}` must be a day that exists, such as 2026-11-22.")))
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
