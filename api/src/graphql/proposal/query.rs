//! Root field of proposals.

use async_graphql::{Context, Object};
use registry::{model::Scope, provenance::visible_proposals, snapshot};

use super::{filter::ProposalFilter, object::Proposal};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, List, MAX_FIRST, check_first},
        context::Pinned,
    },
};

/// Root field of proposals.
#[derive(Default)]
pub struct ProposalQuery;

#[Object]
impl ProposalQuery {
    /// Values that imports give for fields which they may not overwrite, the oldest first: a queue for operators.
    /// Requires a key with the scope `pages:review`, else `FORBIDDEN`; a key of a platform, an organization or a
    /// territory sees only those of its records.
    async fn proposals<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Conditions that the proposals must meet.")] filter: Option<ProposalFilter>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Proposal<'a>>> {
        check_first(first, MAX_FIRST)?;
        let author = ctx.write_request(Scope::Review)?.author;
        let view = ctx.view();
        let filter = filter.unwrap_or_default().compile(view, &author)?;
        let list = List::new("proposals", &snapshot::Filter::default(), &filter);
        let after = after.map(|cursor| list.open(&cursor).ok_or(Error::InvalidCursor)).transpose()?;
        let found = visible_proposals(view, &author, &filter);
        let total = found.len() as u64;
        let mut rest = found.into_iter().filter(|it| after.is_none_or(|after| it.id > after));
        let items: Vec<_> = rest
            .by_ref()
            .take(first as usize)
            .map(|record| (Proposal::new(view, record.clone()), record.id))
            .collect();
        let has_next = rest.next().is_some();
        Ok(Connection::new(list, items, after.is_some(), has_next, total))
    }
}
