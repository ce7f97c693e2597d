//! `registry keys`.

mod args;
mod list;

use anyhow::{Result, bail};
use clap::Subcommand;
use registry::{
    api_client::{self, ClientReference, NewClient},
    author::Author,
    change_log::Registry,
    idempotency::WriteRequest,
    model::reason_fault,
};

use self::args::{EditArgs, KeyArgs, LimitArgs, ReasonArgs, ScopeName, scopes};
use crate::config::{DatabaseConfig, whole_number};

#[derive(Subcommand, Debug)]
pub(super) enum KeysCommand {
    /// Create a client and print its key, which is shown only once
    Create {
        /// Name of the client, which is never reused
        #[arg(long)]
        name: String,
        /// Scopes of the client, separated by commas
        #[arg(long = "scope", value_enum, default_value = "registry:read", value_delimiter = ',')]
        scopes: Vec<ScopeName>,
        #[command(flatten)]
        limits: LimitArgs,
        #[command(flatten)]
        key: KeyArgs,
        #[command(flatten)]
        reason: ReasonArgs,
    },
    /// Create another key of a client and print it: both are valid until one is revoked or expires
    Add {
        /// Name of the client
        name: String,
        #[command(flatten)]
        key: KeyArgs,
        #[command(flatten)]
        reason: ReasonArgs,
    },
    /// Change the scopes and limits of a client
    Edit {
        /// Name of the client
        name: String,
        #[command(flatten)]
        changes: EditArgs,
        #[command(flatten)]
        reason: ReasonArgs,
    },
    /// List clients and their keys
    List,
    /// Revoke a client with all its keys, or one of its keys
    Revoke {
        /// Name of the client
        name: String,
        /// Number of the only key to revoke, as `keys list` prints it [default: all keys, and the client]
        #[arg(long = "key", value_name = "N", value_parser = |text: &str| whole_number(text, 1..=i64::MAX))]
        key_id: Option<i64>,
        #[command(flatten)]
        reason: ReasonArgs,
    },
}

pub(super) async fn run(config: &DatabaseConfig, command: KeysCommand) -> Result<()> {
    super::on_registry(config, async |registry| execute(registry, command).await).await
}

async fn execute(registry: &Registry, command: KeysCommand) -> Result<()> {
    match command {
        KeysCommand::Create { name, scopes: names, limits, key, reason } => {
            let input = NewClient { name, scopes: scopes(names), limits: limits.read() };
            let (request, terms) = (request(reason)?, key.terms(registry.snapshot().time_zone())?);
            let created = api_client::create_client_with_key(registry, request, input, terms).await??;
            say!("{}", created.key.unwrap_or_default());
        }
        KeysCommand::Add { name, key, reason } => {
            let (request, terms) = (request(reason)?, key.terms(registry.snapshot().time_zone())?);
            let client = ClientReference::Name(name);
            let created = api_client::create_key(registry, request, client, terms).await??;
            say!("{}", created.key.unwrap_or_default());
        }
        KeysCommand::Edit { name, changes, reason } => {
            let (request, client) = (request(reason)?, ClientReference::Name(name));
            api_client::edit_client(registry, request, client, changes.read()?).await??;
            say!("Changed; every server applies it within a second.");
        }
        KeysCommand::List => list::print(registry).await?,
        KeysCommand::Revoke { name, key_id: None, reason } => revoke_client(registry, name, reason).await?,
        KeysCommand::Revoke { name, key_id: Some(key_id), reason } => {
            revoke_key(registry, &name, key_id, reason).await?;
        }
    }
    Ok(())
}

async fn revoke_client(registry: &Registry, name: String, reason: ReasonArgs) -> Result<()> {
    let known = registry.snapshot().client_by_name(&name).and_then(|client| client.revoked_at);
    api_client::revoke_client(registry, request(reason)?, ClientReference::Name(name)).await??;
    match known {
        None => say!("Revoked; every server rejects its keys within a second."),
        Some(at) => say!(
            "The client was revoked on {}; nothing was written. A server that still accepts its keys was started on other \
             data: restart it.",
            at.format("%Y-%m-%d %H:%M UTC")
        ),
    }
    Ok(())
}

async fn revoke_key(registry: &Registry, name: &str, key_id: i64, reason: ReasonArgs) -> Result<()> {
    let snapshot = registry.snapshot();
    let Some(client) = snapshot.client_by_name(name) else {
        bail!("there is no client `{name}`; `registry keys list` shows all.");
    };
    let Some(key) = client.key(key_id) else {
        bail!("the client `{name}` has no key {key_id}; `registry keys list` shows all.");
    };
    api_client::revoke_key(registry, request(reason)?, key_id).await??;
    match key.revoked_at {
        None => say!("Revoked; every server rejects the key within a second."),
        Some(at) => {
            say!("The key was revoked on {}; nothing was written.", at.format("%Y-%m-%d %H:%M UTC"));
        }
    }
    Ok(())
}

/// A write by an operator.
fn request(ReasonArgs { reason }: ReasonArgs) -> Result<WriteRequest> {
    if let Some(fault) = reason.as_deref().and_then(reason_fault) {
        bail!("{fault}");
    }
    let reason = reason.map(|reason| reason.trim().into());
    Ok(WriteRequest { reason, ..WriteRequest::new(Author::operator()) })
}
