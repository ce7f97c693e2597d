//! Digests of the public pages at past sequence numbers.

use std::collections::HashMap;

use anyhow::Result;
use entities::change::{self, Audience, Column, SubjectType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{
    Registry,
    as_of::{States, last_states},
    feed::read_along,
};
use crate::{model::Record, snapshot::PageDigest, view::View};

impl Registry {
    /// Digest of the public pages of a platform, or of all platforms, at a sequence number that the view has
    /// reached; `None` when more than `most` pages have changed up to the next checkpoint.
    ///
    /// # Errors
    /// When the database does not answer, or a change cannot be parsed.
    pub async fn digest_at(
        &self,
        view: &View,
        platform_id: Option<i64>,
        seq: i64,
        most: u64,
    ) -> Result<Option<PageDigest>> {
        if seq >= view.seq() {
            return Ok(Some(view.public_digest(platform_id)));
        }
        let known = self.checkpoints().at_or_after(seq, view.seq(), platform_id);
        let (from, mut digest) = known.unwrap_or_else(|| (view.seq(), view.public_digest(platform_id)));
        let changed = self.changed_pages(platform_id, (seq, from), most + 1).await?;
        if changed.len() as u64 > most {
            return Ok(None);
        }
        let db = &self.database().read;
        let (mut earlier, mut later) = (HashMap::new(), HashMap::new());
        last_states(db, SubjectType::Page, &changed, seq, &mut earlier).await?;
        let is_of_present = from == view.seq();
        if !is_of_present {
            last_states(db, SubjectType::Page, &changed, from, &mut later).await?;
        }
        let line = |states: &States, id: i64| match states.get(&(SubjectType::Page, id)) {
            Some((Record::Page(page), audience)) => audience
                .map_or(page.is_public(), |audience| audience == Audience::Public)
                .then(|| view.digest_line(page)),
            _ => None,
        };
        for id in changed {
            let now = if is_of_present { view.public_digest_line(id) } else { line(&later, id) };
            now.iter().for_each(|line| digest.subtract(line));
            line(&earlier, id).iter().for_each(|line| digest.add(line));
        }
        Ok(Some(digest))
    }

    /// Pages of a platform, or of all platforms, that changed after one sequence number and up to the other; at most
    /// `most`.
    async fn changed_pages(
        &self,
        platform_id: Option<i64>,
        (after, last): (i64, i64),
        most: u64,
    ) -> Result<Vec<i64>> {
        let since = change::Entity::find().select_only().column(Column::SubjectId).distinct();
        let since =
            since.filter(read_along("subject_type", &[SubjectType::Page])).filter(Column::Seq.gt(after));
        let since = since.filter(Column::Seq.lte(last));
        let since = match platform_id {
            Some(platform_id) => since.filter(Column::PlatformId.eq(platform_id)),
            None => since,
        };
        Ok(since.limit(most).into_tuple().all(&self.database().read).await?)
    }
}
