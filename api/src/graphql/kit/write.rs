//! Inputs that all writes share: reason and evidence.

use async_graphql::{Context, InputObject};
use registry::{
    change_log::Registry,
    idempotency::WriteRequest,
    model::{Evidence, Scope, reason_fault},
};

use super::{
    context::Pinned,
    scalar::{Date, SafeInt, Url},
};
use crate::graphql::error::Result;

/// What a change is based on; kept with it.
#[derive(InputObject, Default)]
pub struct EvidenceInput {
    /// Web addresses, at most 10.
    pub urls: Option<Vec<Url>>,
    /// Number of a document, at most 200 characters.
    pub document: Option<String>,
    /// Day of the document; not in the future.
    pub date: Option<Date>,
}

/// What is wrong with the reason or the evidence of a write.
pub struct BasisFault {
    /// Field of the input: `reason` or `evidence`.
    pub field: &'static str,
    /// What is wrong, and what to do.
    pub message: String,
}

/// A write by the client of the request, with its reason and evidence.
///
/// # Errors
/// If there is no key, or it lacks the scope. The inner error is one of the reason or the evidence.
pub fn write_request(
    ctx: &Context<'_>,
    scope: Scope,
    reason: &str,
    evidence: Option<EvidenceInput>,
    if_seq: Option<SafeInt>,
) -> Result<Result<WriteRequest, BasisFault>> {
    let request = ctx.write_request(scope)?;
    if let Some(message) = reason_fault(reason) {
        return Ok(Err(BasisFault { field: "reason", message }));
    }
    let evidence = evidence.map(|given| Evidence {
        urls: given.urls.into_iter().flatten().map(|Url(url)| url.into()).collect(),
        document: given.document.map(Into::into),
        date: given.date.map(|Date(day)| day),
    });
    let today = ctx.data_unchecked::<Registry>().snapshot().time_zone().day_of(chrono::Utc::now());
    if let Some(message) = evidence.as_ref().and_then(|evidence| evidence.fault(today)) {
        return Ok(Err(BasisFault { field: "evidence", message }));
    }
    let if_seq = if_seq.map(|SafeInt(seq)| seq);
    Ok(Ok(WriteRequest { reason: Some(reason.trim().into()), evidence, if_seq, ..request }))
}
