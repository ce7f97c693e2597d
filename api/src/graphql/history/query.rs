//! Root fields of the change feed.

use async_graphql::{Context, Object};
use registry::change_log::Registry;

use super::{
    feed::{ChangeConnection, ChangeSubject, RegistryDigest},
    object::ChangeKind,
    window::{MAX_CHANGES, Narrowed, Window, place, platform_id, start},
};
use crate::graphql::{
    error::{Error, Result},
    kit::{connection::check_first, context::Pinned, scalar::Count},
};

/// Most pages that a digest of the past may differ in from that of the present.
const MAX_REWIND: u64 = 5_000;

/// Root fields of the change feed.
#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// What changed, the oldest change first. Keep `pageInfo.endCursor`, and come back with it: nothing is told twice,
    /// nothing is left out, and removals are kept for ever. Without a place to begin after, from the first change. No more than
    /// 5,000 places of the log are looked through at once: a window may be short or empty and still have a next page.
    #[allow(clippy::too_many_arguments, reason = "arguments of a field of the API")]
    async fn changes<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        #[graphql(desc = "Place in the change log to go on after, as `Registry-Seq` or an export gives it.")]
        after_seq: Option<Count>,
        #[graphql(desc = "Kinds of changes; all of them where there are none.")] kinds: Option<
            Vec<ChangeKind>,
        >,
        #[graphql(desc = "Kinds of subjects; all of them where there are none.")] subjects: Option<
            Vec<ChangeSubject>,
        >,
        #[graphql(desc = "Code of the platform that the subject is on.")] platform: Option<String>,
        #[graphql(desc = "Code of the territory that the subject is or was in, with all territories in it.")]
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

    /// Digest of the public pages, now or at an earlier place in the change log: a consumer proves with it that its copy
    /// is equal.
    async fn registry_digest(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Code of the platform whose pages are taken in; all platforms where there is none."
        )]
        platform: Option<String>,
        #[graphql(desc = "Place in the change log; the present where there is none.")] seq: Option<Count>,
    ) -> Result<RegistryDigest> {
        let platform_id = platform.map(|code| platform_id(ctx.view(), &code)).transpose()?;
        let registry: &Registry = ctx.data_unchecked();
        let view = ctx.view();
        let seq = seq.map_or(Ok(view.seq()), |seq| place(view, &seq))?;
        let found = registry.digest_at(view, platform_id, seq, MAX_REWIND).await?;
        let digest = found.ok_or_else(|| {
            let text =
                format!("More than {MAX_REWIND} pages have changed since; take a newer place in the log.");
            Error::BadInput(text)
        })?;
        Ok(RegistryDigest {
            seq: Count(seq.unsigned_abs()),
            pages: Count(digest.pages()),
            digest: digest.to_hex(),
        })
    }
}
