//! Reference data: territories, platforms, sectors, rules and ratings, visible to everyone. Exemptions are
//! visible with their organization.

use std::{collections::BTreeSet, ops::Deref, sync::Arc};

use chrono::NaiveDate;
use entities::{former_key::Space as Former, territory::Kind};

use super::{PageView, View};
use crate::model::{
    Exemption, IdentifierScheme, Indicator, Methodology, Names, ObligationRule, Page, Platform, Rating,
    Sector, Territory,
};

/// A territory as a viewer sees it.
#[derive(Clone, Copy)]
pub struct TerritoryView<'a> {
    view: &'a View,
    record: &'a Territory,
}

/// A platform as a viewer sees it.
#[derive(Clone, Copy)]
pub struct PlatformView<'a> {
    record: &'a Platform,
}

/// An obligation rule as a viewer sees it.
#[derive(Clone, Copy)]
pub struct ObligationRuleView<'a> {
    view: &'a View,
    record: &'a ObligationRule,
}

/// An exemption as a viewer sees it.
#[derive(Clone, Copy)]
pub struct ExemptionView<'a> {
    view: &'a View,
    record: &'a Exemption,
}

/// A sector as a viewer sees it.
#[derive(Clone, Copy)]
pub struct SectorView<'a> {
    record: &'a Sector,
}

impl View {
    /// Territory with this id.
    pub fn territory(&self, id: i64) -> Option<TerritoryView<'_>> {
        self.territory_record(id).map(|record| TerritoryView { view: self, record })
    }

    /// Territory with this code.
    pub fn territory_by_code(&self, code: &str) -> Option<TerritoryView<'_>> {
        self.territory(self.snapshot.territory_by_code(code)?.id)
    }

    /// Territories of a kind, by id.
    pub fn territories(&self, kind: Kind) -> impl Iterator<Item = TerritoryView<'_>> {
        let territories = self.snapshot.territories().keys().filter_map(|id| self.territory(*id));
        territories.filter(move |territory| territory.record.kind == kind)
    }

    /// Platform with this id.
    pub fn platform(&self, id: i64) -> Option<PlatformView<'_>> {
        self.platform_record(id).map(|record| PlatformView { record })
    }

    /// Platform with this code.
    pub fn platform_by_code(&self, code: &str) -> Option<PlatformView<'_>> {
        self.platform(self.snapshot.platform_by_code(code)?.id)
    }

    /// All platforms, by id.
    pub fn platforms(&self) -> impl Iterator<Item = PlatformView<'_>> {
        self.snapshot.platforms().keys().filter_map(|id| self.platform(*id))
    }

    /// Sector with this code.
    pub fn sector_by_code(&self, code: &str) -> Option<SectorView<'_>> {
        self.sector(self.snapshot.sector_by_code(code)?.id)
    }

    /// All sectors, by id.
    pub fn sectors(&self) -> impl Iterator<Item = SectorView<'_>> {
        self.snapshot.sectors().keys().filter_map(|id| self.sector(*id))
    }

    /// Sector with this id.
    pub fn sector(&self, id: i64) -> Option<SectorView<'_>> {
        self.sector_record(id).map(|record| SectorView { record })
    }

    /// All identifier schemes, by id.
    pub fn schemes(&self) -> impl Iterator<Item = &IdentifierScheme> {
        self.snapshot.schemes().values().map(|scheme| &**scheme)
    }

    /// Obligation rule with this id.
    pub fn obligation_rule(&self, id: i64) -> Option<ObligationRuleView<'_>> {
        self.rule_record(id).map(|record| ObligationRuleView { view: self, record })
    }

    /// All obligation rules, by id.
    pub fn obligation_rules(&self) -> impl Iterator<Item = ObligationRuleView<'_>> {
        self.snapshot.obligation_rules().keys().filter_map(|id| self.obligation_rule(*id))
    }

    /// National indicators that others published.
    pub fn indicators(&self) -> impl Iterator<Item = &Indicator> {
        self.snapshot.indicators.values().map(|record| &**record)
    }

    /// Rating methodologies.
    pub fn methodologies(&self) -> impl Iterator<Item = &Methodology> {
        self.snapshot.methodologies.values().map(|record| &**record)
    }

    /// Rating methodology with this code.
    pub fn methodology_by_code(&self, code: &str) -> Option<&Arc<Methodology>> {
        self.snapshot.methodology_by_code(code)
    }

    /// Rating methodology with this id.
    pub fn methodology(&self, id: i64) -> Option<&Arc<Methodology>> {
        self.snapshot.methodology(id)
    }

    /// Published ratings, the oldest first.
    pub fn ratings(&self) -> impl DoubleEndedIterator<Item = &Arc<Rating>> {
        self.snapshot.ratings().values()
    }

    /// Published rating with this id.
    pub fn rating(&self, id: i64) -> Option<&Arc<Rating>> {
        self.snapshot.rating(id)
    }

    /// Published rating by a methodology for a period.
    pub fn rating_of(
        &self,
        methodology: &Methodology,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Option<&Arc<Rating>> {
        let days = (from, to);
        self.ratings().find(|it| it.methodology_id == methodology.id && (it.from, it.to) == days)
    }

    /// Exemption with this id, if the viewer may see its organization.
    pub fn exemption(&self, id: i64) -> Option<ExemptionView<'_>> {
        let record = self.exemption_record(id)?;
        self.organization(record.organization_id).map(|_| ExemptionView { view: self, record })
    }
}

impl<'a> TerritoryView<'a> {
    /// The view that contains the territory.
    pub fn view(&self) -> &'a View {
        self.view
    }

    /// Parent territory.
    pub fn parent(&self) -> Option<TerritoryView<'a>> {
        self.view.territory(self.record.parent_id?)
    }

    /// Direct child territories, by id.
    pub fn children(&self) -> Vec<TerritoryView<'a>> {
        let id = self.record.id;
        let mut ids: BTreeSet<i64> = self.view.snapshot.territory_children.ids(id).collect();
        if self.view.as_of.is_some() {
            ids.extend(self.view.snapshot.former(Former::TerritoryParent, &id.to_string()));
        }
        let territories = ids.into_iter().filter_map(|child| self.view.territory(child));
        territories.filter(|child| child.record.parent_id == Some(id)).collect()
    }

    /// Ids of the territory and all its descendants.
    pub fn with_descendants(&self) -> Vec<i64> {
        let mut found = vec![self.record.id];
        let mut next = 0;
        while let Some(id) = found.get(next).copied() {
            found.extend(self.view.snapshot.territory_children.ids(id));
            next += 1;
        }
        found
    }

    /// Whether the territory is another one or one of its descendants.
    pub fn is_within(&self, other: i64) -> bool {
        let mut territory = Some(*self);
        while let Some(here) = territory {
            if here.record.id == other {
                return true;
            }
            territory = here.parent();
        }
        false
    }
}

impl<'a> ObligationRuleView<'a> {
    /// The view that contains the rule.
    pub fn view(&self) -> &'a View {
        self.view
    }
}

impl<'a> ExemptionView<'a> {
    /// Rule that the exemption releases from; `None` for all rules.
    pub fn rule(&self) -> Option<ObligationRuleView<'a>> {
        self.view.obligation_rule(self.record.rule_id?)
    }
}

impl Deref for TerritoryView<'_> {
    type Target = Territory;

    fn deref(&self) -> &Territory {
        self.record
    }
}

impl Deref for ObligationRuleView<'_> {
    type Target = ObligationRule;

    fn deref(&self) -> &ObligationRule {
        self.record
    }
}

impl Deref for ExemptionView<'_> {
    type Target = Exemption;

    fn deref(&self) -> &Exemption {
        self.record
    }
}

impl Deref for PlatformView<'_> {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        self.record
    }
}

impl Deref for SectorView<'_> {
    type Target = Sector;

    fn deref(&self) -> &Sector {
        self.record
    }
}

impl<'a> PageView<'a> {
    /// Platform that the page is on.
    pub fn platform(&self) -> PlatformView<'a> {
        let now = self.view.snapshot.platform(self.record.platform_id);
        // While a past state is not loaded yet, the present one is used.
        let record = self.view.platform_record(self.record.platform_id).or(now.map(|now| &**now));
        PlatformView { record: record.expect("a page's platform is never removed") }
    }

    /// Canonical URL of the page, derived from the platform's template.
    pub fn url(&self) -> Option<String> {
        let Page { platform_id, native_id, handle, .. } = self.record;
        let rules = self.view.snapshot.address_book().platform(*platform_id)?;
        rules.canonical_url(native_id.as_deref(), handle.as_deref())
    }
}

/// The name in the requested language, otherwise the default name.
pub fn name_in<'a>(name: &'a str, names: &'a Names, language: Option<&str>) -> &'a str {
    language.and_then(|language| names.get(language)).map_or(name, |name| name)
}
