//! Results of checks of pages.

use async_graphql::{Context, Object};
use registry::page::{CheckResult, PageAct};

use super::{
    input::{PageAvailabilityRecordInput, PageWidgetRecordInput},
    payload::{PageAvailabilityRecordPayload, PageWidgetRecordPayload},
    perform,
};
use crate::graphql::{error::Result, kit::scalar::DateTime};

/// Results of checks of pages.
#[derive(Default)]
pub struct PageCheckMutation;

#[Object]
impl PageCheckMutation {
    /// Records a check of a page's address. Requires a key with the scope `registry:write` or `pages:review`, else
    /// `FORBIDDEN`.
    async fn page_availability_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page, and what the check found.")] input: PageAvailabilityRecordInput,
    ) -> Result<PageAvailabilityRecordPayload> {
        let checked_at = input.checked_at.map(|DateTime(at)| at);
        let act = PageAct::RecordAvailability(CheckResult { state: input.state.into(), checked_at });
        perform(ctx, input.page, input.basis, act).await.map(Into::into)
    }

    /// Records a check of a page's feedback widget. Requires a key with the scope `registry:write` or `pages:review`,
    /// else `FORBIDDEN`.
    async fn page_widget_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page, and what the check found.")] input: PageWidgetRecordInput,
    ) -> Result<PageWidgetRecordPayload> {
        let checked_at = input.checked_at.map(|DateTime(at)| at);
        let act = PageAct::RecordWidget(CheckResult { state: input.state.into(), checked_at });
        perform(ctx, input.page, input.basis, act).await.map(Into::into)
    }
}
