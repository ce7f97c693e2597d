//! Registration and corrections of pages.

use async_graphql::{Context, ID, Object};
use registry::{
    change_log::Registry,
    model::Scope,
    page::{self, NewPage, PageAct, PageEdit},
};

use super::{
    input::{
        PageCoOwnersAddInput, PageCoOwnersRemoveInput, PageEditInput, PageOwnerChangeInput,
        PageRegisterInput, PageRenameInput,
    },
    outcome,
    payload::{
        PageCoOwnersAddPayload, PageCoOwnersRemovePayload, PageEditPayload, PageOutcome,
        PageOwnerChangePayload, PageRegisterPayload, PageRenamePayload,
    },
    perform, view,
};
use crate::graphql::{
    error::{Error, Result},
    kit::write::write_request,
};

/// Registration and corrections of pages.
#[derive(Default)]
pub struct PageCorrectionMutation;

#[Object]
impl PageCorrectionMutation {
    /// Registers a page as official. Its title is the handle or the id, unless one is given. A page that the registry
    /// has is refused (`ALREADY_REGISTERED`): approve it, or restore it, if it was archived or rejected. Fields that
    /// are given are not overwritten by imports. Requires a key with the scope `registry:write`, else `FORBIDDEN`.
    async fn page_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page to register.")] input: PageRegisterInput,
    ) -> Result<PageRegisterPayload> {
        let PageRegisterInput { address, native_id, owner, fields, reason, evidence } = input;
        let request = match write_request(ctx, Scope::Write, &reason, evidence, None)? {
            Ok(request) => request,
            Err(fault) => return Ok(PageOutcome::invalid(view(ctx), fault).into()),
        };
        let new = NewPage {
            address: address.into(),
            native_id: native_id.map(|ID(id)| id),
            owner: owner.into(),
            fields: fields.into(),
        };
        let written = page::register(ctx.data_unchecked::<Registry>(), request, new).await;
        Ok(outcome(ctx, written.map_err(Error::from)?).into())
    }

    /// Sets fields of a page, which imports do not overwrite from then on. Requires a key with the scope
    /// `registry:write`, else `FORBIDDEN`.
    async fn page_edit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page, and fields to set.")] input: PageEditInput,
    ) -> Result<PageEditPayload> {
        let edit = PageEdit {
            fields: input.fields.into(),
            native_id: input.native_id.map(|ID(id)| id),
            clear: input.clear.into_iter().flatten().map(Into::into).collect(),
        };
        perform(ctx, input.page, input.basis, PageAct::Edit(edit)).await.map(Into::into)
    }

    /// Changes the handle of a page, which keeps the old one as a former handle. A handle of another live page is
    /// refused (`HANDLE_TAKEN`); a page that takes over a handle gets nothing else of its former page. Requires a key
    /// with the scope `registry:write`, else `FORBIDDEN`.
    async fn page_rename(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page, and its new address.")] input: PageRenameInput,
    ) -> Result<PageRenamePayload> {
        let act = PageAct::Rename(input.address.into());
        perform(ctx, input.page, input.basis, act).await.map(Into::into)
    }

    /// Gives a page to another organization. A confirmed mark is lost, because it was confirmed for the former owner.
    /// Requires a key with the scope `registry:write` that reaches both organizations, else `FORBIDDEN` or
    /// `NOT_ALLOWED`.
    async fn page_owner_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page, and its new owner.")] input: PageOwnerChangeInput,
    ) -> Result<PageOwnerChangePayload> {
        let act = PageAct::ChangeOwner(input.owner.into());
        perform(ctx, input.page, input.basis, act).await.map(Into::into)
    }

    /// Adds co-owners to a page; those that it has stay. Requires a key with the scope `registry:write`, else
    /// `FORBIDDEN`.
    async fn page_co_owners_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page, and co-owners to add.")] input: PageCoOwnersAddInput,
    ) -> Result<PageCoOwnersAddPayload> {
        let act = PageAct::AddCoOwners(input.co_owners.into_iter().map(Into::into).collect());
        perform(ctx, input.page, input.basis, act).await.map(Into::into)
    }

    /// Removes co-owners from a page. Requires a key with the scope `registry:write`, else `FORBIDDEN`.
    async fn page_co_owners_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page, and co-owners to remove.")] input: PageCoOwnersRemoveInput,
    ) -> Result<PageCoOwnersRemovePayload> {
        let act = PageAct::RemoveCoOwners(input.co_owners.into_iter().map(Into::into).collect());
        perform(ctx, input.page, input.basis, act).await.map(Into::into)
    }
}
