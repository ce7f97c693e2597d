//! Root fields of marks: those that operators have to look after.

use async_graphql::{Context, Object};
use chrono::Days;
use registry::{
    mark::{ExpiringMarks, PendingMarks},
    model::Scope,
};

use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, List},
        context::Pinned,
        part::Part,
    },
    page::{Page, PageFilter},
};

/// Maximum number of days ahead.
const MAX_DAYS: u64 = 3_650;

/// Root fields of marks.
#[derive(Default)]
pub struct MarkQuery;

#[Object]
impl MarkQuery {
    /// Pages whose mark waits for a decision (`REQUESTED`, `PENDING_CONFIRMATION`), the longest wait first; `mark {
    /// at }` is its beginning. Only pages that the key may write. Requires a key with the scope `pages:review`, else
    /// `FORBIDDEN`.
    async fn marks_pending<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Conditions that the pages must meet.")] filter: Option<PageFilter>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Page<'a>>> {
        let author = ctx.write_request(Scope::Review)?.author;
        let view = ctx.view();
        let filter = filter.unwrap_or_default().compile(view)?;
        let marks = PendingMarks::find(view, &author, &filter);
        let list = List::new("marksPending", &filter, ());
        let window = |slice| marks.window(view, slice);
        list.connection(Part::forward(first, after), window, |id| view.page(id).map(Page))
    }

    /// Pages with a confirmed mark that expires within so many days, the earliest first; `mark { expiresOn }` is its
    /// last day. Only pages that the key may write. Requires a key with the scope `pages:review`, else `FORBIDDEN`.
    async fn marks_expiring<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(
            default = 30,
            desc = "Number of days from today to the last day of the mark, from 0 to 3,650."
        )]
        within_days: i32,
        #[graphql(desc = "Conditions that the pages must meet.")] filter: Option<PageFilter>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Page<'a>>> {
        let author = ctx.write_request(Scope::Review)?.author;
        let view = ctx.view();
        let days = u64::try_from(within_days).ok().filter(|days| *days <= MAX_DAYS);
        let Some(days) = days else {
            return Err(Error::BadInput(format!("`withinDays` must be from 0 to {MAX_DAYS}.")));
        };
        let filter = filter.unwrap_or_default().compile(view)?;
        let marks = ExpiringMarks::find(view, &author, &filter, view.day() + Days::new(days));
        let list = List::new("marksExpiring", &filter, days);
        let window = |slice| marks.window(view, slice);
        list.connection(Part::forward(first, after), window, |id| view.page(id).map(Page))
    }
}
