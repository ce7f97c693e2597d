//! `registry demo`.

use std::time::Instant;

use anyhow::Result;
use clap::{Args, ValueEnum};
use registry::{
    api_client,
    change_log::Registry,
    database,
    demo::{self, Scale},
    model::Scope,
};

use super::{progress::ProgressDisplay, serve};
use crate::config::{DatabaseConfig, ServeConfig};

#[derive(Args, Debug)]
pub(super) struct DemoArgs {
    #[command(flatten)]
    config: ServeConfig,

    /// How large the generated registry is
    #[arg(long, value_enum, default_value_t = DemoScale::Small)]
    scale: DemoScale,

    /// Number of pages at the small scale
    #[arg(long, default_value_t = 10_000)]
    pages: u32,

    /// The same seed makes the same registry
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Days of figures up to today; 0 for none
    #[arg(long, default_value_t = 90)]
    days: u32,

    /// Generate, and do not serve
    #[arg(long)]
    no_serve: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DemoScale {
    /// As many pages as --pages says
    Small,
    /// 25,000 authorities, 180,000 institutions, 350,000 pages
    National,
}

pub(super) async fn run(config: &DatabaseConfig, args: DemoArgs) -> Result<()> {
    let listener = if args.no_serve { None } else { Some(serve::listen(&args.config).await?) };
    let begun = Instant::now();
    let database = database::connect(&config.database_url).await?;
    database::migrate(&database).await?;
    let registry = Registry::open(database).await?;
    let scale = match args.scale {
        DemoScale::Small => Scale::Pages(args.pages),
        DemoScale::National => Scale::National,
    };
    let display = ProgressDisplay::new("Generating");
    let made = demo::generate(&registry, scale, args.seed, args.days, |progress| {
        display.show(
            progress.done as u64,
            progress.of as u64,
            format!("{} of {} {}", progress.done, progress.of, progress.what),
        );
    })
    .await;
    display.end();
    let made = made?;
    say!(
        "Synthetic registry with {} organizations and {} pages, ready after {:.1} s.",
        made.organizations,
        made.pages,
        begun.elapsed().as_secs_f64()
    );
    let Some(listener) = listener else { return Ok(()) };
    say!("Start page:  http://{}/", args.config.listen);
    say!("Demo key:    {}  (for /graphql: `Authorization: Bearer …`)", demo_key(&registry).await?);
    serve::serve(registry, listener, &args.config).await
}

/// A new key for each run: the old one is shown nowhere any more.
async fn demo_key(registry: &Registry) -> Result<String> {
    let name = format!("demo-{}", registry.snapshot().seq());
    Ok(api_client::create(registry, &name, vec![Scope::Read], None).await?.key)
}
