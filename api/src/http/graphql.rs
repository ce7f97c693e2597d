//! `/public/graphql` for everyone and `/graphql` for clients with a key.

use async_graphql::ObjectType;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{Response, StatusCode, header},
};

use super::{
    asker::{self, Asking},
    auth,
    endpoint::Endpoint,
    execute,
    request::{self, Read, Refused},
    response::{self, Accepts},
};
use crate::{
    app::App,
    kit::request::Caller,
    snapshot::{View, Viewer},
};

/// Answers anyone, with what everyone may see.
pub async fn public(State(app): State<App>, request: Request) -> Response<Body> {
    let view = View::new(app.registry().snapshot(), Viewer::Public);
    let asking = Asking::anyone(&app, &request);
    answer(&app, app.public(), asking, request, view, Ok).await
}

/// Answers a client with a key, with what its scopes let it see and do.
pub async fn private(State(app): State<App>, request: Request) -> Response<Body> {
    let client = match auth::client(&app, request.headers()) {
        Ok(client) => client,
        Err(refused) => return *refused,
    };
    let view = View::new(app.registry().snapshot(), auth::viewer(&client));
    let asking = Asking::client(&app, &client);
    let as_client = |mut read: Read| {
        read.request = read.request.data(Caller(client));
        Ok(read)
    };
    answer(&app, app.private(), asking, request, view, as_client).await
}

/// Reads a request, takes its points, runs it and gives back the points that it did not need.
pub(super) async fn answer<Q: ObjectType + 'static, M: ObjectType + 'static>(
    app: &App,
    endpoint: &Endpoint<Q, M>,
    asking: Asking<'_>,
    request: Request,
    view: View,
    prepare: impl FnOnce(Read) -> Result<Read, Refused>,
) -> Response<Body> {
    let read =
        request::read(request, asking.limits, endpoint.documents(), app.persisted()).await.and_then(prepare);
    let mut read = match read {
        Ok(read) => read,
        Err(refused) => {
            let _ = app.rates().take(asking.asker, asking.allowance(), REFUSED);
            return *refused;
        }
    };
    let standing = match app.rates().take(asking.asker, asking.allowance(), read.cost) {
        Ok(standing) => standing,
        Err(throttled) => return asker::throttled(read.accepts, &throttled),
    };
    read.request = read.request.data(standing);
    let (accepts, requested, document) = (read.accepts, read.cost, read.document.clone());
    let operation = read.request.operation_name.clone();
    let executed =
        tokio::time::timeout(asking.limits.timeout, execute::execute(endpoint, app, read, view)).await;
    let Ok(mut answer) = executed else { return timed_out(accepts) };
    let actual = document.actual_cost(operation.as_deref(), &answer.data).min(requested);
    app.rates().give_back(asking.asker, requested - actual);
    response::tell_cost(&mut answer, requested, actual);
    let mut response = response::graphql(accepts, answer);
    asker::tell(&mut response, &standing);
    response
}

/// Points that a request takes which is refused.
const REFUSED: u64 = 10;

/// What was begun to be written is written all the same; sent again by the same name, it is answered.
fn timed_out(accepts: Accepts) -> Response<Body> {
    let (status, text) =
        (StatusCode::SERVICE_UNAVAILABLE, "The answer took too long; ask for less, or try again.");
    response::refusal_with(accepts, status, "TIMEOUT", text, (header::RETRY_AFTER, "1"))
}
