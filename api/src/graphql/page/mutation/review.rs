//! Lifecycle of pages: review, archive, loss of control.

use async_graphql::{Context, Object};
use registry::page::PageAct;

use super::{
    input::{
        PageApproveInput, PageArchiveInput, PageCompromiseClearInput, PageCompromiseOutcome, PageRejectInput,
        PageReportCompromisedInput, PageRestoreInput, PageReviewStartInput,
    },
    payload::{
        PageApprovePayload, PageArchivePayload, PageCompromiseClearPayload, PageRejectPayload,
        PageReportCompromisedPayload, PageRestorePayload, PageReviewStartPayload,
    },
    perform,
};
use crate::graphql::error::Result;

/// Lifecycle of pages.
#[derive(Default)]
pub struct PageReviewMutation;

#[Object]
impl PageReviewMutation {
    /// Takes a proposed page under review: `PROPOSED` becomes `UNDER_REVIEW`. Requires a key with the scope
    /// `registry:write` or `pages:review`, else `FORBIDDEN`.
    async fn page_review_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page to take under review.")] input: PageReviewStartInput,
    ) -> Result<PageReviewStartPayload> {
        perform(ctx, input.page, input.basis, PageAct::StartReview).await.map(Into::into)
    }

    /// Registers a page as official: `PROPOSED` or `UNDER_REVIEW` becomes `REGISTERED`. Its owner must be active.
    /// Requires a key with the scope `registry:write` or `pages:review`, else `FORBIDDEN`.
    async fn page_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page to approve.")] input: PageApproveInput,
    ) -> Result<PageApprovePayload> {
        perform(ctx, input.page, input.basis, PageAct::Approve).await.map(Into::into)
    }

    /// Rejects a page: `PROPOSED` or `UNDER_REVIEW` becomes `REJECTED`. Requires a key with the scope
    /// `registry:write` or `pages:review`, else `FORBIDDEN`.
    async fn page_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page to reject, and why.")] input: PageRejectInput,
    ) -> Result<PageRejectPayload> {
        let act = PageAct::Reject(input.code.into());
        perform(ctx, input.page, input.basis, act).await.map(Into::into)
    }

    /// Archives a page that is no longer in use: `REGISTERED` becomes `ARCHIVED`. A confirmed mark is lost. Requires
    /// a key with the scope `registry:write`, else `FORBIDDEN`.
    async fn page_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page to archive.")] input: PageArchiveInput,
    ) -> Result<PageArchivePayload> {
        perform(ctx, input.page, input.basis, PageAct::Archive).await.map(Into::into)
    }

    /// Takes a page under review again: `ARCHIVED` or `REJECTED` becomes `UNDER_REVIEW`. Refused if another live page
    /// has its handle or its permanent id. Requires a key with the scope `registry:write`, else `FORBIDDEN`.
    async fn page_restore(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page to take under review again.")] input: PageRestoreInput,
    ) -> Result<PageRestorePayload> {
        perform(ctx, input.page, input.basis, PageAct::Restore).await.map(Into::into)
    }

    /// Notes that the owner has lost control of a page: it becomes `COMPROMISED`, and everyone sees that at once. A
    /// confirmed mark is lost. Requires a key with the scope `registry:write`, else `FORBIDDEN`.
    async fn page_report_compromised(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page that its owner has lost control of.")] input: PageReportCompromisedInput,
    ) -> Result<PageReportCompromisedPayload> {
        perform(ctx, input.page, input.basis, PageAct::ReportCompromised).await.map(Into::into)
    }

    /// Ends the compromise of a page: `COMPROMISED` becomes `REGISTERED` or `ARCHIVED`. Requires a key with the scope
    /// `registry:write`, else `FORBIDDEN`.
    async fn page_compromise_clear(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page, and what becomes of it.")] input: PageCompromiseClearInput,
    ) -> Result<PageCompromiseClearPayload> {
        let act = match input.outcome {
            PageCompromiseOutcome::Registered => PageAct::ClearToRegistered,
            PageCompromiseOutcome::Archived => PageAct::ClearToArchived,
        };
        perform(ctx, input.page, input.basis, act).await.map(Into::into)
    }
}
