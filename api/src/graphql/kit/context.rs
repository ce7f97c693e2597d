//! Request data of resolvers: views, client, dependencies.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use async_graphql::{Context, Data};
use chrono::Utc;
use registry::{
    api_client::AuthenticatedClient,
    idempotency::{IdempotentCall, WriteRequest},
    model::{Client, Scope},
    view::{AsOf, View},
};

use super::{dependencies::DependencyCollector, scalar::DateTime};
use crate::graphql::error::{Error, Result};

/// Timestamp in the past.
pub type Timestamp = chrono::DateTime<Utc>;

/// Views that a request uses: the current one, and one per `asOf` timestamp.
pub struct Views {
    now: View,
    past: BTreeMap<Timestamp, View>,
    /// Timestamps that were requested and are not loaded yet.
    wanted: Mutex<BTreeSet<Timestamp>>,
    depends: Arc<DependencyCollector>,
}

impl Views {
    /// Only the current view.
    pub fn new(now: View) -> Self {
        Self { now, past: BTreeMap::new(), wanted: Mutex::default(), depends: Arc::default() }
    }

    /// The current view.
    pub fn now(&self) -> &View {
        &self.now
    }

    /// Timestamps whose view is missing, or lacks states of subjects.
    pub fn incomplete(&self) -> Vec<(Timestamp, Option<&AsOf>)> {
        let wanted = self.wanted.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let unread = wanted.iter().map(|timestamp| (*timestamp, None));
        let partial = self.past.iter().filter_map(|(timestamp, view)| {
            let as_of = view.as_of().filter(|as_of| !as_of.missing().is_empty())?;
            Some((*timestamp, Some(as_of)))
        });
        unread.chain(partial).collect()
    }

    /// The same views, with these past ones added or completed.
    pub fn with(&self, loaded: impl IntoIterator<Item = AsOf>) -> Self {
        let mut past = self.past.clone();
        past.extend(loaded.into_iter().map(|as_of| (as_of.at(), self.now.at(Arc::new(as_of)))));
        let depends = self.depends.clone();
        Self { now: self.now.clone(), past, wanted: Mutex::default(), depends }
    }

    /// Dependencies reported by resolvers.
    pub fn depends(&self) -> &Arc<DependencyCollector> {
        &self.depends
    }

    /// Number of distinct timestamps that were requested.
    pub fn timestamps(&self) -> usize {
        let wanted = self.wanted.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        self.past.len() + wanted.len()
    }

    /// Number of past states that were read or are missing.
    pub fn states(&self) -> usize {
        self.past.values().filter_map(View::as_of).map(|as_of| as_of.len() + as_of.missing().len()).sum()
    }
}

/// Access to the request data.
pub trait Pinned<'a> {
    /// The current snapshot as the viewer may see it, the same for the whole response.
    fn view(&self) -> &'a View;

    /// The registry as of a timestamp; the current state for `None`. If the timestamp is not loaded yet, the current view is
    /// returned, and the query is executed again after loading.
    ///
    /// # Errors
    /// If the timestamp is in the future.
    fn view_at(&self, timestamp: Option<DateTime>) -> Result<&'a View>;

    /// Where resolvers report dependencies in addition to those of the document.
    fn depends(&self) -> &'a DependencyCollector;

    /// The client of the request, if its key has the scope.
    ///
    /// # Errors
    /// If there is no key, or it lacks the scope.
    fn client(&self, scope: Scope) -> Result<&'a Client>;

    /// A write by the client of the request, with the idempotency key of the request, if it has one.
    ///
    /// # Errors
    /// If there is no key, or it lacks the scope.
    fn write_request(&self, scope: Scope) -> Result<WriteRequest>;
}

/// Idempotency key of the request.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// The key.
    pub key: Box<str>,
    /// BLAKE3 of the request.
    pub request_hash: [u8; 32],
}

/// Checks that a timestamp of `asOf` is in the past.
///
/// # Errors
/// If it is not.
pub fn check_past(timestamp: Timestamp) -> Result<()> {
    match timestamp > Utc::now() {
        true => Err(Error::BadInput("`asOf` is in the future; omit it to read the current state.".into())),
        false => Ok(()),
    }
}

/// Client whose key was sent with the request.
#[derive(Clone)]
pub struct Caller(pub AuthenticatedClient);

/// Builds the request data for newer views: a subscription uses one per event.
pub struct Renewal(pub Box<dyn Fn(Arc<Views>) -> Data + Send + Sync>);

impl<'a> Pinned<'a> for Context<'a> {
    fn view(&self) -> &'a View {
        let views: &'a Views = self.data_unchecked::<Arc<Views>>();
        &views.now
    }

    fn view_at(&self, timestamp: Option<DateTime>) -> Result<&'a View> {
        let views: &'a Views = self.data_unchecked::<Arc<Views>>();
        let Some(DateTime(timestamp)) = timestamp else { return Ok(&views.now) };
        check_past(timestamp)?;
        if let Some(view) = views.past.get(&timestamp) {
            return Ok(view);
        }
        views.wanted.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(timestamp);
        Ok(&views.now)
    }

    fn depends(&self) -> &'a DependencyCollector {
        let views: &'a Views = self.data_unchecked::<Arc<Views>>();
        &views.depends
    }

    fn client(&self, scope: Scope) -> Result<&'a Client> {
        let caller = self.data_opt::<Caller>().map(|caller| &*caller.0);
        caller.filter(|client| client.has(scope)).ok_or(Error::Forbidden(scope.name()))
    }

    fn write_request(&self, scope: Scope) -> Result<WriteRequest> {
        self.client(scope)?;
        let Caller(client) = self.data_opt::<Caller>().ok_or(Error::Forbidden(scope.name()))?;
        let response_key = || self.path_node.map_or_else(String::new, |path| path.to_string());
        let call = self.data_opt::<IdempotencyKey>().map(|known| IdempotentCall {
            key: known.key.clone(),
            field: response_key().into(),
            request_hash: known.request_hash,
        });
        Ok(WriteRequest { scope: Some(scope), call, ..WriteRequest::new(client.author()) })
    }
}
