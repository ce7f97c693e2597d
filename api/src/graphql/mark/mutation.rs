//! Mutations of marks: acts of operators, each one write with its reason.

use async_graphql::{Context, Object};
use registry::{
    change_log::Registry,
    mark::{self, Confirmation, MarkAct},
    model::Scope,
    view::View,
};

use super::{
    input::{
        ActInput, MarkConfirmInput, MarkLostInput, MarkPendInput, MarkRejectInput, MarkRequestInput,
        MarkRevokeInput,
    },
    payload::{
        MarkConfirmPayload, MarkLostPayload, MarkOutcome, MarkPendPayload, MarkRejectPayload,
        MarkRequestPayload, MarkRevokePayload,
    },
};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        context::Pinned,
        reference::page_reference,
        scalar::{Date, DateTime},
        write::write_request,
    },
};

/// Mutations of marks.
#[derive(Default)]
pub struct MarkMutation;

#[Object]
impl MarkMutation {
    /// Requests a mark for a page that has none: it was never requested (`NONE`), or is `REJECTED`, `EXPIRED`,
    /// `REVOKED` or `LOST`. Requires a key with the scope `pages:submit`, `pages:review` or `registry:write`, else
    /// `FORBIDDEN`.
    async fn mark_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page for which a mark is requested.")] input: MarkRequestInput,
    ) -> Result<MarkRequestPayload> {
        perform(ctx, input.into(), MarkAct::Request).await.map(Into::into)
    }

    /// Notes that a request (`REQUESTED`) was passed on, and that the organization has to confirm it
    /// (`PENDING_CONFIRMATION`). Requires a key with the scope `pages:review` or `registry:write`, else `FORBIDDEN`.
    async fn mark_pend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page whose request was passed on.")] input: MarkPendInput,
    ) -> Result<MarkPendPayload> {
        perform(ctx, input.into(), MarkAct::Pend).await.map(Into::into)
    }

    /// Notes that a page whose mark is `PENDING_CONFIRMATION` has it, or that one whose mark is `CONFIRMED` has it
    /// for longer. Only a registered page of an active organization can have it; it is lost when that ends. After
    /// `expiresOn` it expires by itself. Requires a key with the scope `pages:review` or `registry:write`, else
    /// `FORBIDDEN`.
    async fn mark_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page that has a mark, and how that is known.")] input: MarkConfirmInput,
    ) -> Result<MarkConfirmPayload> {
        let MarkConfirmInput { page, method, at, expires_on, reason, evidence, if_seq } = input;
        let act = MarkAct::Confirm(Confirmation {
            method,
            at: at.map(|DateTime(at)| at),
            expires_on: expires_on.map(|Date(day)| day),
        });
        let input = ActInput { page, reason, evidence: Some(evidence), if_seq };
        perform(ctx, input, act).await.map(Into::into)
    }

    /// Refuses a request (`REQUESTED` or `PENDING_CONFIRMATION`). Requires a key with the scope `pages:review` or
    /// `registry:write`, else `FORBIDDEN`.
    async fn mark_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page whose request is refused.")] input: MarkRejectInput,
    ) -> Result<MarkRejectPayload> {
        perform(ctx, input.into(), MarkAct::Reject).await.map(Into::into)
    }

    /// Takes a confirmed mark away. Requires a key with the scope `registry:write`, else `FORBIDDEN`.
    async fn mark_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page that loses its mark.")] input: MarkRevokeInput,
    ) -> Result<MarkRevokePayload> {
        perform(ctx, input.into(), MarkAct::Revoke).await.map(Into::into)
    }

    /// Notes that a page no longer shows its confirmed mark. Requires a key with the scope `pages:review` or
    /// `registry:write`, else `FORBIDDEN`.
    async fn mark_lost(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page that no longer shows its mark.")] input: MarkLostInput,
    ) -> Result<MarkLostPayload> {
        perform(ctx, input.into(), MarkAct::Lose).await.map(Into::into)
    }
}

/// Performs an act on a mark for the client of the request.
///
/// # Errors
/// If there is no key, or it lacks the scopes of the act, or the database does not answer.
async fn perform(ctx: &Context<'_>, input: ActInput, act: MarkAct) -> Result<MarkOutcome> {
    // One of the scopes is enough: the last one is named if the key has none of them.
    let scopes = act.kind().scopes();
    let held = scopes.iter().copied().find(|scope| ctx.client(*scope).is_ok());
    let scope = held.or(scopes.last().copied()).unwrap_or(Scope::Write);
    let ActInput { page, reason, evidence, if_seq } = input;
    let request = match write_request(ctx, scope, &reason, evidence, if_seq)? {
        Ok(request) => request,
        Err(fault) => return Ok(MarkOutcome::invalid(view(ctx), fault)),
    };
    let registry = ctx.data_unchecked::<Registry>();
    let written = mark::perform(registry, request, page_reference(page), act).await.map_err(Error::from)?;
    Ok(MarkOutcome::new(view(ctx), written))
}

/// The registry after the write, as the client may see it.
fn view(ctx: &Context<'_>) -> View {
    View::new(ctx.data_unchecked::<Registry>().snapshot(), ctx.view().viewer())
}
