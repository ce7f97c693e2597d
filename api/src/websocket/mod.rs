//! `/graphql` as a WebSocket: subscriptions, by the protocol `graphql-transport-ws`.

mod message;
mod protocol;
mod session;
mod subscription;

use crate::{
    app::App,
    auth::credentials,
    http::graphql,
    pipeline::{
        caller::{self, Asking},
        connection_limits::Held,
        response::{Accepts, refusal_with},
        security_headers,
    },
};
use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State, WebSocketUpgrade},
    http::{HeaderName, Response, StatusCode, header},
    response::IntoResponse,
};

const PROTOCOL: &str = "graphql-transport-ws";
/// Bytes of a message.
const LARGEST: usize = 256 << 10;

/// Answers a client that asks by GET, or opens a socket where it wants one.
pub async fn open_or_answer(State(app): State<App>, request: Request) -> Response<Body> {
    if request.headers().contains_key(header::UPGRADE) {
        return security_headers::plain_data(open(app, request).await);
    }
    graphql::private(State(app), request).await
}

/// Opens a socket. Its client sends its key with the request, or, as browsers cannot do that, with its first message.
async fn open(app: App, request: Request) -> Response<Body> {
    let (mut head, _) = request.into_parts();
    let has_key = head.headers.contains_key(header::AUTHORIZATION);
    let client = match has_key.then(|| credentials::known(&app, &head.headers)).transpose() {
        Ok(client) => client,
        Err(refused) => return *refused,
    };
    let wanted = WebSocketUpgrade::from_request_parts(&mut head, &()).await;
    let wanted = wanted.map(|it| it.protocols([PROTOCOL]).max_message_size(LARGEST).max_frame_size(LARGEST));
    let Some(upgrade) = wanted.ok().filter(|upgrade| upgrade.selected_protocol().is_some()) else {
        let text = "Open a WebSocket with the protocol graphql-transport-ws, or ask without one.";
        return refused(
            StatusCode::BAD_REQUEST,
            "BAD_REQUEST",
            text,
            (header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL),
        );
    };
    // Whoever has not said a key yet leaves room for those who have one.
    let room = match &client {
        Some(_) => app.sockets().enter().map(Held::Room),
        None => {
            let asking = Asking::anyone(app.service(), caller::peer(&head), &head);
            app.sockets().arrive(asking.asker).map(Held::Arriving)
        }
    };
    let Some(room) = room else {
        let text = "There are too many sockets; try again later.";
        return refused(StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED", text, (header::RETRY_AFTER, "10"));
    };
    upgrade.on_upgrade(async move |socket| session::run(app, socket, client, room).await).into_response()
}

fn refused(status: StatusCode, code: &str, text: &str, header: (HeaderName, &'static str)) -> Response<Body> {
    refusal_with(Accepts::Anything, status, code, text, header)
}
