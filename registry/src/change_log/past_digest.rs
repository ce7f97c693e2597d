//! Digests of the public records at past sequence numbers.

use std::sync::Arc;

use anyhow::Result;
use entities::change::{self, Audience, Column, SubjectType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{
    Registry,
    as_of::{State, States, last_states},
    feed_query::read_along,
};
use crate::{
    model::Record,
    view::{FeedScope, PastState, PastStates, RegistryDigest, View},
};

impl Registry {
    /// Digests of the public records of a scope at a sequence number that the view has reached; `None` when more than
    /// `most` pages and organizations have changed since.
    ///
    /// # Errors
    /// When the database does not answer, or a change cannot be parsed.
    pub async fn digest_at(
        &self,
        view: &View,
        scope: &FeedScope,
        seq: i64,
        most: usize,
    ) -> Result<Option<RegistryDigest>> {
        let past = match seq < view.seq() {
            true => self.past_states((seq, view.seq()), most).await?,
            false => Some(PastStates::default()),
        };
        Ok(past.map(|past| view.digest(scope, &past)))
    }

    /// States of pages and organizations at `seq`, of those that have changed up to `until`; `None` when these are more
    /// than `most`.
    async fn past_states(&self, (seq, until): (i64, i64), most: usize) -> Result<Option<PastStates>> {
        let pages = self.changed(SubjectType::Page, (seq, until), most + 1).await?;
        let organizations = self.changed(SubjectType::Organization, (seq, until), most + 1).await?;
        if pages.len() + organizations.len() > most {
            return Ok(None);
        }
        let (db, mut states) = (&self.database().read, States::new());
        last_states(db, SubjectType::Page, &pages, seq, &mut states).await?;
        last_states(db, SubjectType::Organization, &organizations, seq, &mut states).await?;
        let mut past = PastStates::default();
        for id in pages {
            let state = public(states.remove(&(SubjectType::Page, id)), |record| match record {
                Record::Page(page) => Some((page.is_public(), page)),
                _ => None,
            });
            past.pages.insert(id, state);
        }
        for id in organizations {
            let state = public(states.remove(&(SubjectType::Organization, id)), |record| match record {
                Record::Organization(organization) => Some((organization.is_public(), organization)),
                _ => None,
            });
            past.organizations.insert(id, state);
        }
        Ok(Some(past))
    }

    /// Subjects of a type that changed after one sequence number and up to the other; at most `most`.
    async fn changed(
        &self,
        subject_type: SubjectType,
        (after, last): (i64, i64),
        most: usize,
    ) -> Result<Vec<i64>> {
        let since = change::Entity::find().select_only().column(Column::SubjectId).distinct();
        let since = since.filter(read_along("subject_type", &[subject_type])).filter(Column::Seq.gt(after));
        let since = since.filter(Column::Seq.lte(last)).limit(most as u64);
        Ok(since.into_tuple().all(&self.database().read).await?)
    }
}

/// The state, if it was public; `read` returns the record, and whether it is public by itself.
fn public<T>(
    state: Option<State>,
    read: impl FnOnce(Record) -> Option<(bool, Arc<T>)>,
) -> Option<PastState<T>> {
    let State { record, audience, territory_id } = state?;
    let (is_public, record) = read(record)?;
    // Changes from before the column `audience` existed do not record it.
    let was_public =
        audience.map_or(is_public, |audience| matches!(audience, Audience::Public | Audience::Unchanged));
    was_public.then_some(PastState { record, territory_id })
}
