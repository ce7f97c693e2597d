//! Territories, platforms and sectors: everyone sees all of them.

use std::ops::Deref;

use entities::territory::Kind;

use super::{PageView, View};
use crate::snapshot::{Names, Page, Platform, Sector, Selection, Territory};

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

/// A sector as a viewer sees it.
#[derive(Clone, Copy)]
pub struct SectorView<'a> {
    record: &'a Sector,
}

impl View {
    /// Territory with this id.
    pub fn territory(&self, id: i64) -> Option<TerritoryView<'_>> {
        self.snapshot.territory(id).map(|record| TerritoryView { view: self, record })
    }

    /// Territory with this code.
    pub fn territory_by_code(&self, code: &str) -> Option<TerritoryView<'_>> {
        self.snapshot.territory_by_code(code).map(|record| TerritoryView { view: self, record })
    }

    /// Territories of a kind, by id.
    pub fn territories(&self, kind: Kind) -> impl Iterator<Item = TerritoryView<'_>> {
        let territories = self.snapshot.territories().values().filter(move |record| record.kind == kind);
        territories.map(|record| TerritoryView { view: self, record })
    }

    /// Platform with this id.
    pub fn platform(&self, id: i64) -> Option<PlatformView<'_>> {
        self.snapshot.platform(id).map(|record| PlatformView { record })
    }

    /// Platform with this code.
    pub fn platform_by_code(&self, code: &str) -> Option<PlatformView<'_>> {
        self.snapshot.platform_by_code(code).map(|record| PlatformView { record })
    }

    /// All platforms, by id.
    pub fn platforms(&self) -> impl Iterator<Item = PlatformView<'_>> {
        self.snapshot.platforms().values().map(|record| PlatformView { record })
    }

    /// Sector with this code.
    pub fn sector_by_code(&self, code: &str) -> Option<SectorView<'_>> {
        self.snapshot.sector_by_code(code).map(|record| SectorView { record })
    }
}

impl<'a> TerritoryView<'a> {
    /// The view that the territory was found in.
    pub fn view(&self) -> &'a View {
        self.view
    }

    /// Territory that this one is part of.
    pub fn parent(&self) -> Option<TerritoryView<'a>> {
        self.view.territory(self.record.parent_id?)
    }

    /// Territories that this one is directly made of, in the order of their ids.
    pub fn children(&self) -> Vec<TerritoryView<'a>> {
        let ids = self.view.snapshot.territory_children.ids(self.record.id);
        ids.filter_map(|id| self.view.territory(id)).collect()
    }

    /// Whether the territory lies in another one, however deep, or is it.
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

    /// Authorities seated right in this territory.
    pub fn authorities(&self) -> Selection {
        self.organizations(&self.view.snapshot.authorities)
    }

    /// Institutions seated right in this territory.
    pub fn institutions(&self) -> Selection {
        self.organizations(&self.view.snapshot.institutions)
    }

    fn organizations(&self, kind: &roaring::RoaringBitmap) -> Selection {
        let here = self.view.snapshot.territory_organizations.of(self.record.id);
        self.view.visible_organizations(&(here & kind))
    }
}

impl Deref for TerritoryView<'_> {
    type Target = Territory;

    fn deref(&self) -> &Territory {
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
        let record = self.view.snapshot.platform(self.record.platform_id);
        PlatformView { record: record.expect("a page's platform is never removed") }
    }

    /// Canonical address of the page, derived from its platform's template.
    pub fn url(&self) -> Option<String> {
        let Page { platform_id, native_id, handle, .. } = self.record;
        let rules = self.view.snapshot.address_book().platform(*platform_id)?;
        rules.canonical_url(native_id.as_deref(), handle.as_deref())
    }
}

/// The name in the language asked for, or the registry's own.
pub fn name_in<'a>(name: &'a str, names: &'a Names, language: Option<&str>) -> &'a str {
    language.and_then(|language| names.get(language)).map_or(name, |name| name)
}
