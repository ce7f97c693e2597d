//! Mutations with which platforms report on the pages on them.

use async_graphql::{Context, InputObject, Object};
use registry::{change_log::Registry, model::Scope, platform_report};

use super::{
    payload::{AvailabilityReportPayload, MarkReportPayload},
    row_input::{AvailabilityReportRowInput, MarkReportRowInput},
};
use crate::graphql::{
    error::{Error, Result},
    kit::context::Pinned,
};

/// States of marks to record.
#[derive(InputObject)]
pub struct MarkReportInput {
    /// Rows, from 1 to 1,000, each of one page.
    pub rows: Vec<MarkReportRowInput>,
}

/// Availability of pages to record.
#[derive(InputObject)]
pub struct AvailabilityReportInput {
    /// Rows, from 1 to 1,000, each of one page.
    pub rows: Vec<AvailabilityReportRowInput>,
}

/// Mutations with which platforms report on the pages on them.
#[derive(Default)]
pub struct PlatformReportMutation;

#[Object]
impl PlatformReportMutation {
    /// Records which state the platform's mark has on pages. Each row is validated separately, and valid rows are
    /// recorded in one transaction; the same rows again are `UNCHANGED`. A state that an operator set stays
    /// (`PINNED`); what a report sets is not overwritten by imports. Requires a key with the scope `pages:submit`,
    /// else `FORBIDDEN`; a key of a platform can report on its pages only.
    async fn mark_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "States of marks to record.")] input: MarkReportInput,
    ) -> Result<MarkReportPayload> {
        let request = ctx.write_request(Scope::Submit)?;
        let rows = (0..).zip(input.rows).map(|(index, row)| row.read(index)).collect();
        let registry = ctx.data_unchecked::<Registry>();
        let reported = platform_report::report_marks(registry, request, rows).await;
        Ok(reported.map_err(Error::from)?.into())
    }

    /// Records whether pages can be reached on the platform. Each row is validated separately, and valid rows are
    /// recorded in one transaction; the same rows again are `UNCHANGED`, and a check that finds nothing new is
    /// recorded once a week. A state that an operator set stays (`PINNED`); what a report sets is not overwritten by
    /// imports. Requires a key with the scope `pages:submit`, else `FORBIDDEN`; a key of a platform can report on its
    /// pages only.
    async fn availability_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Availability of pages to record.")] input: AvailabilityReportInput,
    ) -> Result<AvailabilityReportPayload> {
        let request = ctx.write_request(Scope::Submit)?;
        let rows = (0..).zip(input.rows).map(|(index, row)| row.read(index)).collect();
        let registry = ctx.data_unchecked::<Registry>();
        let reported = platform_report::report_availability(registry, request, rows).await;
        Ok(reported.map_err(Error::from)?.into())
    }
}
