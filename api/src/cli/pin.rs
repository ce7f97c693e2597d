//! `registry pin` and `registry unpin`.

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use registry::{
    change_log::Registry,
    global_id,
    provenance::{self, FieldReference, SubjectReference},
    record_reference::{OrganizationReference, PageReference},
};

use super::basis::BasisArgs;
use crate::config::DatabaseConfig;

#[derive(Args, Debug)]
pub(super) struct PinArgs {
    /// Kind of the record
    record: RecordKind,
    /// Address of the page, or code of the organization; or the global id of either
    reference: String,
    /// Name of the field in the API, such as `title`, `officeTitle` or `website`
    field: String,

    #[command(flatten)]
    basis: BasisArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RecordKind {
    /// A page
    Page,
    /// An authority or institution
    Organization,
}

/// What to do with the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Pin,
    Unpin,
}

pub(super) async fn run(config: &DatabaseConfig, args: PinArgs, act: Act) -> Result<()> {
    super::on_registry(config, async |registry| execute(registry, args, act).await).await
}

async fn execute(registry: &Registry, args: PinArgs, act: Act) -> Result<()> {
    let PinArgs { record, reference, field, basis } = args;
    let request = basis.request(registry)?;
    let named = FieldReference { subject: subject(record, &reference), field: field.as_str().into() };
    let (outcome, done) = match act {
        Act::Pin => (provenance::pin(registry, request, named).await?, "pinned"),
        Act::Unpin => (provenance::unpin(registry, request, named).await?, "no longer pinned"),
    };
    match outcome {
        Ok(_) => say!("`{field}` of {reference} is {done}."),
        Err(error) => bail!("{}", error.message()),
    }
    Ok(())
}

fn subject(record: RecordKind, reference: &str) -> SubjectReference {
    let is_id = |kind| global_id::key(kind, reference).is_some();
    let text = reference.to_owned();
    match record {
        RecordKind::Page if is_id("Page") => SubjectReference::Page(PageReference::Id(text)),
        RecordKind::Page => SubjectReference::Page(PageReference::Url(text)),
        RecordKind::Organization if is_id("Organization") => {
            SubjectReference::Organization(OrganizationReference::Id(text))
        }
        RecordKind::Organization => SubjectReference::Organization(OrganizationReference::Code(text)),
    }
}
