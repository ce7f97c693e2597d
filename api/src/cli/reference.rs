//! `registry reference`: the tables of the documentation that are printed from the code.

use clap::{Arg, Args, Command, CommandFactory, ValueEnum};
use registry::provenance;

use super::Cli;
use crate::{
    document::{ClientTiers, FieldPolicies, cost_tables},
    error_code,
    graphql::schema,
};

#[derive(Args, Debug)]
pub(super) struct ReferenceArgs {
    /// Table to print
    table: Table,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Table {
    /// Environment variables and flags, with their defaults
    Settings,
    /// Limits of requests by client tier, with the codes of their errors
    Limits,
    /// Fields and arguments that cost extra points
    Costs,
    /// Error codes, with their HTTP status
    Errors,
    /// Precedence of sources by field, unless a pack changes it
    Precedence,
}

pub(super) fn run(args: &ReferenceArgs) {
    let table = match args.table {
        Table::Settings => settings(),
        Table::Limits => limits(),
        Table::Costs => cost_tables(&schema::types(), &FieldPolicies::new(schema::policies())),
        Table::Errors => error_code::table(),
        Table::Precedence => provenance::table(),
    };
    super::print(format_args!("{table}"));
}

/// Settings of the server, then the additional ones of other commands.
fn settings() -> String {
    let mut program = Cli::command();
    program.build();
    let mut known = Vec::new();
    let mut rows = String::new();
    for command in ["serve", "migrate"].iter().filter_map(|name| program.find_subcommand(name)) {
        for arg in arguments(command) {
            let name = arg.get_env().unwrap_or_default().to_string_lossy().into_owned();
            if known.contains(&name) {
                continue;
            }
            rows += &row(&name, arg);
            known.push(name);
        }
    }
    format!("| variable | flag | default | meaning |\n|---|---|---|---|\n{rows}")
}

fn arguments(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| arg.get_env().is_some())
}

fn row(name: &str, arg: &Arg) -> String {
    let flag = arg.get_long().unwrap_or_default();
    let defaults = arg.get_default_values().iter().map(|value| value.to_string_lossy());
    let default = defaults.collect::<Vec<_>>().join(",");
    let default = if default.is_empty() { "none".to_owned() } else { format!("`{default}`") };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    format!("| `{name}` | `--{flag}` | {default} | {} |\n", help.replace('|', "\\|"))
}

/// Limits of each client tier.
fn limits() -> String {
    let tiers = ClientTiers::default();
    let tiers = [tiers.public, tiers.partner, tiers.internal];
    let rows = [
        ("`body`: bytes of a request", "PAYLOAD_TOO_LARGE", tiers.each_ref().map(|it| it.body as u64)),
        ("`tokens` of the document", "TOKEN_LIMIT", tiers.each_ref().map(|it| it.tokens as u64)),
        ("`depth` of nested fields", "DEPTH_LIMIT", tiers.each_ref().map(|it| it.depth as u64)),
        ("`aliases`", "TOO_MANY_ALIASES", tiers.each_ref().map(|it| it.aliases as u64)),
        ("`root_fields`", "ROOT_FIELDS_LIMIT", tiers.each_ref().map(|it| it.root_fields as u64)),
        ("`directives`", "DIRECTIVES_LIMIT", tiers.each_ref().map(|it| it.directives as u64)),
        ("`fragments` defined", "FRAGMENTS_LIMIT", tiers.each_ref().map(|it| it.fragments as u64)),
        ("`selections`, fragments expanded", "SELECTIONS_LIMIT", tiers.each_ref().map(|it| it.selections)),
        (
            "`list_items` of one list in the document or the variables",
            "VARIABLES_LIMIT",
            tiers.each_ref().map(|it| it.list_items as u64),
        ),
        ("`cost`: points of a request", "COST_LIMIT", tiers.each_ref().map(|it| it.cost)),
        ("`timeout`: seconds for a response", "TIMEOUT", tiers.each_ref().map(|it| it.timeout.as_secs())),
        ("`points` at once", "THROTTLED", tiers.each_ref().map(|it| it.points)),
        ("`per_second`: points restored per second", "THROTTLED", tiers.each_ref().map(|it| it.per_second)),
    ];
    let row = |(name, code, [public, partner, internal]): (&str, &str, [u64; 3])| {
        format!("| {name} | {public} | {partner} | {internal} | `{code}` |\n")
    };
    let rows: String = rows.into_iter().map(row).collect();
    format!("| limit | everyone | clients with a key | internal | code |\n|---|---|---|---|---|\n{rows}")
}
