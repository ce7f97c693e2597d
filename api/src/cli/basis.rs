//! Options of commands that write to the registry: the reason, and what it is based on.

use anyhow::{Result, bail};
use chrono::NaiveDate;
use clap::Args;
use registry::{
    author::Author,
    calendar,
    change_log::Registry,
    idempotency::WriteRequest,
    model::{Evidence, reason_fault},
};

#[derive(Args, Debug)]
pub(super) struct BasisArgs {
    /// Why: one line of 1 to 500 characters, without personal data; public in the history of the record
    #[arg(long)]
    reason: String,

    /// Web address that it is based on; up to 10
    #[arg(long = "evidence", value_name = "URL")]
    evidence: Vec<String>,

    /// Number of the document that it is based on
    #[arg(long, value_name = "NUMBER")]
    document: Option<String>,

    /// Day of the document, such as 2026-11-22
    #[arg(long, value_name = "DAY", value_parser = day)]
    document_date: Option<NaiveDate>,

    /// Do nothing if the record was changed after this sequence number
    #[arg(long, value_name = "SEQ")]
    if_seq: Option<i64>,
}

impl BasisArgs {
    /// A write by an operator.
    pub(super) fn request(self, registry: &Registry) -> Result<WriteRequest> {
        if let Some(fault) = reason_fault(&self.reason) {
            bail!("--reason: {fault}");
        }
        let urls = self.evidence.into_iter().map(Into::into).collect();
        let evidence = Evidence { urls, document: self.document.map(Into::into), date: self.document_date };
        if let Some(fault) = evidence.fault(registry.snapshot().time_zone().today()) {
            bail!("evidence: {fault}");
        }
        let (reason, if_seq) = (Some(self.reason.trim().into()), self.if_seq);
        let request = WriteRequest::new(Author::operator());
        Ok(WriteRequest { reason, evidence: Some(evidence), if_seq, ..request })
    }
}

/// A day of an option.
pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    calendar::parse_day(text).ok_or_else(|| "write a day that exists as 2026-11-22".into())
}
