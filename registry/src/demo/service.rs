//! Writing the generated nation into an empty registry.

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Days, Utc};
use entities::{
    organization::Status,
    organization_identifier::State,
    page::{Availability, Lifecycle},
};

use super::{
    calendar::Calendar,
    figures,
    names::identifier,
    organizations,
    pages::{self, PageMaker, PlannedPage},
    plan::{Planned, Sizes, random},
    recipe::Recipe,
    statistics,
};
use crate::{
    change_log::{Actor, ChangeSet, Registry},
    model::{Identifier, Organization, Page},
    pack,
    snapshot::Snapshot,
};

const BATCHES: usize = 48;
const BATCH: std::ops::RangeInclusive<usize> = 100..=4_000;
/// Pages end a quarter of the history after they began.
const LIFE: usize = 4;
const IDENTIFIERS: u64 = 1;
const PAGES: u64 = 2;

/// How large the generated registry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// This many pages, and organizations in proportion.
    Pages(u32),
    /// The whole country.
    National,
}

/// What was generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Made {
    pub organizations: usize,
    pub pages: usize,
}

/// How far the generation came.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Progress {
    pub done: usize,
    pub of: usize,
    /// What is counted, in words.
    pub what: &'static str,
}

/// Generates a registry with figures of the last days, or goes on where an interrupted run stopped.
///
/// # Errors
/// When the database holds a registry of another kind, or does not answer.
pub async fn generate(
    registry: &Registry,
    scale: Scale,
    seed: u64,
    days: u32,
    progress: impl Fn(Progress),
) -> Result<Made> {
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
            "the database holds a larger generated registry; choose another DATABASE_URL, or ask for the same scale."
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
    let made = write(registry, writer, of, &progress).await?;
    if days > 0 {
        let today = calendar.today().date_naive();
        let first = today - Days::new(u64::from(days) - 1);
        statistics::record(registry, &recipe, seed, (first, today), progress).await?;
    }
    Ok(made)
}

/// Writes everything that was planned, batch by batch.
async fn write(
    registry: &Registry,
    mut writer: Writer,
    of: usize,
    progress: impl Fn(Progress),
) -> Result<Made> {
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
    Ok(Made { organizations: writer.organizations.len(), pages: writer.planned_pages.len() })
}

/// Subjects written in one transaction: enough batches for a history, none too large.
fn batch_of(subjects: usize) -> usize {
    (subjects / BATCHES).clamp(*BATCH.start(), *BATCH.end())
}

/// A registry with other records than ours is somebody's work: nothing is mixed into it.
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

struct Writer {
    recipe: Arc<Recipe>,
    organizations: Arc<Vec<Planned>>,
    planned_pages: Arc<Vec<PlannedPage>>,
    numbers: rand_chacha::ChaCha8Rng,
    pages: rand_chacha::ChaCha8Rng,
    /// Last identifier of organizations, by their place: what some handles are made of.
    ids: HashMap<usize, String>,
    calendar: Calendar,
    seed: u64,
    /// What becomes of pages in the end, by the batch that they came in.
    ends: HashMap<usize, Vec<Page>>,
}

impl Writer {
    fn organizations(&mut self, change_set: &mut ChangeSet, start: usize, batch: usize) -> Result<()> {
        let planned = self.organizations.clone();
        let span = self.calendar.organizations(start / batch, planned.len().div_ceil(batch));
        change_set.date_back(span.to);
        for (place, planned) in planned.iter().enumerate().skip(start).take(batch) {
            let organization = self.organization(change_set, place, planned, span.to)?;
            // An interrupted run wrote it already: its random numbers were taken all the same.
            if change_set.snapshot().organization(organization.id).is_none() {
                change_set.put(organization, None)?;
            }
        }
        Ok(())
    }

    fn organization(
        &mut self,
        change_set: &ChangeSet,
        place: usize,
        planned: &Planned,
        at: DateTime<Utc>,
    ) -> Result<Organization> {
        let recipe = self.recipe.clone();
        let region = planned.region.map(|region| recipe.regions[region].code.as_str());
        let territory = match region {
            Some(code) => change_set.snapshot().territory_by_code(code),
            None => change_set.snapshot().territory_by_code(&self.recipe.pack),
        };
        let identifiers = self.identifiers(change_set, place, region)?;
        Ok(Organization {
            id: place as i64 + 1,
            code: planned.code.as_str().into(),
            kind: planned.kind,
            name: planned.name.as_str().into(),
            short_name: planned.short_name.as_deref().map(Into::into),
            other_names: Vec::new(),
            level: planned.level,
            branch: planned.branch,
            sector: planned.sector.as_deref().map(Into::into),
            founder_id: None,
            territory_id: territory.map(|territory| territory.id),
            parent_id: planned.parent.map(|parent| parent as i64 + 1),
            website: None,
            status: Status::Active,
            status_at: Some(at),
            successors: Vec::new(),
            valid_from: None,
            valid_to: None,
            identifiers,
            source: self.recipe.source.as_str().into(),
            created_at: at,
            updated_at: at,
        })
    }

    /// Numbers whose check digits hold, begun with the region's as real ones are.
    fn identifiers(
        &mut self,
        change_set: &ChangeSet,
        place: usize,
        region: Option<&str>,
    ) -> Result<Vec<Identifier>> {
        let digits = region.and_then(|code| code.rsplit_once('-')).map_or("77", |(_, digits)| digits);
        let mut identifiers = Vec::new();
        let recipe = self.recipe.clone();
        for template in &recipe.identifiers {
            let scheme = change_set
                .snapshot()
                .scheme_by_code(&template.scheme)
                .context("the pack has no such scheme")?;
            let value = loop {
                let filled = template.template.replace("{region}", digits);
                if let Some(value) = identifier(&mut self.numbers, &scheme.rules, &filled) {
                    break value;
                }
            };
            self.ids.insert(place, value.clone());
            identifiers.push(Identifier {
                scheme: template.scheme.as_str().into(),
                value: value.into(),
                state: State::Valid,
            });
        }
        identifiers.sort();
        Ok(identifiers)
    }

    fn pages(&mut self, change_set: &mut ChangeSet, start: usize, batch: usize) -> Result<()> {
        let platforms = self.recipe.platforms.iter().map(|platform| {
            let found = change_set.snapshot().platform_by_code(&platform.code);
            Ok(found.with_context(|| format!("the pack has no platform {}", platform.code))?.id)
        });
        let platforms = platforms.collect::<Result<Vec<_>>>()?;
        let recipe = self.recipe.clone();
        let (number, batches) = (start / batch, self.planned_pages.len().div_ceil(batch));
        let span = self.calendar.pages(number, batches);
        change_set.date_back(span.to);
        let mut maker = PageMaker { recipe: &recipe, random: self.pages.clone(), platforms, span };
        let life = batches / LIFE;
        for (place, planned) in self.planned_pages.clone().iter().enumerate().skip(start).take(batch) {
            let owner = &self.organizations[planned.owner];
            let identifier = self.ids.get(&planned.owner).map(String::as_str);
            let page = maker.make(place as i64 + 1, *planned, owner, planned.owner as i64 + 1, identifier);
            let has_end = matches!(page.lifecycle, Lifecycle::Archived | Lifecycle::Compromised);
            if has_end && number + life < batches {
                let alive = Page {
                    lifecycle: Lifecycle::Registered,
                    availability: Availability::Live,
                    ..page.clone()
                };
                self.ends.entry(number + life).or_default().push(page);
                self.put_page(change_set, alive)?;
            } else {
                self.put_page(change_set, page)?;
            }
        }
        self.pages = maker.random;
        for page in self.ends.remove(&number).unwrap_or_default() {
            let known = change_set.snapshot().page(page.id).map(|known| known.lifecycle);
            let is_kept = page.lifecycle != Lifecycle::Archived;
            if known == Some(Lifecycle::Registered) {
                change_set.put(page, Some(if is_kept { "taken over" } else { "no longer kept" }))?;
            }
        }
        Ok(())
    }

    /// An interrupted run may have written the page already: its random numbers were taken all the same.
    fn put_page(&self, change_set: &mut ChangeSet, page: Page) -> Result<()> {
        let (id, is_public) = (page.id, page.is_public());
        if change_set.snapshot().page(id).is_none() {
            change_set.put(page, None)?;
        }
        if is_public && change_set.snapshot().figures(id).is_none() {
            change_set.put_figures(id, figures::latest(self.seed, id, self.calendar.today()));
        }
        Ok(())
    }
}
