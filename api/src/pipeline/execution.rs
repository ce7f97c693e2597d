//! Execution: a query with `asOf` is executed again until all past states that it needs are loaded.

use std::{
    any::{Any, TypeId},
    sync::Arc,
};

use async_graphql::{Data, Executor, Request, Response, Variables, registry::Registry as TypeRegistry};
use futures_util::{Stream, StreamExt, stream};
use registry::{
    change_log::Registry,
    view::{AsOf, View},
};

use super::{
    endpoint::Endpoint, request::ParsedRequest, response::is_request_error, service::GraphqlService,
};
use crate::{
    document::{Document, empty_selections, field_order, interfaces_of_interfaces, nulls},
    graphql::{
        error::Error,
        kit::{
            context::{Caller, Renewal, Views},
            dependencies::ObservedDependencies,
        },
        statistics::loader::StatisticsLoader,
    },
    rate_limit::RateLimitStatus,
};

/// Maximum number of repeated executions of a query with `asOf`: more than the depth limit needs.
const MAX_RUNS: usize = 24;
/// Maximum number of distinct `asOf` timestamps per request.
const MAX_TIMESTAMPS: usize = 10;
/// Maximum number of past states per request.
const MAX_STATES: usize = 2_000;

/// What is needed to execute a query again.
struct Rerun {
    operation_name: Option<String>,
    variables: Variables,
    document: Arc<Document>,
    caller: Option<Caller>,
    rate_limit: Option<RateLimitStatus>,
}

impl Rerun {
    fn of(request: &Request, document: &Arc<Document>) -> Self {
        Self {
            operation_name: request.operation_name.clone(),
            variables: request.variables.clone(),
            document: document.clone(),
            caller: data_of(request),
            rate_limit: data_of(request),
        }
    }

    /// The request with the data about its caller; that of all requests is added later.
    fn request(&self) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        request.operation_name.clone_from(&self.operation_name);
        if let Some(caller) = &self.caller {
            request = request.data(caller.clone());
        }
        match self.rate_limit {
            Some(rate_limit) => request.data(rate_limit),
            None => request,
        }
    }
}

fn data_of<T: Any + Clone>(request: &Request) -> Option<T> {
    request.data.get(&TypeId::of::<T>())?.downcast_ref::<T>().cloned()
}

/// Executes an operation on a view, with the past states that it needs. Also returns the dependencies observed during
/// execution.
pub async fn execute<E: Executor>(
    endpoint: &Endpoint<E>,
    service: &GraphqlService,
    read: ParsedRequest,
    view: View,
) -> (Response, ObservedDependencies) {
    let ParsedRequest { request, document, is_query, .. } = read;
    let may_use_as_of = is_query && document.may_use_as_of;
    // Most queries neither use `asOf` nor wait: they are executed once, without a copy of their variables.
    let is_simple = !may_use_as_of && document.async_fields.is_empty();
    let rerun = (!is_simple).then(|| Rerun::of(&request, &document));
    let (schema, checks) = endpoint.schema(&document, &request.variables);
    // Values of a known document can be read; what is left are those that it contains.
    let values = if checks { request.variables.clone() } else { Variables::default() };
    let (views, operation) = (Arc::new(Views::new(view)), request.operation_name.clone());
    let mut response = match document.errors.is_empty() {
        true => schema.execute(with_data(service, request, &document, &views)).await,
        false => endpoint.validate(document.clone()).await,
    };
    if checks && !is_request_error(&response) {
        document.mark_valid();
    }
    let depends = views.depends().clone();
    if may_use_as_of && let Some(rerun) = &rerun {
        response = match repeat(schema, service, rerun, views, response).await {
            Ok(response) => response,
            Err(error) => Response::from_errors(vec![error.into_server_error()]),
        };
    }
    endpoint.explanations().add(&document, &values, &mut response.errors);
    let types = endpoint.documents().types();
    nulls::propagate(&document, types, operation.as_deref(), &mut response);
    if let Some(rerun) = &rerun {
        let request = (operation.as_deref(), &rerun.variables);
        field_order::restore(&document, types, request, &mut response.data);
    }
    unmark(&document, endpoint.explanations().types(), &mut response);
    (response, depends.observed())
}

/// Executes a subscription; the stream yields its responses.
pub(crate) fn follow<E: Executor>(
    endpoint: &Endpoint<E>,
    service: &GraphqlService,
    read: ParsedRequest,
    view: View,
) -> impl Stream<Item = Response> + Send + use<E> {
    let ParsedRequest { request, document, .. } = read;
    let (schema, checks) = endpoint.schema(&document, &request.variables);
    let (values, types) = (request.variables.clone(), endpoint.documents().types().clone());
    let (operation, explanations) = (request.operation_name.clone(), endpoint.explanations().clone());
    let (its_service, its_document) = (service.clone(), document.clone());
    let renewal = Renewal(Box::new(move |views| {
        let mut data = Data::default();
        add_data(&mut data, &its_service, &its_document, &views);
        data
    }));
    let request = with_data(service, request.data(renewal), &document, &Arc::new(Views::new(view)));
    let responses = match document.errors.is_empty() {
        true => schema.execute_stream(request, None),
        false => stream::once(endpoint.validate(document.clone())).boxed(),
    };
    responses.map(move |mut response| {
        if checks && !is_request_error(&response) {
            document.mark_valid();
        }
        explanations.add(&document, &values, &mut response.errors);
        field_order::restore(&document, &types, (operation.as_deref(), &values), &mut response.data);
        unmark(&document, explanations.types(), &mut response);
        response
    })
}

/// Removes what was added to selection sets of types and of objects that could turn out empty.
fn unmark(document: &Document, types: &TypeRegistry, response: &mut Response) {
    if document.selects_interfaces {
        interfaces_of_interfaces::complete(&mut response.data, types);
    }
    if document.is_marked {
        empty_selections::unmark(&mut response.data);
    }
}

/// Adds the parsed document, and the context data of resolvers.
fn with_data(
    service: &GraphqlService,
    mut request: Request,
    document: &Document,
    views: &Arc<Views>,
) -> Request {
    request.set_parsed_query(document.parsed.clone());
    add_data(&mut request.data, service, document, views);
    request
}

/// Adds the context data of resolvers.
fn add_data(data: &mut Data, service: &GraphqlService, document: &Document, views: &Arc<Views>) {
    data.insert(views.clone());
    data.insert(document.async_fields.clone());
    data.insert(service.registry().clone());
    data.insert(service.search().clone());
    data.insert(StatisticsLoader::new(service.registry().database()));
    data.insert(service.months().clone());
    data.insert(service.restored_states().clone());
}

async fn repeat<E: Executor>(
    schema: &E,
    service: &GraphqlService,
    rerun: &Rerun,
    mut views: Arc<Views>,
    mut response: Response,
) -> Result<Response, Error> {
    for _ in 0..MAX_RUNS {
        if views.states() > MAX_STATES {
            let text =
                format!("`asOf` needs past states of more than {MAX_STATES} subjects; select fewer of them.");
            return Err(Error::BadInput(text));
        }
        let loaded = bring(service.registry(), &views).await?;
        if loaded.is_empty() {
            return Ok(response);
        }
        views = Arc::new(views.with(loaded));
        let request = rerun.request();
        response = schema.execute(with_data(service, request, &rerun.document, &views)).await;
    }
    Err(Error::BadInput("`asOf` is used on fields that are nested too deeply; select less.".into()))
}

/// Loads the past states that the last execution lacked.
async fn bring(registry: &Registry, views: &Views) -> Result<Vec<AsOf>, Error> {
    let mut loaded = Vec::new();
    if views.timestamps() > MAX_TIMESTAMPS {
        return Err(Error::BadInput(format!(
            "A request may have at most {MAX_TIMESTAMPS} different values of `asOf`."
        )));
    }
    for (timestamp, past) in views.incomplete() {
        loaded.push(match past {
            None => registry.as_of(timestamp, views.now().seq()).await?,
            Some(past) => registry.complete(past).await?,
        });
    }
    Ok(loaded)
}
