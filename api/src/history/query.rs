//! Root fields of the change feed.

use async_graphql::{Context, Object};

use super::feed::{Change, ChangeConnection, ChangeSubject, RegistryDigest};
use super::object::ChangeKind;
use crate::{
    change::{Registry, Scope},
    error::{Error, Result},
    kit::{
        connection::{Connection, List, check_first},
        request::Pinned,
        scalar::Count,
    },
    snapshot::{Filter, View},
};

/// Most changes in one answer.
const MAX_CHANGES: i32 = 500;
/// Most pages that a digest of the past may differ in from that of the present.
const MAX_REWIND: u64 = 50_000;

/// Root fields of the change feed.
#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// What changed, the oldest change first. Keep `pageInfo.endCursor`, and come back with it: nothing is told twice,
    /// nothing is left out, and removals are kept for ever. Without a place to begin after, from the first change.
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
        let list = List::new("changes", &Filter::default(), ());
        let start = start(view, &list, after, after_seq)?;
        let scope = scope(view, kinds, subjects, platform, territory)?;
        let count = first as usize;
        let registry: &Registry = ctx.data_unchecked();
        let mut entries = registry.changes(&scope, view.viewer(), (start, view.seq()), count + 1).await?;
        let has_next = entries.len() > count;
        ctx.depends().window(!has_next);
        entries.truncate(count);
        let reached =
            if has_next { entries.last().map_or(start, |entry| entry.seq) } else { view.seq().max(start) };
        let items = entries.into_iter().map(|entry| {
            let place = entry.seq;
            (Change { view, entry }, place)
        });
        let mut window = Connection::new(list, items, start > 0, has_next, 0);
        window.end_at(reached);
        Ok(ChangeConnection { window, last_seq: reached })
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
        let wanted = seq.map_or(Ok(i64::MAX), |seq| place(ctx.view(), &seq))?;
        let found = registry.digest_at(platform_id, wanted, MAX_REWIND).await?;
        let (digest, seq) = found.ok_or_else(|| {
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

fn place(view: &View, seq: &Count) -> Result<i64> {
    let seq = i64::try_from(seq.0).map_err(|_| Error::CursorInvalid)?;
    if seq > view.seq() { Err(Error::CursorInvalid) } else { Ok(seq) }
}

fn start(view: &View, list: &List, after: Option<String>, after_seq: Option<Count>) -> Result<i64> {
    match (after, after_seq) {
        (Some(_), Some(_)) => Err(Error::BadInput("Give `after` or `afterSeq`, not both.".into())),
        (None, None) => Ok(0),
        (None, Some(seq)) => place(view, &seq),
        (Some(cursor), None) => {
            let seq = list.open(&cursor).ok_or(Error::CursorInvalid)?;
            if seq > view.seq() { Err(Error::CursorInvalid) } else { Ok(seq) }
        }
    }
}

fn platform_id(view: &View, code: &str) -> Result<i64> {
    let found = view.platform_by_code(code).map(|platform| platform.id);
    found.ok_or_else(|| Error::BadInput("`platform`: the registry has no such platform.".into()))
}

fn scope(
    view: &View,
    kinds: Option<Vec<ChangeKind>>,
    subjects: Option<Vec<ChangeSubject>>,
    platform: Option<String>,
    territory: Option<String>,
) -> Result<Scope> {
    let platform_id = platform.map(|code| platform_id(view, &code)).transpose()?;
    let territory_ids = match territory {
        None => Vec::new(),
        Some(code) => view
            .territory_by_code(&code)
            .map(|found| found.with_descendants())
            .ok_or_else(|| Error::BadInput("`territory`: the registry has no such territory.".into()))?,
    };
    Ok(Scope {
        kinds: kinds.unwrap_or_default().into_iter().map(Into::into).collect(),
        subjects: subjects.unwrap_or_default().into_iter().map(Into::into).collect(),
        platform_id,
        territory_ids,
    })
}
