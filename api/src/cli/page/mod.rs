//! `registry page`: acts of an operator on pages, through the same rules as the mutations.

mod arguments;

use anyhow::{Result, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use entities::page::{Availability, Rejection, Widget};
use registry::{
    change_log::Registry,
    idempotency::Written,
    page::{self, CheckResult, NewPage, PageAct, PageEdit, PageError},
    record_reference::OrganizationReference,
    snapshot::member_text,
    view::{View, Viewer},
};

pub(super) use self::arguments::{TargetArgs, timestamp};

use self::arguments::{AddressArgs, FieldName, FieldsArgs, Outcome, member, organization};
use super::basis::BasisArgs;
use crate::config::DatabaseConfig;

#[derive(Subcommand, Debug)]
pub(super) enum PageCommand {
    /// Register a page as official
    Register(RegisterArgs),
    /// Set or clear fields of a page; imports do not overwrite them from then on
    Edit(EditArgs),
    /// Change the handle of a page; it keeps the old one as a former handle
    Rename {
        #[command(flatten)]
        target: TargetArgs,
        #[command(flatten)]
        to: AddressArgs,
    },
    /// Give a page to another organization; a confirmed mark is lost
    Owner {
        #[command(flatten)]
        target: TargetArgs,
        /// Code of the organization, or one of its identifiers as SCHEME=VALUE
        #[arg(value_parser = organization)]
        organization: OrganizationReference,
    },
    /// Add co-owners to a page
    AddCoOwners {
        #[command(flatten)]
        target: TargetArgs,
        /// Codes of organizations, or identifiers as SCHEME=VALUE
        #[arg(required = true, value_parser = organization)]
        organizations: Vec<OrganizationReference>,
    },
    /// Remove co-owners from a page
    RemoveCoOwners {
        #[command(flatten)]
        target: TargetArgs,
        /// Codes of organizations, or identifiers as SCHEME=VALUE
        #[arg(required = true, value_parser = organization)]
        organizations: Vec<OrganizationReference>,
    },
    /// Take a proposed page under review
    Review(TargetArgs),
    /// Register a page that was proposed or is under review
    Approve(TargetArgs),
    /// Reject a page that was proposed or is under review
    Reject {
        #[command(flatten)]
        target: TargetArgs,
        /// Why: `not-official`, `fake`, `personal`, `wrong-owner`, `duplicate`, `unavailable` or `other`
        #[arg(long, value_parser = member::<Rejection>)]
        code: Rejection,
    },
    /// Archive an official page that is no longer in use
    Archive(TargetArgs),
    /// Take an archived or a rejected page under review again
    Restore(TargetArgs),
    /// Note that the owner has lost control of a page
    Compromised(TargetArgs),
    /// End the compromise of a page
    Clear {
        #[command(flatten)]
        target: TargetArgs,
        /// What becomes of the page
        #[arg(long, value_enum)]
        outcome: Outcome,
    },
    /// Record a check of the address of a page
    Availability {
        #[command(flatten)]
        target: TargetArgs,
        /// What the check found: `live`, `renamed`, `closed`, `not-found` or `id-mismatch`
        #[arg(value_parser = member::<Availability>)]
        state: Availability,
        /// Time of the check, such as 2026-11-22T07:06:00Z [default: now]
        #[arg(long, value_name = "TIME", value_parser = timestamp)]
        checked_at: Option<DateTime<Utc>>,
    },
    /// Record a check of the feedback widget of a page
    Widget {
        #[command(flatten)]
        target: TargetArgs,
        /// What the check found: `not-required`, `missing`, `invalid`, `wrong-count`, `correct` or `check-error`
        #[arg(value_parser = member::<Widget>)]
        state: Widget,
        /// Time of the check, such as 2026-11-22T07:06:00Z [default: now]
        #[arg(long, value_name = "TIME", value_parser = timestamp)]
        checked_at: Option<DateTime<Utc>>,
    },
}

#[derive(Args, Debug)]
pub(super) struct RegisterArgs {
    #[command(flatten)]
    address: AddressArgs,

    /// Code of the organization that is responsible for the page, or one of its identifiers as SCHEME=VALUE
    #[arg(long, value_name = "ORGANIZATION", value_parser = organization)]
    owner: OrganizationReference,

    /// Permanent id of the page on its platform, if the address has a handle
    #[arg(long, value_name = "ID")]
    native_id: Option<String>,

    #[command(flatten)]
    fields: FieldsArgs,

    #[command(flatten)]
    basis: BasisArgs,
}

#[derive(Args, Debug)]
pub(super) struct EditArgs {
    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    fields: FieldsArgs,

    /// Permanent id of the page on its platform, if it is unknown
    #[arg(long, value_name = "ID")]
    native_id: Option<String>,

    /// Fields to leave without a value, separated by commas
    #[arg(long, value_name = "FIELDS", value_enum, value_delimiter = ',')]
    clear: Vec<FieldName>,
}

pub(super) async fn run(config: &DatabaseConfig, command: PageCommand) -> Result<()> {
    super::on_registry(config, async |registry| execute(registry, command).await).await
}

async fn execute(registry: &Registry, command: PageCommand) -> Result<()> {
    let written = match act_of(command) {
        Command::Register(args) => {
            let (owner, native_id) = (args.owner, args.native_id);
            let new = NewPage { address: args.address.into(), native_id, owner, fields: args.fields.into() };
            page::register(registry, args.basis.request(registry)?, new).await?
        }
        Command::Act(TargetArgs { page, basis }, act) => {
            page::perform(registry, basis.request(registry)?, page, act).await?
        }
    };
    report(registry, written)
}

/// A command as a registration, or as an act on a page of the registry.
enum Command {
    Register(RegisterArgs),
    Act(TargetArgs, PageAct),
}

fn act_of(command: PageCommand) -> Command {
    let (target, act) = match command {
        PageCommand::Register(args) => return Command::Register(args),
        PageCommand::Edit(EditArgs { target, fields, native_id, clear }) => {
            let clear = clear.into_iter().map(Into::into).collect();
            (target, PageAct::Edit(PageEdit { fields: fields.into(), native_id, clear }))
        }
        PageCommand::Rename { target, to } => (target, PageAct::Rename(to.into())),
        PageCommand::Owner { target, organization } => (target, PageAct::ChangeOwner(organization)),
        PageCommand::AddCoOwners { target, organizations } => (target, PageAct::AddCoOwners(organizations)),
        PageCommand::RemoveCoOwners { target, organizations } => {
            (target, PageAct::RemoveCoOwners(organizations))
        }
        PageCommand::Review(target) => (target, PageAct::StartReview),
        PageCommand::Approve(target) => (target, PageAct::Approve),
        PageCommand::Reject { target, code } => (target, PageAct::Reject(code)),
        PageCommand::Archive(target) => (target, PageAct::Archive),
        PageCommand::Restore(target) => (target, PageAct::Restore),
        PageCommand::Compromised(target) => (target, PageAct::ReportCompromised),
        PageCommand::Clear { target, outcome: Outcome::Registered } => (target, PageAct::ClearToRegistered),
        PageCommand::Clear { target, outcome: Outcome::Archived } => (target, PageAct::ClearToArchived),
        PageCommand::Availability { target, state, checked_at } => {
            (target, PageAct::RecordAvailability(CheckResult { state, checked_at }))
        }
        PageCommand::Widget { target, state, checked_at } => {
            (target, PageAct::RecordWidget(CheckResult { state, checked_at }))
        }
    };
    Command::Act(target, act)
}

/// Prints the page in its new state, or fails with the reason of the refusal.
fn report(registry: &Registry, written: Result<Written<i64>, PageError>) -> Result<()> {
    let Written { result, seq, .. } = match written {
        Ok(written) => written,
        Err(error) => bail!("{}", error.message),
    };
    let view = View::new(registry.snapshot(), Viewer::Reviewer);
    if let Some(page) = view.page(result) {
        let url = page.url().unwrap_or_else(|| "no address".into());
        say!("Page {result} ({url}) of {}: {}.", page.owner().code, member_text(&page.lifecycle));
    }
    say!("The log ends at change {seq}.");
    Ok(())
}
