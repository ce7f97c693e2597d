//! Coverage: which organizations must have pages, which are exempt and which comply, computed from obligation
//! rules and facets.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entities::organization::Status;
use roaring::RoaringBitmap;

use super::{ObligationRuleView, OrganizationView, View};
use crate::{
    model::{Mode, ObligationRule, Organization, Terms},
    snapshot::{Clause, Dimension, Filter, Selection, day_number},
};

/// Organizations by their status under the obligation rules in force.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Obliged: at least one rule applies to them without an exemption.
    pub obliged: RoaringBitmap,
    /// Exempt: rules apply to them, and exemptions release them from all of these.
    pub exempt: RoaringBitmap,
    /// Covered: obliged organizations that have all required pages.
    pub covered: RoaringBitmap,
}

/// Status of an organization under one rule; under several, the greatest one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObligationStatus {
    /// An exemption releases it.
    Exempt,
    /// It has the pages that the rule requires.
    Covered,
    /// Some required pages are missing.
    Missing,
}

/// A rule that applies to an organization, and the organization's status under it.
#[derive(Clone, Copy)]
pub struct Obligation<'a> {
    /// The rule.
    pub rule: ObligationRuleView<'a>,
    /// Status of the organization under the rule.
    pub status: ObligationStatus,
    /// First day on which both the rule was in force and the organization was registered.
    pub since: NaiveDate,
}

impl View {
    /// Coverage on a day of the organizations that match the filter and that the viewer may see.
    pub fn coverage(&self, day: NaiveDate, filter: &Filter) -> Coverage {
        self.coverage_among(day, self.all_organizations(filter).bits())
    }

    fn coverage_among(&self, day: NaiveDate, among: &RoaringBitmap) -> Coverage {
        let mut coverage = Coverage::default();
        let mut missing = RoaringBitmap::new();
        let mut named_by_any = RoaringBitmap::new();
        for rule in self.snapshot.obligation_rules().values().filter(|rule| rule.holds_on(day)) {
            let named = self.named_by(&rule.terms, among.clone());
            let freed = self.freed_from(rule, day);
            let obliged = &named - &freed;
            missing |= &obliged - self.having(&rule.terms);
            coverage.obliged |= &obliged;
            named_by_any |= named;
        }
        coverage.exempt = named_by_any - &coverage.obliged;
        coverage.covered = &coverage.obliged - missing;
        coverage
    }

    /// Organizations among these that lack a required page today, by the number of the first day on which any of their rules
    /// required it: that of the rule, or that of their entry, whichever is later.
    pub(super) fn missing_since(&self, among: &RoaringBitmap) -> BTreeMap<u32, RoaringBitmap> {
        let (day, facets) = (self.day(), &self.derived().organization_facets);
        let in_force = self.snapshot.obligation_rules().values().filter(|rule| rule.holds_on(day));
        let mut rules: Vec<_> = in_force.collect();
        // Of several rules, the first counts.
        rules.sort_by_key(|rule| rule.valid_from);
        let (mut left, mut since) = (among.clone(), BTreeMap::<u32, RoaringBitmap>::new());
        for rule in rules {
            let named = self.named_by(&rule.terms, left.clone());
            let mut missing = named - self.freed_from(rule, day) - self.having(&rule.terms);
            if missing.is_empty() {
                continue;
            }
            left -= &missing;
            let begins = day_number(rule.valid_from);
            for (entered, organizations) in facets.values(Dimension::CreatedOn) {
                if entered > begins && !missing.is_disjoint(organizations) {
                    *since.entry(entered).or_default() |= &missing & organizations;
                    missing -= organizations;
                }
            }
            if !missing.is_empty() {
                *since.entry(begins).or_default() |= missing;
            }
        }
        since
    }

    /// The same of one organization on the day of the view, negated; `None` if nothing is missing.
    pub(super) fn overdue(&self, organization_id: i64) -> Option<i64> {
        let rules = self.organization(organization_id)?.obligations(self.day());
        let missing = rules.iter().filter(|it| it.status == ObligationStatus::Missing);
        missing.map(|it| -i64::from(day_number(it.since))).max()
    }

    /// Organizations among these whose status under all rules in force today is one of these.
    pub(super) fn with_status(&self, statuses: &[u32], among: &RoaringBitmap) -> RoaringBitmap {
        let Coverage { obliged, exempt, covered } = self.coverage_among(self.day(), among);
        let of_status = [
            (ObligationStatus::Missing, obliged - &covered),
            (ObligationStatus::Covered, covered),
            (ObligationStatus::Exempt, exempt),
        ];
        let wanted = of_status.into_iter().filter(|(status, _)| statuses.contains(&(*status as u32)));
        wanted.fold(RoaringBitmap::new(), |all, (_, organizations)| all | organizations)
    }

    /// Organizations among these that the terms apply to.
    fn named_by(&self, terms: &Terms, among: RoaringBitmap) -> RoaringBitmap {
        match self.clauses(terms) {
            Some(filter) => self.select_organizations(&filter, among),
            None => RoaringBitmap::new(),
        }
    }

    /// The terms as filter clauses; `None` when the territory is unknown.
    fn clauses(&self, terms: &Terms) -> Option<Filter> {
        let mut filter = Filter::default();
        filter.add(Clause::AnyOf(Dimension::Status, vec![Status::Active as u32]));
        let territory = self.snapshot.territory_by_code(&terms.jurisdiction)?;
        filter.add(Clause::AnyOf(Dimension::Territory, vec![territory.id as u32]));
        let sectors = terms.sectors.iter().filter_map(|code| self.snapshot.sector_by_code(code));
        let mut any_of = |dimension, values: Vec<u32>, is_named: bool| {
            if is_named {
                filter.add(Clause::AnyOf(dimension, values));
            }
        };
        any_of(Dimension::Kind, terms.kinds.iter().map(|it| *it as u32).collect(), !terms.kinds.is_empty());
        any_of(
            Dimension::Level,
            terms.levels.iter().map(|it| *it as u32).collect(),
            !terms.levels.is_empty(),
        );
        any_of(
            Dimension::Branch,
            terms.branches.iter().map(|it| *it as u32).collect(),
            !terms.branches.is_empty(),
        );
        any_of(Dimension::Sector, sectors.map(|it| it.id as u32).collect(), !terms.sectors.is_empty());
        Some(filter)
    }

    fn freed_from(&self, rule: &ObligationRule, day: NaiveDate) -> RoaringBitmap {
        let exemptions = self.snapshot.exemptions().values();
        let freeing = exemptions.filter(|it| it.frees_from(rule.id) && it.holds_on(day));
        freeing.map(|exemption| exemption.organization_id as u32).collect()
    }

    /// Organizations that have the pages that the terms require.
    fn having(&self, terms: &Terms) -> RoaringBitmap {
        let facets = &self.derived().organization_facets;
        let platforms: Vec<u32> = self.platform_ids(terms).collect();
        match terms.mode {
            Mode::AnyOf => facets.any(Dimension::HasPageOn, &platforms),
            Mode::AllOf if platforms.len() < terms.platforms.len() => RoaringBitmap::new(),
            Mode::AllOf => {
                let mut sets = platforms.iter().map(|id| facets.of((Dimension::HasPageOn, *id)));
                let first = sets.next().cloned().unwrap_or_default();
                sets.fold(first, |all, set| all & set)
            }
        }
    }

    fn platform_ids(&self, terms: &Terms) -> impl Iterator<Item = u32> {
        terms.platforms.iter().filter_map(|code| Some(self.snapshot.platform_by_code(code)?.id as u32))
    }

    /// Number of these organizations that have an official page on a platform.
    pub fn with_page_on(&self, platform_id: i64, among: &RoaringBitmap) -> u64 {
        let has_page = self.derived().organization_facets.of((Dimension::HasPageOn, platform_id as u32));
        has_page.intersection_len(among)
    }

    /// Obliged organizations with missing pages, among those that match the filter.
    pub fn uncovered(&self, day: NaiveDate, filter: &Filter) -> Selection {
        let coverage = self.coverage(day, filter);
        Selection::new(coverage.obliged - coverage.covered)
    }
}

impl<'a> OrganizationView<'a> {
    /// Status under all rules in force on the day of the view; `None` if no rule applies.
    pub(super) fn obligation_status(&self) -> Option<ObligationStatus> {
        self.obligations(self.view().day()).iter().map(|obligation| obligation.status).max()
    }

    /// Rules that apply to the organization on a day, with its status under each.
    pub fn obligations(&self, day: NaiveDate) -> Vec<Obligation<'a>> {
        let view = self.view();
        let in_force = view.obligation_rules().filter(|rule| rule.holds_on(day));
        let naming = in_force.filter(|rule| self.is_named_by(&rule.terms));
        naming
            .map(|rule| {
                let is_free = self.exemptions().iter().any(|it| it.frees_from(rule.id) && it.holds_on(day));
                let status = match is_free {
                    true => ObligationStatus::Exempt,
                    false if self.has_pages_for(&rule.terms) => ObligationStatus::Covered,
                    false => ObligationStatus::Missing,
                };
                let entered = view.time_zone().day_of(self.created_at);
                Obligation { rule, status, since: rule.valid_from.max(entered) }
            })
            .collect()
    }

    fn is_named_by(&self, terms: &Terms) -> bool {
        let organization: &Organization = self;
        let is_within = |territory: super::TerritoryView<'_>| {
            let wanted = self.view().territory_by_code(&terms.jurisdiction);
            wanted.is_some_and(|wanted| territory.is_within(wanted.id))
        };
        organization.status == Status::Active
            && self.territory().is_some_and(is_within)
            && (terms.kinds.is_empty() || terms.kinds.contains(&organization.kind))
            && (terms.levels.is_empty()
                || organization.authority_level().is_some_and(|it| terms.levels.contains(&it)))
            && (terms.branches.is_empty()
                || organization.authority_branch().is_some_and(|it| terms.branches.contains(&it)))
            && (terms.sectors.is_empty()
                || organization
                    .institution_sector()
                    .is_some_and(|it| terms.sectors.iter().any(|code| **code == *it)))
    }

    fn has_pages_for(&self, terms: &Terms) -> bool {
        let pages = self.pages(&Filter::default());
        let public =
            pages.after(None).filter_map(|id| self.view().page(id)).filter(|page| page.is_official());
        let has: Vec<&str> = public.map(|page| page.platform_code()).collect();
        let mut wanted = terms.platforms.iter();
        match terms.mode {
            Mode::AnyOf => wanted.any(|code| has.contains(&&**code)),
            Mode::AllOf => wanted.all(|code| has.contains(&&**code)),
        }
    }
}
