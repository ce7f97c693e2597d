//! Generated pages.

use chrono::{DateTime, Duration, Utc};
use entities::{
    organization::{Kind, Level},
    page::{Availability, Category, Lifecycle, Widget},
    page_alias,
};
use rand::{
    Rng,
    seq::{IndexedRandom, SliceRandom},
};

use super::{
    calendar::Span,
    names::{digits, fill},
    plan::{Planned, Sizes, apportion, random, weighted},
    recipe::{PlatformShare, Recipe},
};
use crate::model::{Alias, MarkState, Page};

/// Offset of the random streams.
const PAGES: u64 = 3_000;
const TEN_THOUSAND: u32 = 10_000;
/// Pages per 10,000 that have changed their handle, and that belong to an office holder.
const RENAMED: u32 = 120;
const OF_OFFICE: u32 = 60;

/// A planned page: owner and platform.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlannedPage {
    pub(super) owner: usize,
    pub(super) platform: usize,
}

/// Plans all pages: the number of each platform, distributed over regions, authorities first.
pub(super) fn plan(recipe: &Recipe, sizes: Sizes, planned: &[Planned], seed: u64) -> Vec<PlannedPage> {
    let mut owners: Vec<Vec<usize>> = vec![Vec::new(); recipe.regions.len() + 1];
    for (index, organization) in planned.iter().enumerate() {
        owners[organization.region.map_or(0, |region| region + 1)].push(index);
    }
    let mut weights = vec![recipe.national.federal_pages];
    weights.extend(recipe.regions.iter().map(|region| region.pages));
    // Regions without organizations, as in small registries, leave their pages to others.
    for (weight, _) in weights.iter_mut().zip(&owners).filter(|(_, owners)| owners.is_empty()) {
        *weight = 0;
    }
    let shares: Vec<u32> = recipe.platforms.iter().map(|share| share.pages).collect();
    let totals = apportion(sizes.pages, &shares);
    let mut pages = Vec::new();
    for (platform, total) in totals.into_iter().enumerate() {
        let mut random = random(seed, PAGES + platform as u64);
        for (count, owners) in apportion(total, &weights).into_iter().zip(&owners) {
            if owners.is_empty() {
                continue;
            }
            let authorities =
                owners.iter().take_while(|index| planned[**index].kind == Kind::Authority).count();
            let mut order = owners.clone();
            if platform > 0 {
                order[authorities..].shuffle(&mut random);
            }
            pages.extend(
                (0..count as usize)
                    .map(|number| PlannedPage { owner: order[number % order.len()], platform }),
            );
        }
    }
    pages
}

/// Creates the pages in order, from one random stream.
pub(super) struct PageMaker<'a> {
    pub(super) recipe: &'a Recipe,
    pub(super) random: rand_chacha::ChaCha8Rng,
    /// Ids of the platforms, in the recipe's order.
    pub(super) platforms: Vec<i64>,
    /// Days in which the pages are created.
    pub(super) span: Span,
}

impl PageMaker<'_> {
    pub(super) fn make(
        &mut self,
        id: i64,
        planned: PlannedPage,
        owner: &Planned,
        owner_id: i64,
        identifier: Option<&str>,
    ) -> Page {
        let share = &self.recipe.platforms[planned.platform];
        let (lifecycle, created_at, registered_at) = self.history();
        let native_id = (!share.native_id.is_empty()).then(|| self.native_id(share, id));
        let handle = self.handle(share, owner, identifier, id);
        let renamed = handle.is_some() && self.random.random_ratio(RENAMED, TEN_THOUSAND);
        let office_title = self.office_title(owner);
        Page {
            id,
            platform_id: self.platforms[planned.platform],
            native_id,
            aliases: handle.iter().filter(|_| renamed).map(|handle| former(handle, created_at)).collect(),
            handle,
            title: owner.short_name.as_ref().unwrap_or(&owner.name).as_str().into(),
            page_type: None,
            owner_id,
            co_owners: Vec::new(),
            office_title,
            languages: Vec::new(),
            category: Some(category(owner)),
            lifecycle,
            lifecycle_at: registered_at.or(Some(created_at)),
            availability: availability(lifecycle),
            availability_checked_at: None,
            mark: self.mark(share, lifecycle, registered_at),
            widget: self.widget(share, owner, lifecycle),
            widget_checked_at: None,
            rejection: None,
            source: self.recipe.source.as_str().into(),
            field_sources: Vec::new(),
            registered_at,
            valid_from: None,
            created_at,
            updated_at: created_at,
        }
    }

    /// Lifecycle state, and when the page was created and registered.
    fn history(&mut self) -> (Lifecycle, DateTime<Utc>, Option<DateTime<Utc>>) {
        let lifecycle = self.lifecycle();
        let created_at = self.span.pick(&mut self.random);
        let registered_at =
            (!matches!(lifecycle, Lifecycle::Proposed | Lifecycle::UnderReview | Lifecycle::Rejected))
                .then(|| (created_at + Duration::hours(self.random.random_range(1..72))).min(self.span.to));
        (lifecycle, created_at, registered_at)
    }

    fn office_title(&mut self, owner: &Planned) -> Option<Box<str>> {
        let is_of_office = owner.kind == Kind::Authority && self.random.random_ratio(OF_OFFICE, TEN_THOUSAND);
        let titles = &self.recipe.offices_held;
        is_of_office.then(|| titles.choose(&mut self.random).map(|title| title.as_str().into())).flatten()
    }

    fn lifecycle(&mut self) -> Lifecycle {
        let rest = TEN_THOUSAND - self.recipe.lifecycle.values().sum::<u32>();
        let weights = self.recipe.lifecycle.values().copied().chain([rest]);
        let index = weighted(&mut self.random, weights);
        self.recipe.lifecycle.keys().nth(index).copied().unwrap_or(Lifecycle::Registered)
    }

    /// Random digits that end with the page's id: unique without a lookup.
    fn native_id(&mut self, share: &PlatformShare, id: i64) -> Box<str> {
        let random = digits(&mut self.random, &share.native_id);
        let number = format!("{id:07}");
        let keep = random.len().saturating_sub(number.len());
        let text = format!("{}{number}", &random[..keep]);
        match text.strip_prefix('0') {
            Some(rest) => format!("1{rest}").into(),
            None => text.into(),
        }
    }

    fn handle(
        &self,
        share: &PlatformShare,
        owner: &Planned,
        identifier: Option<&str>,
        id: i64,
    ) -> Option<Box<str>> {
        if share.handle.is_empty() {
            return None;
        }
        if share.handle.contains("{inn}") {
            let suffix = format!("{}{id}", share.handle.split_once('}').map_or("", |(_, suffix)| suffix));
            return Some(format!("id{}{suffix}", identifier?).into());
        }
        let region = owner.region.map_or("rf", |region| &self.recipe.regions[region].code);
        let region = region.replace('-', "");
        Some(fill(&share.handle, &[("slug", &format!("{}_{region}_{id}", owner.slug))]).into())
    }

    fn mark(&mut self, share: &PlatformShare, lifecycle: Lifecycle, at: Option<DateTime<Utc>>) -> MarkState {
        let marks = &self.recipe.mark;
        let none = MarkState::NONE;
        if lifecycle != Lifecycle::Registered || !marks.platforms.contains(&share.code) {
            return none;
        }
        let rest = TEN_THOUSAND - marks.shares.values().sum::<u32>();
        let index = weighted(&mut self.random, marks.shares.values().copied().chain([rest]));
        match marks.shares.keys().nth(index) {
            None => none,
            Some(state) => MarkState {
                state: *state,
                method: Some(marks.method.as_str().into()),
                at: at.map(|at| (at + Duration::days(self.random.random_range(1..40))).min(self.span.to)),
                expires_on: None,
            },
        }
    }

    fn widget(&mut self, share: &PlatformShare, owner: &Planned, lifecycle: Lifecycle) -> Widget {
        let widgets = &self.recipe.widget;
        let needs = owner.kind == Kind::Institution && lifecycle == Lifecycle::Registered;
        if !needs || !widgets.platforms.contains(&share.code) {
            return Widget::NotRequired;
        }
        let index = weighted(&mut self.random, widgets.shares.values().copied());
        widgets.shares.keys().nth(index).copied().unwrap_or(Widget::NotRequired)
    }
}

fn former(handle: &str, created_at: DateTime<Utc>) -> Alias {
    let until = created_at + Duration::days(30);
    Alias {
        handle: format!("{handle}_old").into(),
        kind: page_alias::Kind::Former,
        since: Some(created_at),
        until: Some(until),
    }
}

fn availability(lifecycle: Lifecycle) -> Availability {
    if lifecycle == Lifecycle::Archived { Availability::NotFound } else { Availability::Live }
}

fn category(owner: &Planned) -> Category {
    match (owner.kind, owner.level) {
        (Kind::Authority, Some(Level::Federal | Level::Regional)) => Category::Flagship,
        (Kind::Authority, _) => Category::Active,
        (Kind::Institution, _) => Category::Card,
    }
}
