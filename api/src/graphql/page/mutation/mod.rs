//! Mutations of pages: acts of operators, each one write with its reason.

mod address;
mod check;
mod correction;
mod error;
mod input;
mod payload;
mod review;

use async_graphql::{Context, MergedObject};
use registry::{
    change_log::Registry,
    idempotency::Written,
    model::Scope,
    page::{self, PageAct, PageError},
    view::View,
};

use self::{
    check::PageCheckMutation, correction::PageCorrectionMutation, input::PageActBasis, payload::PageOutcome,
    review::PageReviewMutation,
};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        context::Pinned,
        reference::{PageRef, page_reference},
        write::write_request,
    },
};

/// Mutations of pages.
#[derive(MergedObject, Default)]
pub struct PageMutation(PageCorrectionMutation, PageReviewMutation, PageCheckMutation);

/// Performs an act on a page for the client of the request.
///
/// # Errors
/// If there is no key, or it lacks the scopes of the act, or the database does not answer.
async fn perform(ctx: &Context<'_>, page: PageRef, basis: PageActBasis, act: PageAct) -> Result<PageOutcome> {
    // One of the scopes is enough: the last one is named if the key has none of them.
    let scopes = act.kind().scopes();
    let held = scopes.iter().copied().find(|scope| ctx.client(*scope).is_ok());
    let scope = held.or(scopes.last().copied()).unwrap_or(Scope::Write);
    let PageActBasis { reason, evidence, if_seq } = basis;
    let request = match write_request(ctx, scope, &reason, evidence, if_seq)? {
        Ok(request) => request,
        Err(fault) => return Ok(PageOutcome::invalid(view(ctx), fault)),
    };
    let registry = ctx.data_unchecked::<Registry>();
    let written = page::perform(registry, request, page_reference(page), act).await;
    Ok(outcome(ctx, written.map_err(Error::from)?))
}

/// What the client sees of a write: the page in its new state, or why it was refused.
fn outcome(ctx: &Context<'_>, written: Result<Written<i64>, PageError>) -> PageOutcome {
    PageOutcome::new(view(ctx), written)
}

/// The registry after the write, as the client may see it.
fn view(ctx: &Context<'_>) -> View {
    View::new(ctx.data_unchecked::<Registry>().snapshot(), ctx.view().viewer())
}
