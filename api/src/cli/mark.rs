//! `registry mark`: acts of an operator on marks, through the same rules as the mutations.

use anyhow::{Result, bail};
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};
use registry::{
    change_log::Registry,
    mark::{self, Confirmation, MarkAct},
    snapshot::member_text,
    view::{View, Viewer},
};

use super::{
    basis::day,
    page::{TargetArgs, timestamp},
};
use crate::config::DatabaseConfig;

#[derive(Subcommand, Debug)]
pub(super) enum MarkCommand {
    /// Request a mark for a page
    Request(TargetArgs),
    /// Note that a request was passed on, and that the organization has to confirm it
    Pend(TargetArgs),
    /// Note that a page has the mark, or has it for longer; needs --evidence or --document
    Confirm(ConfirmArgs),
    /// Refuse a request
    Reject(TargetArgs),
    /// Take a mark away
    Revoke(TargetArgs),
    /// Note that a page no longer shows its mark
    Lost(TargetArgs),
    /// Let all marks expire whose last day is over, as servers do every five minutes
    Expire,
}

#[derive(Args, Debug)]
pub(super) struct ConfirmArgs {
    #[command(flatten)]
    target: TargetArgs,

    /// Method by which the mark was obtained, one of the platform's
    #[arg(long)]
    method: String,

    /// Timestamp of the confirmation, such as 2026-11-22T07:06:00Z [default: now]
    #[arg(long, value_name = "TIMESTAMP", value_parser = timestamp)]
    at: Option<DateTime<Utc>>,

    /// Last day of the mark [default: it does not expire]
    #[arg(long, value_name = "DAY", value_parser = day)]
    expires_on: Option<NaiveDate>,
}

pub(super) async fn run(config: &DatabaseConfig, command: MarkCommand) -> Result<()> {
    super::on_registry(config, async |registry| execute(registry, command).await).await
}

async fn execute(registry: &Registry, command: MarkCommand) -> Result<()> {
    let (target, act) = match command {
        MarkCommand::Request(target) => (target, MarkAct::Request),
        MarkCommand::Pend(target) => (target, MarkAct::Pend),
        MarkCommand::Confirm(ConfirmArgs { target, method, at, expires_on }) => {
            (target, MarkAct::Confirm(Confirmation { method, at, expires_on }))
        }
        MarkCommand::Reject(target) => (target, MarkAct::Reject),
        MarkCommand::Revoke(target) => (target, MarkAct::Revoke),
        MarkCommand::Lost(target) => (target, MarkAct::Lose),
        MarkCommand::Expire => {
            let number = mark::expire(registry, Utc::now()).await?;
            say!("{} expired.", super::counted(number, "mark", "marks"));
            return Ok(());
        }
    };
    let TargetArgs { page, basis } = target;
    let request = basis.request(registry)?;
    match mark::perform(registry, request, page, act).await? {
        Ok(written) => show(registry, written.result),
        Err(error) => bail!("{}", error.message),
    }
    Ok(())
}

/// Prints the state of a page's mark.
fn show(registry: &Registry, id: i64) {
    let view = View::new(registry.snapshot(), Viewer::Reviewer);
    let Some(page) = view.page(id) else { return };
    let last = page.mark.expires_on.map(|last| format!(", up to {last}")).unwrap_or_default();
    let address = page.url().unwrap_or_else(|| "no address".into());
    say!("page {id} ({address}): the mark is {}{last}.", member_text(&page.mark.state));
}
