//! `registry schema`.

use clap::Args;

use crate::graphql::schema::Contract;

#[derive(Args, Debug)]
pub(super) struct SchemaArgs {
    /// Clients whose schema to print
    #[arg(long = "for", value_enum, default_value_t = Contract::Partner)]
    contract: Contract,
}

pub(super) fn run(args: &SchemaArgs) {
    super::print(format_args!("{}", args.contract.sdl()));
}
