//! `/export/LIST.csv`, `.ndjson` and `.parquet`: lists as files.

use anyhow::Result;
use axum::{
    body::{Body, Bytes},
    http::Response,
};
use futures_util::{StreamExt, stream};
use registry::{csv_writer::CsvStyle, statistics::export::Form};

use super::{Transfer, file_response, parameters::Parameters};
use crate::{
    app::App,
    error_code::ErrorCode,
    export::{self, Options, Restoration, Sources, TableWriter, table::Table},
    graphql::error::Error,
    pipeline::{
        downloads::DownloadPermit, metered::Metered, request_error::RequestError, response::no_such_path,
    },
};

/// Rows per chunk.
const ROWS: usize = 500;
/// Points that a file of a list costs.
const LIST_POINTS: u64 = 500;

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
    /// When there is no such list, or a parameter is invalid.
    pub(super) fn read(name: &str, form: Form, query: &str) -> Result<Self, RequestError> {
        let known = export::parameters(name).ok_or_else(no_such_path)?;
        let mut given = Parameters::read(query, known, form)?;
        let style = given.style()?;
        let options = Options {
            filter: given.take("filter"),
            order_by: given.take("orderBy"),
            group_by: given.take("groupBy"),
            text: given.take("text"),
            kinds: given.take("kinds"),
            metric: given.take("metric"),
            aggregation: given.take("aggregation"),
            from: given.take("from"),
            to: given.take("to"),
            territory_kind: given.take("territoryKind"),
            kind: given.take("kind"),
            methodology_code: given.take("methodologyCode"),
            as_of: given.take("asOf"),
        };
        Ok(Self { name: name.to_owned(), form, style, options })
    }

    /// Whether its rows are results of the search index.
    pub(super) fn is_search(&self) -> bool {
        self.name == "search"
    }

    /// Points that it costs.
    pub(super) fn points(&self) -> u64 {
        LIST_POINTS + export::points(&self.name, &self.options)
    }

    /// Streams the list.
    ///
    /// # Errors
    /// When a parameter is invalid, the server is overloaded, or the database fails before the first row.
    pub(super) async fn send(self, transfer: Transfer<'_>) -> Result<Response<Body>, RequestError> {
        let Transfer { app, view, seq, mut metered, restoration, permit, is_head, timeout } = transfer;
        let Self { name, form, style, options } = self;
        let Some(_turn) = app.service().load_shedder().enter() else {
            let text = "There are too many requests; try again shortly.";
            return Err(RequestError::new(ErrorCode::Overloaded, text).retry_after(1));
        };
        let waits = export::waits(&name, &options);
        let sources = sources(app, restoration, is_head);
        // Filters and sorts the whole list.
        let preparing = metered.run(async move {
            let mut table = export::prepare(&name, &options, view, &sources).await?;
            if !is_head {
                table.read(0, ROWS).await?;
            }
            Ok::<Table, Error>(table)
        });
        let prepared = match waits {
            true => tokio::time::timeout(timeout, preparing).await.map_err(|_| too_slow())?,
            false => preparing.await,
        };
        let table = prepared.map_err(request_error)?;
        let state = (table.view.timestamp(), seq.min(table.view.seq()));
        let started = TableWriter::start(form, style, &table, &app.settings().attribution, state);
        let (writer, head) = started.map_err(|error| RequestError::from(&error))?;
        let file_name = table.file_name.clone();
        let body = body(head, ListTransfer { table, writer, start: 0, is_over: false, metered, permit });
        Ok(file_response(app, body, &file_name, form))
    }
}

fn sources(app: &App, restoration: Restoration, is_head: bool) -> Sources {
    let service = app.service();
    Sources {
        search: service.search().clone(),
        restored_states: service.restored_states().clone(),
        restoration,
        database: app.registry().database().clone(),
        months: service.months().clone(),
        is_head,
    }
}

fn too_slow() -> RequestError {
    let text = "The file took too long to compute; try again, or ask for less, such as a shorter period.";
    RequestError::new(ErrorCode::Timeout, text).retry_after(1)
}

fn request_error(error: Error) -> RequestError {
    match error {
        Error::Internal(cause) => RequestError::from(&*cause),
        Error::Overloaded => {
            RequestError::new(ErrorCode::Overloaded, Error::Overloaded.to_string()).retry_after(1)
        }
        error => RequestError::new(error.code(), error.to_string()),
    }
}

/// State of a streamed list.
struct ListTransfer {
    table: Table,
    writer: TableWriter,
    /// Offset of the next row.
    start: usize,
    is_over: bool,
    metered: Metered,
    permit: Option<DownloadPermit>,
}

impl ListTransfer {
    /// The next chunk. An error aborts the response, so that a client does not mistake a part for the whole file.
    async fn next(self) -> Result<Option<(Bytes, Self)>> {
        let Self { mut table, mut writer, start, is_over, mut metered, permit } = self;
        if is_over {
            return Ok(None);
        }
        let (next, is_over) = (start + ROWS, start + ROWS >= table.len());
        let writing = async move {
            table.read(start, ROWS).await?;
            let mut bytes = writer.rows(&table, start, ROWS)?;
            if is_over {
                bytes.append(&mut writer.finish()?);
            }
            anyhow::Ok((bytes, table, writer))
        };
        let written = metered.run(writing).await;
        let (bytes, table, writer) =
            written.inspect_err(|error| tracing::error!(%error, "an export of a list was aborted"))?;
        Ok(Some((Bytes::from(bytes), Self { table, writer, start: next, is_over, metered, permit })))
    }
}

/// The head of a file, then its rows: a chunk is built after the client has read the previous one, so slow clients cost no
/// memory.
fn body(head: Vec<u8>, rows: ListTransfer) -> Body {
    let head = (!head.is_empty()).then(|| anyhow::Ok(Bytes::from(head)));
    Body::from_stream(stream::iter(head).chain(stream::try_unfold(rows, ListTransfer::next)))
}
