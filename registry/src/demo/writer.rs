//! Writes planned records: organizations, pages and what becomes of them.

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use entities::{
    organization::{CodeOrigin, Status},
    organization_identifier::State,
    page::{Availability, Lifecycle},
};

use super::{
    calendar::Calendar,
    figures,
    names::identifier,
    pages::{PageMaker, PlannedPage},
    plan::Planned,
    recipe::Recipe,
};
use crate::{
    change_log::ChangeSet,
    model::{Identifier, Organization, Page},
};

/// Pages are archived or compromised a quarter of the history after their creation.
const LIFE: usize = 4;

/// Writes planned records batch by batch; each batch is one transaction, dated back.
pub(super) struct Writer {
    pub(super) recipe: Arc<Recipe>,
    pub(super) organizations: Arc<Vec<Planned>>,
    pub(super) planned_pages: Arc<Vec<PlannedPage>>,
    pub(super) numbers: rand_chacha::ChaCha8Rng,
    pub(super) pages: rand_chacha::ChaCha8Rng,
    /// Last identifier of organizations, by index in the plan; some handles contain it.
    pub(super) ids: HashMap<usize, String>,
    pub(super) calendar: Calendar,
    pub(super) seed: u64,
    /// Final states of pages, by the batch in which they take effect.
    pub(super) ends: HashMap<usize, Vec<Page>>,
}

impl Writer {
    pub(super) fn organizations(
        &mut self,
        change_set: &mut ChangeSet,
        start: usize,
        batch: usize,
    ) -> Result<()> {
        let planned = self.organizations.clone();
        let span = self.calendar.organizations(start / batch, planned.len().div_ceil(batch));
        change_set.date_back(span.to);
        for (index, planned) in planned.iter().enumerate().skip(start).take(batch) {
            let organization = self.organization(change_set, index, planned, span.to)?;
            // An interrupted run may have written it already; its random numbers are consumed all the same.
            match change_set.snapshot().organization(organization.id) {
                None => _ = change_set.upsert(organization, None)?,
                Some(known) => check_same_plan(
                    (&known.code, &known.name, &known.identifiers)
                        == (&organization.code, &organization.name, &organization.identifiers),
                )?,
            }
        }
        Ok(())
    }

    fn organization(
        &mut self,
        change_set: &ChangeSet,
        index: usize,
        planned: &Planned,
        at: DateTime<Utc>,
    ) -> Result<Organization> {
        let recipe = self.recipe.clone();
        let region = planned.region.map(|region| recipe.regions[region].code.as_str());
        let territory = change_set.snapshot().territory_by_code(region.unwrap_or(&recipe.pack));
        let identifiers = self.identifiers(change_set, index, region)?;
        Ok(Organization {
            id: index as i64 + 1,
            code: planned.code.as_str().into(),
            code_origin: Some(CodeOrigin::Given),
            former_codes: Vec::new(),
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
            field_sources: Vec::new(),
            created_at: at,
            updated_at: at,
        })
    }

    /// Numbers with valid check digits that begin with the region's code, as real ones do.
    fn identifiers(
        &mut self,
        change_set: &ChangeSet,
        index: usize,
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
            self.ids.insert(index, value.clone());
            identifiers.push(Identifier {
                scheme: template.scheme.as_str().into(),
                value: value.into(),
                state: State::Valid,
            });
        }
        identifiers.sort();
        Ok(identifiers)
    }

    pub(super) fn pages(&mut self, change_set: &mut ChangeSet, start: usize, batch: usize) -> Result<()> {
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
        for (index, planned) in self.planned_pages.clone().iter().enumerate().skip(start).take(batch) {
            let owner = &self.organizations[planned.owner];
            let identifier = self.ids.get(&planned.owner).map(String::as_str);
            let page = maker.make(index as i64 + 1, *planned, owner, planned.owner as i64 + 1, identifier);
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
                change_set.upsert(page, Some(if is_kept { "taken over" } else { "no longer kept" }))?;
            }
        }
        Ok(())
    }

    /// An interrupted run may have written the page already; its random numbers are consumed all the same.
    fn put_page(&self, change_set: &mut ChangeSet, page: Page) -> Result<()> {
        let (id, is_public) = (page.id, page.is_public());
        match change_set.snapshot().page(id) {
            None => _ = change_set.upsert(page, None)?,
            Some(known) => check_same_plan(
                (known.platform_id, known.owner_id, &known.native_id)
                    == (page.platform_id, page.owner_id, &page.native_id),
            )?,
        }
        if is_public && change_set.snapshot().figures(id).is_none() {
            change_set.put_figures(id, figures::latest(self.seed, id, self.calendar.today()));
        }
        Ok(())
    }
}

/// Fails if a record of an earlier run is not that of this run's plan: records of two plans must not be mixed.
fn check_same_plan(is_same: bool) -> Result<()> {
    ensure!(
        is_same,
        "the database holds a generated registry of another size or seed; use the same --scale, --pages and --seed, or another DATABASE_URL."
    );
    Ok(())
}
