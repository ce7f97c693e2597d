//! `registry demo`.

use std::time::Instant;

use anyhow::Result;
use clap::{Args, ValueEnum};
use registry::{
    api_client,
    change_log::Registry,
    database::{self, Database},
    demo::{self, Progress, Scale},
    model::Scope,
    task_monitor::TaskProgress,
};
use tokio::net::TcpListener;

use super::{progress::ProgressDisplay, serve};
use crate::config::{DatabaseConfig, ServeConfig, whole_number};

/// Largest number of generated pages.
const MAX_PAGES: u32 = 10_000_000;
/// Largest number of days of generated statistics: ten years.
const MAX_DAYS: u32 = 3_660;

#[derive(Args, Debug)]
pub(super) struct DemoArgs {
    #[command(flatten)]
    config: ServeConfig,

    /// Size of the generated registry
    #[arg(long, value_enum, default_value_t = DemoScale::Small)]
    scale: DemoScale,

    /// Number of pages with --scale small
    #[arg(long, default_value_t = 10_000, value_parser = |text: &str| whole_number(text, 0..=MAX_PAGES))]
    pages: u32,

    /// Seed of the generator: the same seed gives the same registry
    #[arg(long, default_value_t = 1, value_parser = |text: &str| whole_number(text, 0..=u64::MAX))]
    seed: u64,

    /// Days of statistics up to today, at most 3,660; 0 for none
    #[arg(long, default_value_t = 90, value_parser = |text: &str| whole_number(text, 0..=MAX_DAYS))]
    days: u32,

    /// Generate the registry without serving it
    #[arg(long)]
    no_serve: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DemoScale {
    /// The number of pages given by --pages
    Small,
    /// 25,000 authorities, 180,000 institutions, 350,000 pages
    National,
}

pub(super) async fn run(config: &DatabaseConfig, args: DemoArgs) -> Result<()> {
    args.config.check()?;
    let listener = if args.no_serve { None } else { Some(serve::listen(&args.config).await?) };
    let database = database::connect(&config.database_url).await?;
    let outcome = generate_and_serve(database.clone(), listener, args).await;
    super::close(&database).await;
    outcome
}

async fn generate_and_serve(database: Database, listener: Option<TcpListener>, args: DemoArgs) -> Result<()> {
    database::migrate(&database).await?;
    let registry = Registry::open(database).await?;
    demo::check_is_synthetic(&registry)?;
    let Some(listener) = listener else { return generate(&registry, &args, false).await };
    say!("Start page:  http://{}/  (already open while the registry is generated)", args.config.listen);
    let generation = generate(&registry, &args, true);
    serve::serve(registry.clone(), listener, &args.config, generation).await
}

/// Generates records, then statistics. The key is created between both: records are dated back, and timestamps of the log
/// never decrease.
async fn generate(registry: &Registry, args: &DemoArgs, has_key: bool) -> Result<()> {
    let (begun, status) = (Instant::now(), registry.tasks().register("demoGenerator"));
    let display = ProgressDisplay::new("Generating");
    let report = |Progress { done, of, what }: Progress| {
        status.report_progress(TaskProgress { done, of, units: what });
        display.show(done as u64, of as u64, format!("{done} of {of} {what}"));
    };
    let scale = match args.scale {
        DemoScale::Small => Scale::Pages(args.pages),
        DemoScale::National => Scale::National,
    };
    let generated = async {
        let totals = demo::generate(registry, scale, args.seed, report).await?;
        if has_key {
            let key = demo_key(registry).await?;
            say!("Demo key:    {key}  (for /graphql: `Authorization: Bearer …`)");
        }
        demo::generate_statistics(registry, args.seed, args.days, report).await?;
        anyhow::Ok(totals)
    };
    let generated = generated.await;
    display.end();
    status.report(generated.as_ref());
    let totals = generated?;
    say!(
        "Synthetic registry with {} organizations and {} pages, complete after {:.1} s.",
        totals.organizations,
        totals.pages,
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Creates a new key for each run, as older keys cannot be shown again.
async fn demo_key(registry: &Registry) -> Result<String> {
    let name = format!("demo-{}", registry.snapshot().seq());
    Ok(api_client::create(registry, &name, vec![Scope::Read], None).await?.key)
}
