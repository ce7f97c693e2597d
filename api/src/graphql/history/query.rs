//! Root fields of the change feed.

use async_graphql::{Context, Object};
use registry::change_log::Registry;

use super::{
    feed::{ChangeConnection, RegistryDigest},
    filter::ChangeFilter,
    window::{MAX_CHANGES, Window, start},
};
use crate::graphql::{
    error::{Error, Result},
    kit::{connection::check_first, context::Pinned, scalar::SafeInt},
};

/// Maximum number of pages and organizations that have changed since a past digest.
const MAX_REWIND: usize = 5_000;

/// Root fields of the change feed.
#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// Change feed, oldest change first; starts with the first change unless `after` or `afterSeq` is given. Pass
    /// `pageInfo.endCursor` as `after` to resume: gap-free, without duplicates; tombstones are kept forever. One request
    /// reads at most 5,000 changes, not counting those that an index rules out, so a result may be short or empty and still
    /// have `hasNextPage`.
    async fn changes<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "Return changes after this sequence number, from `Registry-Seq` or an export; cannot be combined with `after`."
        )]
        after_seq: Option<SafeInt>,
        #[graphql(desc = "Conditions that the changes must meet.")] filter: Option<ChangeFilter>,
        #[graphql(default = 100, desc = "Number of changes, from 1 to 500.")] first: i32,
    ) -> Result<ChangeConnection<'a>> {
        check_first(first, MAX_CHANGES)?;
        let view = ctx.view();
        let registry: &Registry = ctx.data_unchecked();
        let is_from_cursor = after.is_some();
        let start = start(registry, view, after, after_seq).await?;
        let scope = filter.unwrap_or_default().compile(view)?;
        let window = Window::read(registry, &scope, view, start, first as usize).await?;
        ctx.depends().window(!window.has_next, is_from_cursor);
        Ok(window.connection(view))
    }

    /// Digests of the public records that a copy kept by `changes` with the same filter holds, now or at an earlier sequence
    /// number, with which a client checks that its copy is equal; pages and organizations apart.
    async fn registry_digest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter of the copy, without `kinds`; null for a copy of everything.")]
        filter: Option<ChangeFilter>,
        #[graphql(
            desc = "Sequence number of the change log, since which at most 5,000 pages and organizations may have changed; null for the current one."
        )]
        seq: Option<SafeInt>,
    ) -> Result<RegistryDigest> {
        let (view, filter) = (ctx.view(), filter.unwrap_or_default());
        if filter.kinds.is_some() {
            let text = "`kinds` is not for digests: changes of some kinds make no complete copy; omit it.";
            return Err(Error::BadInput(text.into()));
        }
        let scope = filter.compile(view)?;
        let registry: &Registry = ctx.data_unchecked();
        let end = view.seq();
        let seq = seq.map_or(Ok(end), |seq| seq.not_negative("seq"))?;
        if seq > end {
            let text =
                format!("`seq` is beyond the end of the change log, {end}; use one up to it, or omit it.");
            return Err(Error::BadInput(text));
        }
        let found = registry.digest_at(view, &scope, seq, MAX_REWIND).await?;
        let digest = found.ok_or_else(|| {
            let text = format!(
                "More than {MAX_REWIND} pages and organizations have changed since `seq`; use a newer sequence number."
            );
            Error::BadInput(text)
        })?;
        Ok(RegistryDigest::new(seq, digest))
    }
}
