//! What a resolver knows of its request.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use async_graphql::{Context, Data};
use chrono::Utc;
use registry::{
    model::{Client, Scope},
    view::{Past, View},
};

use super::{dependencies::Depends, scalar::DateTime};
use crate::graphql::error::{Error, Result};

/// A moment of the past.
pub type Moment = chrono::DateTime<Utc>;

/// The views that a request pinned: the present, and the moments of the past that it asks for.
pub struct Views {
    now: View,
    past: BTreeMap<Moment, View>,
    /// Moments that were asked for and are not there yet.
    wanted: Mutex<BTreeSet<Moment>>,
    depends: Arc<Depends>,
}

impl Views {
    /// The present alone.
    pub fn new(now: View) -> Self {
        Self { now, past: BTreeMap::new(), wanted: Mutex::default(), depends: Arc::default() }
    }

    /// The present.
    pub fn now(&self) -> &View {
        &self.now
    }

    /// Moments whose view is missing, or misses states of subjects.
    pub fn incomplete(&self) -> Vec<(Moment, Option<&Past>)> {
        let wanted = self.wanted.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let unread = wanted.iter().map(|moment| (*moment, None));
        let partial = self.past.iter().filter_map(|(moment, view)| {
            let past = view.past().filter(|past| !past.missing().is_empty())?;
            Some((*moment, Some(past)))
        });
        unread.chain(partial).collect()
    }

    /// The same views, with these moments brought or completed.
    pub fn with(&self, moments: impl IntoIterator<Item = Past>) -> Self {
        let mut past = self.past.clone();
        past.extend(moments.into_iter().map(|moment| (moment.at(), self.now.at(Arc::new(moment)))));
        let depends = self.depends.clone();
        Self { now: self.now.clone(), past, wanted: Mutex::default(), depends }
    }

    /// What resolvers tell that the answer depends on.
    pub fn depends(&self) -> &Arc<Depends> {
        &self.depends
    }

    /// Number of moments of the past that were asked for.
    pub fn moments(&self) -> usize {
        let wanted = self.wanted.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        self.past.len() + wanted.len()
    }

    /// Number of states of the past that were read, or are missing.
    pub fn states(&self) -> usize {
        self.past.values().filter_map(View::past).map(|past| past.len() + past.missing().len()).sum()
    }
}

/// The views that the request pinned.
pub trait Pinned<'a> {
    /// One snapshot for the whole answer, as its viewer may see it.
    fn view(&self) -> &'a View;

    /// The registry as it was, or as it is without a moment. While the moment has yet to be read, the present
    /// stands in for it: the query is then run again.
    ///
    /// # Errors
    /// When the moment has not come yet, or the request asks for too many.
    fn view_at(&self, moment: Option<DateTime>) -> Result<&'a View>;

    /// Where to tell what the answer depends on, beyond what its document tells.
    fn depends(&self) -> &'a Depends;

    /// The client that asks, if its key has the scope.
    ///
    /// # Errors
    /// When there is no key, or it lacks the scope.
    fn client(&self, scope: Scope) -> Result<&'a Client>;
}

/// The client whose key came with the request.
pub struct Caller(pub Arc<Client>);

/// Makes what resolvers need, for another state of the registry than the request began with: subscriptions see many.
pub struct Renewal(pub Box<dyn Fn(Arc<Views>) -> Data + Send + Sync>);

impl<'a> Pinned<'a> for Context<'a> {
    fn view(&self) -> &'a View {
        let views: &'a Views = self.data_unchecked::<Arc<Views>>();
        &views.now
    }

    fn view_at(&self, moment: Option<DateTime>) -> Result<&'a View> {
        let views: &'a Views = self.data_unchecked::<Arc<Views>>();
        let Some(DateTime(moment)) = moment else { return Ok(&views.now) };
        if moment > Utc::now() {
            return Err(Error::BadInput(
                "`asOf` lies in the future; leave it out to see the present.".into(),
            ));
        }
        if let Some(view) = views.past.get(&moment) {
            return Ok(view);
        }
        views.wanted.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(moment);
        Ok(&views.now)
    }

    fn depends(&self) -> &'a Depends {
        let views: &'a Views = self.data_unchecked::<Arc<Views>>();
        &views.depends
    }

    fn client(&self, scope: Scope) -> Result<&'a Client> {
        let caller = self.data_opt::<Caller>().map(|caller| &*caller.0);
        caller.filter(|client| client.scopes.contains(&scope)).ok_or(Error::Forbidden(scope.name()))
    }
}
