//! `/export/LIST.csv` and `.ndjson`: lists as files.

use anyhow::Result;
use axum::{
    body::{Body, Bytes},
    http::Response,
};
use chrono::Utc;
use futures_util::{StreamExt, stream};
use registry::{csv_writer::CsvStyle, statistics::export::Form};

use super::{Transfer, file_response, parameters::Parameters};
use crate::{
    error_code::ErrorCode,
    export::{self, Options, TableWriter, table::Table},
    graphql::error::Error,
    pipeline::{
        downloads::DownloadPermit, metered::Metered, request_error::RequestError, response::no_such_path,
    },
};

/// Rows per chunk.
const ROWS: usize = 500;

/// A list that is asked for.
pub(super) struct ListFile {
    name: String,
    form: Form,
    style: CsvStyle,
    options: Options,
}

impl ListFile {
    /// Reads the parameters of a list.
    ///
    /// # Errors
    /// When there is no such list or it has no files in this format, or a parameter is invalid.
    pub(super) fn read(name: &str, form: Form, query: &str) -> Result<Self, RequestError> {
        let known = export::parameters(name).filter(|_| form != Form::Parquet).ok_or_else(no_such_path)?;
        let mut given = Parameters::read(query, known, form)?;
        let style = given.style()?;
        let options = Options {
            filter: given.take("filter"),
            order_by: given.take("orderBy"),
            group_by: given.take("groupBy"),
            text: given.take("text"),
        };
        Ok(Self { name: name.to_owned(), form, style, options })
    }

    /// Whether its rows are results of the search index.
    pub(super) fn is_search(&self) -> bool {
        self.name == "search"
    }

    /// Streams the list.
    ///
    /// # Errors
    /// When a parameter is invalid, or the server is overloaded.
    pub(super) async fn send(self, transfer: Transfer<'_>) -> Result<Response<Body>, RequestError> {
        let Transfer { app, view, seq, mut metered, permit, .. } = transfer;
        let Self { name, form, style, options } = self;
        let Some(_turn) = app.service().load_shedder().enter() else {
            let text = "There are too many requests; try again shortly.";
            return Err(RequestError::new(ErrorCode::Overloaded, text).retry_after(1));
        };
        let search = app.service().search().clone();
        // Filters and sorts the whole list.
        let prepared = metered.run(async move { export::prepare(&name, &options, view, &search) }).await;
        let table = prepared.map_err(request_error)?;
        let writer = if form == Form::Csv { TableWriter::csv(style) } else { TableWriter::Ndjson };
        let head = writer.head(&table, &app.settings().attribution, (Utc::now(), seq));
        let file_name = format!("{}-{}", table.name, table.view.day());
        let body = body(head, ListTransfer { table, writer, start: 0, metered, permit });
        Ok(file_response(app, body, &file_name, form))
    }
}

fn request_error(error: Error) -> RequestError {
    match error {
        Error::Internal(cause) => RequestError::from(&*cause),
        error => RequestError::new(error.code(), error.to_string()),
    }
}

/// State of a streamed list.
struct ListTransfer {
    table: Table,
    writer: TableWriter,
    /// Offset of the next row.
    start: usize,
    metered: Metered,
    permit: Option<DownloadPermit>,
}

impl ListTransfer {
    /// The next chunk. An error aborts the response, so that a client does not mistake a part for the whole file.
    async fn next(self) -> Result<Option<(Bytes, Self)>> {
        let Self { table, mut writer, start, mut metered, permit } = self;
        if start >= table.len() {
            return Ok(None);
        }
        let writing = async move {
            let bytes = writer.rows(&table, start, ROWS)?;
            anyhow::Ok((bytes, table, writer))
        };
        let written = metered.run(writing).await;
        let (bytes, table, writer) =
            written.inspect_err(|error| tracing::error!(%error, "an export of a list was aborted"))?;
        Ok(Some((Bytes::from(bytes), Self { table, writer, start: start + ROWS, metered, permit })))
    }
}

/// The head of a file, then its rows: a chunk is built after the client has read the previous one, so slow clients cost no
/// memory.
fn body(head: Vec<u8>, rows: ListTransfer) -> Body {
    let head = (!head.is_empty()).then(|| anyhow::Ok(Bytes::from(head)));
    Body::from_stream(stream::iter(head).chain(stream::try_unfold(rows, ListTransfer::next)))
}
