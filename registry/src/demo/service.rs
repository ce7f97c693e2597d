//! Writes the generated records into an empty registry.

use std::{collections::HashMap, sync::Arc};

use anyhow::{Result, bail};

use super::{
    calendar::Calendar,
    organizations, pages,
    plan::{Sizes, random},
    recipe::Recipe,
    writer::Writer,
};
use crate::{
    change_log::{Actor, Registry},
    pack,
    snapshot::Snapshot,
};

const BATCHES: usize = 48;
const BATCH: std::ops::RangeInclusive<usize> = 100..=4_000;
const IDENTIFIERS: u64 = 1;
const PAGES: u64 = 2;

/// Size of the generated registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// This many pages, and organizations in proportion.
    Pages(u32),
    /// The whole country.
    National,
}

/// Numbers of generated records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Generated {
    pub organizations: usize,
    pub pages: usize,
}

/// Progress of the generation.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Progress {
    pub done: usize,
    pub of: usize,
    /// Unit of the counts, as text.
    pub what: &'static str,
}

/// Generates a registry without statistics, or resumes an interrupted run.
///
/// # Errors
/// When the database contains other records, or does not answer.
pub async fn generate(
    registry: &Registry,
    scale: Scale,
    seed: u64,
    progress: impl Fn(Progress),
) -> Result<Generated> {
    let recipe = Arc::new(Recipe::built_in()?);
    refuse_foreign(&registry.snapshot(), &recipe)?;
    let calendar = Calendar::new();
    pack::load_dated(registry, &recipe.pack, Some(calendar.first_day())).await?;
    let pages = match scale {
        Scale::Pages(pages) => pages,
        Scale::National => recipe.national.pages,
    };
    let sizes = Sizes::for_pages(&recipe, pages);
    let organizations = Arc::new(organizations::plan(&recipe, sizes, seed));
    let pages = Arc::new(pages::plan(&recipe, sizes, &organizations, seed));
    let of = organizations.len() + pages.len();
    let (known_organizations, known_pages) = registry.snapshot().sizes();
    if known_organizations > organizations.len() || known_pages > pages.len() {
        bail!(
            "the database holds a larger generated registry; choose another DATABASE_URL, or use the same scale."
        );
    }
    let writer = Writer {
        numbers: random(seed, IDENTIFIERS),
        pages: random(seed, PAGES),
        ids: HashMap::new(),
        recipe: recipe.clone(),
        organizations,
        planned_pages: pages,
        calendar,
        seed,
        ends: HashMap::new(),
    };
    write(registry, writer, of, progress).await
}

/// Writes all planned records, in batches.
async fn write(
    registry: &Registry,
    mut writer: Writer,
    of: usize,
    progress: impl Fn(Progress),
) -> Result<Generated> {
    let batch = batch_of(writer.organizations.len());
    for start in (0..writer.organizations.len()).step_by(batch) {
        writer = registry
            .write(&Actor::Generator, move |change_set| {
                writer.organizations(change_set, start, batch).map(|()| writer)
            })
            .await?;
        let done = (start + batch).min(writer.organizations.len());
        progress(Progress { done, of, what: "records" });
    }
    let batch = batch_of(writer.planned_pages.len());
    for start in (0..writer.planned_pages.len()).step_by(batch) {
        writer = registry
            .write(&Actor::Generator, move |change_set| {
                writer.pages(change_set, start, batch).map(|()| writer)
            })
            .await?;
        let done = (writer.organizations.len() + start + batch).min(of);
        progress(Progress { done, of, what: "records" });
    }
    Ok(Generated { organizations: writer.organizations.len(), pages: writer.planned_pages.len() })
}

/// Subjects per transaction: enough batches for a history, none too large.
fn batch_of(subjects: usize) -> usize {
    (subjects / BATCHES).clamp(*BATCH.start(), *BATCH.end())
}

/// Checks that a registry is empty or generated: generated data is never mixed into real data.
///
/// # Errors
/// When it has an organization of another source.
pub fn check_is_synthetic(registry: &Registry) -> Result<()> {
    refuse_foreign(&registry.snapshot(), &Recipe::built_in()?)
}

fn refuse_foreign(snapshot: &Snapshot, recipe: &Recipe) -> Result<()> {
    let foreign =
        snapshot.organizations().values().find(|organization| *organization.source != *recipe.source);
    if let Some(foreign) = foreign {
        bail!(
            "the database holds a real registry (“{}” came from {}); set DATABASE_URL to another database for the demo.",
            foreign.name,
            foreign.source
        );
    }
    Ok(())
}
