//! `/graphql` over WebSocket: subscriptions with the protocol `graphql-transport-ws`.

mod message;
mod protocol;
mod session;
mod subscription;

use crate::{
    app::App,
    auth::credentials,
    error_code::ErrorCode,
    http::graphql,
    pipeline::{
        caller::{self, RequestContext},
        read_your_writes,
        request_error::RequestError,
        response::Accepts,
        security_headers,
        socket_limits::Permit,
    },
};
use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State, WebSocketUpgrade},
    http::{HeaderValue, Response, header},
    response::IntoResponse,
};

const PROTOCOL: &str = "graphql-transport-ws";
/// Largest message in bytes.
const MAX_MESSAGE_BYTES: usize = 256 << 10;

/// Handles a GET request, or opens a WebSocket if it is an upgrade.
pub async fn open_or_answer(State(app): State<App>, request: Request) -> Response<Body> {
    if request.headers().contains_key(header::UPGRADE) {
        return security_headers::plain_data(open(app, request).await);
    }
    graphql::private(State(app), request).await
}

/// Opens a WebSocket. The key is sent with the request or, as browsers cannot do that, with the first message.
async fn open(app: App, request: Request) -> Response<Body> {
    let (mut head, _) = request.into_parts();
    let has_key = head.headers.contains_key(header::AUTHORIZATION);
    let client = match has_key {
        true => match credentials::sent(&app, &head.headers).await {
            Ok(client) => Some(client),
            Err(error) => return error.render(Accepts::Anything),
        },
        false => None,
    };
    let context = match &client {
        Some(client) => RequestContext::client(app.service(), client),
        None => RequestContext::anyone(app.service(), caller::peer(&head), &head),
    };
    if let Err(error) = read_your_writes::wait_for_min_seq(app.service(), &context, &head.headers).await {
        return error.render(Accepts::Anything);
    }
    let client_key = context.client_key;
    let wanted = WebSocketUpgrade::from_request_parts(&mut head, &()).await;
    let wanted = wanted.map(|it| {
        it.protocols([PROTOCOL]).max_message_size(MAX_MESSAGE_BYTES).max_frame_size(MAX_MESSAGE_BYTES)
    });
    let Some(upgrade) = wanted.ok().filter(|upgrade| upgrade.selected_protocol().is_some()) else {
        let text = "Open the WebSocket with the protocol graphql-transport-ws, or omit `Upgrade`.";
        let error = RequestError::new(ErrorCode::BadRequest, text);
        let protocol = HeaderValue::from_static(PROTOCOL);
        return error.with_header(header::SEC_WEBSOCKET_PROTOCOL, protocol).render(Accepts::Anything);
    };
    // WebSockets without a key have permits of their own, so that they cannot block authenticated ones.
    let permit = match &client {
        Some(_) => app.sockets().enter().map(Permit::Open),
        None => app.sockets().arrive(client_key).map(Permit::Pending),
    };
    let Some(permit) = permit else {
        let text = "There are too many WebSockets; try again later.";
        return RequestError::new(ErrorCode::Overloaded, text).retry_after(10).render(Accepts::Anything);
    };
    upgrade.on_upgrade(async move |socket| session::run(app, socket, client, permit).await).into_response()
}
