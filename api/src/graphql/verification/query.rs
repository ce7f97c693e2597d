//! Root fields of verifications.

use async_graphql::{Context, Object};
use chrono::Utc;
use registry::{verification, view::View};

use super::object::PageVerification;
use crate::graphql::{
    error::Result,
    kit::{context::Pinned, keys::check_keys, scalar::DateTime},
};

/// Root fields of verifications.
#[derive(Default)]
pub struct VerificationQuery;

#[Object]
impl VerificationQuery {
    /// Verifies whether an address is an official page.
    async fn verify_page<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Address in any form.")] url: String,
        #[graphql(
            desc = "Read the registry as of this time, not in the future; null for the current state."
        )]
        as_of: Option<DateTime>,
    ) -> Result<PageVerification<'a>> {
        Ok(verify(ctx.view_at(as_of)?, ctx.view(), url))
    }

    /// Verifies each address; results are in the order of `urls`.
    async fn verify_pages<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Addresses in any form, from 1 to 100.")] urls: Vec<String>,
    ) -> Result<Vec<PageVerification<'a>>> {
        check_keys("urls", &urls)?;
        Ok(urls.into_iter().map(|url| verify(ctx.view(), ctx.view(), url)).collect())
    }
}

fn verify<'a>(view: &'a View, now: &'a View, url: String) -> PageVerification<'a> {
    PageVerification {
        answer: verification::verify(view, now, &url),
        url,
        seq: view.seq(),
        computed_at: Utc::now(),
    }
}
