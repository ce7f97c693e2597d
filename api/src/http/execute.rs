//! Running a query: once for the present, and again as long as it asks for more of the past.

use std::sync::Arc;

use async_graphql::{
    EmptySubscription, ObjectType, Request, Response, Schema, Variables, parser::types::ExecutableDocument,
};

use super::{order, request::Read};
use crate::{
    app::App,
    change::Registry,
    error::Error,
    kit::request::Views,
    snapshot::{Past, View},
    statistics::loader::FigureLoader,
};

/// Times that a query is run until it has all of the past that it asks for: deeper than any query may be.
const MAX_RUNS: usize = 24;
/// Most moments of the past in one request.
const MAX_MOMENTS: usize = 10;
/// Most states of the past in one request.
const MAX_STATES: usize = 2_000;

/// What is needed to run a query again.
struct Again {
    query: String,
    operation_name: Option<String>,
    variables: Variables,
    document: ExecutableDocument,
}

/// Runs the query on the view, with whatever it asks for of the past.
pub async fn execute<Q: ObjectType + 'static, M: ObjectType + 'static>(
    schema: &Schema<Q, M, EmptySubscription>,
    app: &App,
    read: Read,
    view: View,
) -> Response {
    let (asks_for_past, may_lose_order) =
        (read.is_query && read.request.query.contains("asOf"), order::may_be_lost(&read.request.query));
    // Hardly any query asks for the past or waits; the others are run once and never copied.
    let again = (asks_for_past || may_lose_order).then(|| Again {
        query: read.request.query.clone(),
        operation_name: read.request.operation_name.clone(),
        variables: read.request.variables.clone(),
        document: read.document,
    });
    let views = Arc::new(Views::new(view));
    let mut response = schema.execute(with_data(app, read.request, &views)).await;
    let Some(again) = again else { return response };
    if asks_for_past {
        response = match repeat(schema, app, &again, views, response).await {
            Ok(response) => response,
            Err(error) => Response::from_errors(vec![error.into_server_error()]),
        };
    }
    if may_lose_order {
        order::restore(&again.document, again.operation_name.as_deref(), &mut response.data);
    }
    response
}

/// Hands a request what resolvers need.
fn with_data(app: &App, request: Request, views: &Arc<Views>) -> Request {
    let figures = FigureLoader::new(app.registry().database());
    request
        .data(views.clone())
        .data(app.registry().clone())
        .data(app.search().clone())
        .data(figures)
        .data(app.months().clone())
}

async fn repeat<Q: ObjectType + 'static, M: ObjectType + 'static>(
    schema: &Schema<Q, M, EmptySubscription>,
    app: &App,
    again: &Again,
    mut views: Arc<Views>,
    mut response: Response,
) -> Result<Response, Error> {
    for _ in 0..MAX_RUNS {
        if views.states() > MAX_STATES {
            let text = format!(
                "`asOf` reaches more than {MAX_STATES} subjects that have changed since; ask for less of them."
            );
            return Err(Error::BadInput(text));
        }
        let moments = bring(app.registry(), &views).await?;
        if moments.is_empty() {
            return Ok(response);
        }
        views = Arc::new(views.with(moments));
        let mut request = Request::new(again.query.clone());
        request.operation_name.clone_from(&again.operation_name);
        request.variables = again.variables.clone();
        request.set_parsed_query(again.document.clone());
        response = schema.execute(with_data(app, request, &views)).await;
    }
    Err(Error::BadInput("`asOf` reaches too deep; ask for less at once.".into()))
}

/// Reads what the last run missed.
async fn bring(registry: &Registry, views: &Views) -> Result<Vec<Past>, Error> {
    let mut moments = Vec::new();
    if views.moments() > MAX_MOMENTS {
        return Err(Error::BadInput(format!(
            "A request may ask for at most {MAX_MOMENTS} moments of `asOf`."
        )));
    }
    for (moment, past) in views.incomplete() {
        moments.push(match past {
            None => registry.moment(moment, views.now().seq()).await?,
            Some(past) => registry.complete(past).await?,
        });
    }
    Ok(moments)
}
