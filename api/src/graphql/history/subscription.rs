//! Subscription to the change feed.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, ServerError, ServerResult, Subscription, Value,
    parser::types::Field, registry::Registry as Types,
};
use chrono::Utc;
use futures_util::{Stream, stream};
use registry::{
    api_client::AuthenticatedClient,
    change_log::Registry,
    model::Scope,
    view::{View, Viewer},
    worker_pool,
};
use tokio::{sync::Semaphore, time::sleep};

use super::{
    feed::ChangeConnection,
    filter::ChangeFilter,
    window::{MAX_CHANGES, Window},
};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::check_first,
        context::{Caller, Pinned, Renewal, Views},
        scalar::SafeInt,
    },
};

/// Windows read concurrently: all subscriptions wake together, and other requests need the database, too.
static READING: Semaphore = Semaphore::const_new(4);

/// Root fields of subscriptions to the change feed.
#[derive(Default)]
pub struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// Change feed as a stream of non-empty connections, each sent once its changes are committed; starts with the next
    /// change unless `after` or `afterSeq` is given. Pass `pageInfo.endCursor` as `after` to resume: gap-free, without
    /// duplicates.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "Return changes after this sequence number, from `Registry-Seq` or an export; cannot be combined with `after`."
        )]
        after_seq: Option<SafeInt>,
        #[graphql(desc = "Conditions that the changes must meet.")] filter: Option<ChangeFilter>,
        #[graphql(default = 100, desc = "Maximum number of changes per event, from 1 to 500.")] first: i32,
    ) -> Result<impl Stream<Item = ObservedDependencies>> {
        check_first(first, MAX_CHANGES)?;
        let view = ctx.view();
        let registry = ctx.data_unchecked::<Registry>().clone();
        let after = match (&after, &after_seq) {
            (None, None) => view.seq(),
            _ => super::window::start(&registry, view, after, after_seq).await?.id,
        };
        let filter = filter.unwrap_or_default();
        // Fail now, not at the first change.
        filter.compile(view)?;
        let client = ctx.data_opt::<Caller>().map(|caller| caller.0.clone());
        let client = client.ok_or(Error::Forbidden(Scope::Read.name()))?;
        let generation = view.timeline().generation;
        let follower = Follower { registry, client, filter, after, generation, count: first as usize };
        Ok(stream::unfold(Some(follower), async |follower| {
            let mut follower = follower?;
            match follower.next().await {
                Ok(window) => Some((ObservedDependencies(Ok(window)), Some(follower))),
                Err(error) => Some((ObservedDependencies(Err(error.into_server_error())), None)),
            }
        }))
    }
}

/// State of one subscription: client, filter and position.
struct Follower {
    registry: Registry,
    client: AuthenticatedClient,
    filter: ChangeFilter,
    after: i64,
    /// Generation of the database history to which `after` belongs.
    generation: u32,
    count: usize,
}

impl Follower {
    /// Waits for the next non-empty window.
    async fn next(&mut self) -> Result<(View, Window)> {
        loop {
            tokio::select! {
                _ = self.registry.reached(self.after + 1) => {}
                () = self.expiry() => return Err(Error::Unauthenticated),
            }
            let view = self.view()?;
            if view.timeline().generation != self.generation {
                return Err(Error::TimelineChanged(self.registry.last_common_seq(self.after).await?));
            }
            let window = self.read(&view).await?;
            self.after = window.reached;
            if !window.items.is_empty() {
                return Ok((view, window));
            }
        }
    }

    /// Waits until the key of the client expires; for ever if it does not.
    async fn expiry(&self) {
        match self.client.key().and_then(|key| key.expires_at) {
            Some(at) => sleep((at - Utc::now()).to_std().unwrap_or_default()).await,
            None => std::future::pending().await,
        }
    }

    /// Current view of the registry for the client; fails if its key was revoked or is expired.
    fn view(&self) -> Result<View> {
        let snapshot = self.registry.snapshot();
        let client = self.client.renewed(&snapshot, Utc::now()).ok_or(Error::Unauthenticated)?;
        let viewer = Viewer::from(&*client);
        Ok(View::new(snapshot, viewer))
    }

    /// Reads in a task of its own: a slow subscriber must not hold the permit or a database connection.
    async fn read(&self, view: &View) -> Result<Window> {
        let (registry, view, scope) = (self.registry.clone(), view.clone(), self.filter.compile(view)?);
        let (after, count) = (self.after, self.count);
        let reading = worker_pool::spawn(async move {
            // The semaphore is never closed.
            let _turn = READING.acquire().await;
            Window::read(&registry, &scope, &view, after.into(), count).await
        });
        reading.await.map_err(anyhow::Error::from)?
    }
}

/// Next event of a subscription: a window, or an error.
struct ObservedDependencies(Result<(View, Window), ServerError>);

impl OutputType for ObservedDependencies {
    fn type_name() -> Cow<'static, str> {
        ChangeConnection::type_name()
    }

    fn create_type_info(types: &mut Types) -> String {
        ChangeConnection::create_type_info(types)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let (view, window) = self.0.as_ref().map_err(Clone::clone)?;
        let views = Arc::new(Views::new(view.clone()));
        let data = (ctx.data_unchecked::<Renewal>().0)(views.clone());
        let ctx = ctx.query_env.create_context(ctx.schema_env, ctx.path_node, ctx.item, Some(&data));
        window.connection(views.now()).resolve(&ctx, field).await
    }
}
