//! `registry proposals`.

use anyhow::{Result, bail};
use chrono::Utc;
use clap::{Subcommand, ValueEnum};
use entities::proposal::State;
use registry::{
    author::Author,
    change_log::Registry,
    provenance::{self, Decision, ProposalFilter, proposal_texts, record_text, visible_proposals},
    view::View,
};

use super::basis::BasisArgs;
use crate::config::{DatabaseConfig, whole_number};

#[derive(Subcommand, Debug)]
pub(super) enum ProposalsCommand {
    /// List proposals, the oldest first
    List {
        /// State of the proposals
        #[arg(long, value_enum, default_value = "open")]
        state: StateName,
        /// Source of the proposals [default: all]
        #[arg(long)]
        source: Option<String>,
        /// Maximum number of proposals to list
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = |text: &str| whole_number(text, 1_u64..=100_000))]
        limit: u64,
    },
    /// Take the proposed value; imports may overwrite the field again
    Accept {
        /// Number of the proposal
        #[arg(value_name = "N", value_parser = |text: &str| whole_number(text, 1..=i64::MAX))]
        proposal: i64,

        #[command(flatten)]
        basis: BasisArgs,
    },
    /// Keep the registry's value; the same value of the same source is not proposed again
    Reject {
        /// Number of the proposal
        #[arg(value_name = "N", value_parser = |text: &str| whole_number(text, 1..=i64::MAX))]
        proposal: i64,

        #[command(flatten)]
        basis: BasisArgs,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StateName {
    /// To be decided
    Open,
    /// Taken
    Accepted,
    /// Not taken
    Rejected,
    /// Closed without a decision
    Superseded,
}

impl From<StateName> for State {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Open => Self::Open,
            StateName::Accepted => Self::Accepted,
            StateName::Rejected => Self::Rejected,
            StateName::Superseded => Self::Superseded,
        }
    }
}

pub(super) async fn run(config: &DatabaseConfig, command: ProposalsCommand) -> Result<()> {
    super::on_registry(config, async |registry| execute(registry, command).await).await
}

async fn execute(registry: &Registry, command: ProposalsCommand) -> Result<()> {
    match command {
        ProposalsCommand::List { state, source, limit } => {
            let source = source.map(Into::into);
            list(registry, &ProposalFilter { states: vec![state.into()], source, subject: None }, limit);
            Ok(())
        }
        ProposalsCommand::Accept { proposal, basis } => {
            decide(registry, proposal, basis, Decision::Accept).await
        }
        ProposalsCommand::Reject { proposal, basis } => {
            decide(registry, proposal, basis, Decision::Reject).await
        }
    }
}

fn list(registry: &Registry, filter: &ProposalFilter, limit: u64) {
    let author = Author::operator();
    let view = View::new(registry.snapshot(), author.viewer());
    let found = visible_proposals(&view, &author, filter);
    if found.is_empty() {
        say!("There are no such proposals.");
        return;
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    for proposal in found.iter().take(limit) {
        let text = |value: Option<String>| value.unwrap_or_else(|| "–".into());
        let (current, proposed) = proposal_texts(&view, proposal);
        let days = (Utc::now() - proposal.created_at).num_days();
        say!(
            "{:>6}  {}  {}: {} → {}  ({}, import {}, {days} d)",
            proposal.id,
            record_text(&view, proposal.subject()),
            proposal.field,
            text(current),
            text(proposed),
            proposal.source,
            proposal.job_id
        );
    }
    if found.len() > limit {
        say!("… and {} more", found.len() - limit);
    }
}

async fn decide(registry: &Registry, id: i64, basis: BasisArgs, decision: Decision) -> Result<()> {
    let done = match decision {
        Decision::Accept => "accepted",
        Decision::Reject => "rejected",
    };
    match provenance::decide(registry, basis.request(registry)?, id, decision).await? {
        Ok(_) => say!("Proposal {id} was {done}."),
        Err(error) => bail!("{}", error.message()),
    }
    Ok(())
}
