//! Root fields of the change feed.

use async_graphql::{Context, Object};
use registry::change_log::Registry;

use super::{
    feed::{ChangeConnection, ChangeSubject, RegistryDigest},
    object::ChangeKind,
    window::{MAX_CHANGES, Narrowed, Window, check_seq, platform_id, start},
};
use crate::graphql::{
    error::{Error, Result},
    kit::{connection::check_first, context::Pinned, scalar::Count},
};

/// Maximum number of pages that have changed between a past digest and the nearest known one.
const MAX_REWIND: u64 = 5_000;

/// Root fields of the change feed.
#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// Change feed, oldest change first; starts with the first change unless `after` or `afterSeq` is given. Pass
    /// `pageInfo.endCursor` as `after` to resume: gap-free, without duplicates; tombstones are kept forever. One request
    /// reads at most 5,000 changes, not counting those that an index rules out, so a result may be short or empty and still
    /// have `hasNextPage`.
    #[allow(clippy::too_many_arguments, reason = "arguments of a field of the API")]
    async fn changes<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "Return changes after this sequence number, from `Registry-Seq` or an export; cannot be combined with `after`."
        )]
        after_seq: Option<Count>,
        #[graphql(desc = "Kinds of changes; null or empty for all.")] kinds: Option<Vec<ChangeKind>>,
        #[graphql(desc = "Types of subjects; null or empty for all.")] subjects: Option<Vec<ChangeSubject>>,
        #[graphql(desc = "Code of the platform of the subject.")] platform: Option<String>,
        #[graphql(
            desc = "Code of the territory that the subject is or was in, including all territories in it."
        )]
        territory: Option<String>,
        #[graphql(default = 100, desc = "Number of changes, from 1 to 500.")] first: i32,
    ) -> Result<ChangeConnection<'a>> {
        check_first(first, MAX_CHANGES)?;
        let view = ctx.view();
        let registry: &Registry = ctx.data_unchecked();
        let is_from_cursor = after.is_some();
        let start = start(registry, view, after, after_seq).await?;
        let scope = Narrowed::new(kinds, subjects, platform, territory).scope(view)?;
        let window = Window::read(
            registry,
            &scope,
            view.viewer(),
            start,
            (view.seq(), view.hash(), view.timeline()),
            first as usize,
        )
        .await?;
        ctx.depends().window(!window.has_next, is_from_cursor);
        Ok(window.connection(view))
    }

    /// Digest of the public pages, now or at an earlier sequence number, with which a client checks that its copy is equal.
    async fn registry_digest(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Code of the platform whose pages are included; null for all platforms."
        )]
        platform: Option<String>,
        #[graphql(
            desc = "Sequence number of the change log, since which at most 5,000 pages may have changed; null for the current one."
        )]
        seq: Option<Count>,
    ) -> Result<RegistryDigest> {
        let platform_id = platform.map(|code| platform_id(ctx.view(), &code)).transpose()?;
        let registry: &Registry = ctx.data_unchecked();
        let view = ctx.view();
        let seq = seq.map_or(Ok(view.seq()), |seq| {
            let end = view.seq();
            let text =
                format!("`seq` is beyond the end of the change log, {end}; use one up to it, or omit it.");
            check_seq(view, &seq).map_err(|_| Error::BadInput(text))
        })?;
        let found = registry.digest_at(view, platform_id, seq, MAX_REWIND).await?;
        let digest = found.ok_or_else(|| {
            let text = format!(
                "More than {MAX_REWIND} pages have changed since `seq`; use a newer sequence number."
            );
            Error::BadInput(text)
        })?;
        Ok(RegistryDigest {
            seq: Count(seq.unsigned_abs()),
            pages: Count(digest.pages()),
            digest: digest.to_hex(),
        })
    }
}
