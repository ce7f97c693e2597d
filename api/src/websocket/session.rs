//! A socket and its client, from the first message to the last.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Error,
    body::Bytes,
    extract::ws::{Message, Utf8Bytes, WebSocket},
    http::{HeaderMap, HeaderValue, header},
};
use registry::{model::Client, worker_pool};
use serde_json::Value;
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};
use tokio_tungstenite::tungstenite;
use tokio_util::task::AbortOnDropHandle;

use super::{
    message::{ClientMessage, CloseReason, ServerMessage, next},
    protocol::{Action, MOST_OPERATIONS, Protocol},
    subscription::{self, Event, OperationEvent},
};
use crate::{
    app::App,
    auth::credentials,
    error_code::ErrorCode,
    pipeline::{
        answer::LONG_FROM, caller::RequestContext, connection_limits::Permit, metered::Metered,
        permits::KeyedPermit, request_error::RequestError,
    },
};

/// Time for the first message.
const INIT: Duration = Duration::from_secs(3);
/// Time between pings; whoever has said nothing since the last one is gone.
const PING: Duration = Duration::from_secs(20);
/// Time for a client to take a message.
const WRITE: Duration = Duration::from_secs(10);
/// Time for a client to close its end.
const LINGER: Duration = Duration::from_secs(1);
/// Messages that wait for a client to take them: operations that have more to tell wait, too.
const QUEUE: usize = 16;

/// How a socket ends: with a last message, or its client is gone.
type End = Option<CloseReason>;

/// Talks to a client until either ends it.
pub(super) async fn run(app: App, socket: WebSocket, client: Option<Arc<Client>>, room: Permit) {
    let (telling, told) = mpsc::channel(QUEUE);
    let (protocol, operations) = (Protocol::default(), HashMap::new());
    let mut session = Session {
        app,
        socket,
        client,
        place: None,
        room,
        protocol,
        operations,
        telling,
        told,
        begun: 0,
        is_silent: false,
    };
    let Err(Some(closed)) = session.converse().await else { return };
    session.operations.clear();
    let last = async {
        session.socket.send(closed.to_message()).await?;
        // What a client is still sending is taken in, or it would never read why nobody listens.
        while session.socket.recv().await.transpose()?.is_some() {}
        Ok::<_, Error>(())
    };
    let _ = timeout(LINGER, last).await;
}

struct Session {
    app: App,
    socket: WebSocket,
    client: Option<Arc<Client>>,
    place: Option<KeyedPermit<i64>>,
    room: Permit,
    protocol: Protocol,
    /// Operations that are followed, by id, with their numbers.
    operations: HashMap<String, (u64, AbortOnDropHandle<()>)>,
    telling: Sender<OperationEvent>,
    told: Receiver<OperationEvent>,
    /// Operations that were begun so far.
    begun: u64,
    /// Whether nothing was heard since the last ping.
    is_silent: bool,
}

impl Session {
    /// Hears and says what there is, until either goes.
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
                Some(telling) = self.told.recv() => self.pass_on(telling).await?,
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
        let said = self.read(text).await?;
        match self.protocol.take(said).map_err(Some)? {
            Action::Wait => Ok(()),
            Action::Pong => self.send(ServerMessage::Pong.to_message()).await,
            Action::Begin(payload) => self.begin(payload).await,
            Action::Follow(id, request) => {
                self.follow(id, request);
                Ok(())
            }
            Action::Refuse(id) => {
                let text = format!("Follow at most {MOST_OPERATIONS} subscriptions on one socket.");
                let payload = RequestError::new(ErrorCode::SubscriptionsLimit, text).errors();
                self.send(ServerMessage::Error { id: &id, payload: &payload }.to_message()).await
            }
            Action::End(id) => {
                self.operations.remove(&id);
                Ok(())
            }
        }
    }

    /// Reads a message: a long one on the workers, for points of the client whose key was said.
    async fn read(&mut self, text: Utf8Bytes) -> Result<ClientMessage, End> {
        if text.len() < LONG_FROM {
            return ClientMessage::read(&text).map_err(Some);
        }
        // Before that there is nothing long to be said.
        let client =
            self.client.as_ref().filter(|_| self.protocol.has_begun()).ok_or(Some(CloseReason::TOO_LARGE))?;
        let service = self.app.service();
        let context = RequestContext::client(service, client);
        let points = (text.len() / LONG_FROM) as u64;
        context.take(service, points).await.map_err(|_| Some(CloseReason::THROTTLED))?;
        let mut metered = Metered::new(service, &context, points);
        metered.run(async move { ClientMessage::read(&text) }).await.map_err(Some)
    }

    /// Lets a client begin whose key is known, or comes with its first message.
    async fn begin(&mut self, payload: Option<Value>) -> Result<(), End> {
        let client = match &self.client {
            Some(client) => client.clone(),
            None => self.client_named(payload.as_ref()).ok_or(Some(CloseReason::FORBIDDEN))?,
        };
        self.place = Some(self.app.sockets().enter_as(client.id).ok_or(Some(CloseReason::TOO_MANY))?);
        if matches!(self.room, Permit::Pending(_)) {
            self.room = Permit::Open(self.app.sockets().enter().ok_or(Some(CloseReason::TOO_MANY))?);
        }
        self.client = Some(client);
        self.send(ServerMessage::ConnectionAck.to_message()).await
    }

    /// The client whose key a first message has.
    fn client_named(&self, payload: Option<&Value>) -> Option<Arc<Client>> {
        let mut fields = payload?.as_object()?.iter();
        let (_, key) = fields.find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
        let key = HeaderValue::from_str(key.as_str()?).ok()?;
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, key)]);
        credentials::known(&self.app, &headers).ok()
    }

    fn follow(&mut self, id: String, request: Value) {
        let Some(client) = self.client.clone() else { return };
        self.begun += 1;
        let named = (id.clone(), self.begun);
        let following =
            subscription::follow(self.app.service().clone(), client, request, named, self.telling.clone());
        self.operations.insert(id, (self.begun, AbortOnDropHandle::new(worker_pool::spawn(following))));
    }

    async fn pass_on(&mut self, (id, number, told): OperationEvent) -> Result<(), End> {
        if self.operations.get(&id).is_none_or(|(known, _)| *known != number) {
            // The client wants no more of it.
            return Ok(());
        }
        if !matches!(told, Event::Next(_)) {
            self.operations.remove(&id);
            self.protocol.ended(&id);
        }
        self.send(match told {
            Event::Next(answer) => next(&id, &answer),
            Event::Error(errors) => ServerMessage::Error { id: &id, payload: &errors }.to_message(),
            Event::Complete => ServerMessage::Complete { id: &id }.to_message(),
        })
        .await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(WRITE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            // Whoever takes nothing does not take a last message either.
            Ok(Err(_)) | Err(_) => Err(None),
        }
    }
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
