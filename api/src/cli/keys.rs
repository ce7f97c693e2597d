//! `registry keys`.

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use registry::{api_client, change_log::Registry, model::Scope};

use crate::config::DatabaseConfig;

#[derive(Subcommand, Debug)]
pub(super) enum KeysCommand {
    /// Create a client and print its key, which is shown only once
    Create {
        /// Name of the client
        #[arg(long)]
        name: String,
        /// Scopes of the client
        #[arg(long = "scope", value_enum, default_value = "read", value_delimiter = ',')]
        scopes: Vec<ScopeName>,
        /// Code of the only platform whose statistics the client may send, such as `rutube` [default: all]
        #[arg(long)]
        platform: Option<String>,
    },
    /// List clients
    List,
    /// Revoke a client's key
    Revoke {
        /// Name of the client
        name: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ScopeName {
    /// Read public data
    Read,
    /// Also read drafts, proposals and rejections
    Review,
    /// Send statistics of pages
    Statistics,
    /// Publish ratings
    Ratings,
    /// Use the limits of the operator's own dashboards
    Internal,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Read => Self::Read,
            ScopeName::Review => Self::Review,
            ScopeName::Statistics => Self::Statistics,
            ScopeName::Ratings => Self::Ratings,
            ScopeName::Internal => Self::Internal,
        }
    }
}

/// Scopes in the order given, each once.
fn distinct(names: Vec<ScopeName>) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in names.into_iter().map(Scope::from) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

pub(super) async fn run(config: &DatabaseConfig, command: KeysCommand) -> Result<()> {
    super::on_registry(config, async |registry| execute(registry, command).await).await
}

async fn execute(registry: &Registry, command: KeysCommand) -> Result<()> {
    match command {
        KeysCommand::Create { name, scopes, platform } => {
            let scopes = distinct(scopes);
            let created = api_client::create(registry, &name, scopes, platform.as_deref()).await?;
            say!("{}", created.key);
        }
        KeysCommand::List => {
            let snapshot = registry.snapshot();
            if snapshot.clients().values().next().is_none() {
                say!("There are no keys yet; create one with `registry keys create --name NAME`.");
                return Ok(());
            }
            say!("name\tscopes\tstate\tonly for");
            for client in snapshot.clients().values() {
                let scopes: Vec<_> = client.scopes.iter().map(|scope| scope.name()).collect();
                let state = match client.revoked_at {
                    Some(at) => format!("revoked {}", at.format("%Y-%m-%d")),
                    None => format!("since {}", client.created_at.format("%Y-%m-%d")),
                };
                let platform = client.platform_id.and_then(|id| snapshot.platform(id));
                let platform = platform.map(|platform| format!("\tstatistics of {}", platform.code));
                say!("{}\t{}\t{state}{}", client.name, scopes.join(","), platform.unwrap_or_default());
            }
        }
        KeysCommand::Revoke { name } => match api_client::revoke(registry, &name).await? {
            None => say!("Revoked; every server rejects the key within a second."),
            Some(at) => say!(
                "The key was revoked on {}; nothing was written. A server that still accepts it was started on other data: restart it.",
                at.format("%Y-%m-%d %H:%M UTC")
            ),
        },
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_that_is_given_twice_counts_once() {
        let given = vec![ScopeName::Statistics, ScopeName::Read, ScopeName::Statistics];
        assert_eq!(distinct(given), [Scope::Statistics, Scope::Read]);
    }
}
