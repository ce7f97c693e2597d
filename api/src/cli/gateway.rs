//! `registry gateway`.

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};

use crate::config::gateway_secrets::GatewaySecrets;

#[derive(Subcommand, Debug)]
pub(super) enum GatewayCommand {
    /// Print the secret for the address of the coprocessor, which is derived from GATEWAY_SECRET; of two secrets, one for each,
    /// in their order
    CoprocessorSecret(CoprocessorSecretArgs),
}

#[derive(Args, Debug)]
pub(super) struct CoprocessorSecretArgs {
    /// Secret of federation routers, as for `registry serve`
    #[arg(long, env = "GATEWAY_SECRET", hide_env_values = true)]
    gateway_secret: Option<String>,
}

pub(super) fn run(command: &GatewayCommand) -> Result<()> {
    let GatewayCommand::CoprocessorSecret(args) = command;
    let derived = GatewaySecrets::for_addresses(args.gateway_secret.as_deref().unwrap_or_default())?;
    ensure!(!derived.is_empty(), "GATEWAY_SECRET is not set: set it to that of the registry");
    derived.iter().for_each(|secret| say!("{secret}"));
    Ok(())
}
