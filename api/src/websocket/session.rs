//! Session of a WebSocket, from the first message to the last.

use std::{collections::HashMap, time::Duration};

use axum::{
    Error,
    body::Bytes,
    extract::ws::{Message, Utf8Bytes, WebSocket},
    http::{HeaderMap, HeaderValue, header},
};
use registry::{api_client::AuthenticatedClient, worker_pool};
use serde_json::Value;
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};
use tokio_tungstenite::tungstenite;
use tokio_util::task::AbortOnDropHandle;

use super::{
    message::{ClientMessage, CloseReason, ServerMessage, next},
    protocol::{Action, MAX_OPERATIONS, Protocol},
    subscription::{self, Event, OperationEvent},
};
use crate::{
    app::App,
    auth::credentials,
    error_code::ErrorCode,
    pipeline::{
        answer::LONG_REQUEST_BYTES, caller::RequestContext, metered::Metered, permits::KeyedPermit,
        request_error::RequestError, socket_limits::Permit,
    },
};

/// Timeout for `connection_init`.
const INIT: Duration = Duration::from_secs(3);
/// Interval of pings; a client that sent nothing since the last one is disconnected.
const PING: Duration = Duration::from_secs(20);
/// Timeout for sending a message.
const WRITE: Duration = Duration::from_secs(10);
/// Timeout for the closing handshake.
const LINGER: Duration = Duration::from_secs(1);
/// Capacity of the queue of outgoing messages; operations wait while it is full.
const QUEUE: usize = 16;

/// How a session ends: with a close frame, or `None` if the client is gone.
type End = Option<CloseReason>;

/// Runs a session until the client or the server ends it.
pub(super) async fn run(app: App, socket: WebSocket, client: Option<AuthenticatedClient>, permit: Permit) {
    let (sender, events) = mpsc::channel(QUEUE);
    let (protocol, operations) = (Protocol::default(), HashMap::new());
    let mut session = Session {
        app,
        socket,
        client,
        client_permit: None,
        permit,
        protocol,
        operations,
        sender,
        events,
        begun: 0,
        is_silent: false,
    };
    let Err(Some(closed)) = session.converse().await else { return };
    session.operations.clear();
    let last = async {
        session.socket.send(closed.to_message()).await?;
        // Drains what the client is still sending, or it might never read the close frame.
        while session.socket.recv().await.transpose()?.is_some() {}
        Ok::<_, Error>(())
    };
    let _ = timeout(LINGER, last).await;
}

struct Session {
    app: App,
    socket: WebSocket,
    client: Option<AuthenticatedClient>,
    client_permit: Option<KeyedPermit<i64>>,
    permit: Permit,
    protocol: Protocol,
    /// Active operations by id, with their numbers.
    operations: HashMap<String, (u64, AbortOnDropHandle<()>)>,
    sender: Sender<OperationEvent>,
    events: Receiver<OperationEvent>,
    /// Number of operations started so far.
    begun: u64,
    /// Whether nothing was received since the last ping.
    is_silent: bool,
}

impl Session {
    /// Event loop of the session.
    async fn converse(&mut self) -> Result<(), End> {
        let app = self.app.clone();
        let mut pings = interval_at(Instant::now() + PING, PING);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let late = sleep(INIT);
        tokio::pin!(late);
        loop {
            tokio::select! {
                () = app.sockets().closing() => return Err(Some(CloseReason::GOING_AWAY)),
                () = &mut late, if !self.protocol.has_begun() => return Err(Some(CloseReason::INIT_TIMEOUT)),
                _ = pings.tick() => self.ping().await?,
                Some(event) = self.events.recv() => self.pass_on(event).await?,
                heard = self.socket.recv() => self.hear(heard).await?,
            }
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.is_silent {
            return Err(Some(CloseReason::SILENT));
        }
        self.is_silent = true;
        self.send(Message::Ping(Bytes::new())).await
    }

    async fn hear(&mut self, heard: Option<Result<Message, Error>>) -> Result<(), End> {
        self.is_silent = false;
        let text = match heard {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => return Err(Some(CloseReason::BAD_MESSAGE)),
            Some(Err(error)) if is_too_large(&error) => return Err(Some(CloseReason::TOO_LARGE)),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(None),
        };
        let message = self.read(text).await?;
        match self.protocol.take(message).map_err(Some)? {
            Action::Wait => Ok(()),
            Action::Pong => self.send(ServerMessage::Pong.to_message()).await,
            Action::Begin(payload) => self.begin(payload).await,
            Action::Follow(id, request) => {
                self.follow(id, request);
                Ok(())
            }
            Action::Reject(id) => {
                let text = format!("At most {MAX_OPERATIONS} subscriptions are allowed on one WebSocket.");
                let payload = RequestError::new(ErrorCode::SubscriptionsLimit, text).errors();
                self.send(ServerMessage::Error { id: &id, payload: &payload }.to_message()).await
            }
            Action::End(id) => {
                self.operations.remove(&id);
                Ok(())
            }
        }
    }

    /// Parses a message: a long one on the worker pool, for points of the authenticated client.
    async fn read(&mut self, text: Utf8Bytes) -> Result<ClientMessage, End> {
        if text.len() < LONG_REQUEST_BYTES {
            return ClientMessage::read(&text).map_err(Some);
        }
        // Before authentication, no long message is needed.
        let client =
            self.client.as_ref().filter(|_| self.protocol.has_begun()).ok_or(Some(CloseReason::TOO_LARGE))?;
        let service = self.app.service();
        let context = RequestContext::client(service, client);
        let points = (text.len() / LONG_REQUEST_BYTES) as u64;
        context.take(service, points).await.map_err(|_| Some(CloseReason::THROTTLED))?;
        let mut metered = Metered::new(service, &context, points);
        metered.run(async move { ClientMessage::read(&text) }).await.map_err(Some)
    }

    /// Handles `connection_init`: authenticates by the key of the upgrade request or of the payload.
    async fn begin(&mut self, payload: Option<Value>) -> Result<(), End> {
        let client = match &self.client {
            Some(client) => client.clone(),
            None => {
                let headers = authorization(payload.as_ref()).ok_or(Some(CloseReason::FORBIDDEN))?;
                let client = credentials::sent(&self.app.clone(), &headers).await;
                client.map_err(|error| match error.code() {
                    ErrorCode::Unavailable => Some(CloseReason::UNAVAILABLE),
                    _ => Some(CloseReason::FORBIDDEN),
                })?
            }
        };
        self.client_permit = Some(self.app.sockets().enter_as(client.id).ok_or(Some(CloseReason::TOO_MANY))?);
        if matches!(self.permit, Permit::Pending(_)) {
            self.permit = Permit::Open(self.app.sockets().enter().ok_or(Some(CloseReason::TOO_MANY))?);
        }
        self.client = Some(client);
        self.send(ServerMessage::ConnectionAck.to_message()).await
    }

    fn follow(&mut self, id: String, request: Value) {
        let Some(client) = self.client.clone() else { return };
        self.begun += 1;
        let named = (id.clone(), self.begun);
        let following =
            subscription::follow(self.app.service().clone(), client, request, named, self.sender.clone());
        self.operations.insert(id, (self.begun, AbortOnDropHandle::new(worker_pool::spawn(following))));
    }

    async fn pass_on(&mut self, (id, number, event): OperationEvent) -> Result<(), End> {
        if self.operations.get(&id).is_none_or(|(known, _)| *known != number) {
            // The client has stopped it.
            return Ok(());
        }
        if !matches!(event, Event::Next(_)) {
            self.operations.remove(&id);
            self.protocol.ended(&id);
        }
        self.send(match event {
            Event::Next(answer) => next(&id, &answer),
            Event::Error(errors) => ServerMessage::Error { id: &id, payload: &errors }.to_message(),
            Event::Complete => ServerMessage::Complete { id: &id }.to_message(),
        })
        .await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(WRITE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            // A client that receives nothing will not receive a close frame either.
            Ok(Err(_)) | Err(_) => Err(None),
        }
    }
}

/// Headers with the key in the payload of `connection_init`.
fn authorization(payload: Option<&Value>) -> Option<HeaderMap> {
    let mut fields = payload?.as_object()?.iter();
    let (_, key) = fields.find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
    let key = HeaderValue::from_str(key.as_str()?).ok()?;
    Some(HeaderMap::from_iter([(header::AUTHORIZATION, key)]))
}

fn is_too_large(error: &Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(tungstenite::Error::Capacity(_)) = error.downcast_ref() {
            return true;
        }
        cause = error.source();
    }
    false
}
