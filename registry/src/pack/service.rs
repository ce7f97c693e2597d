//! Loading a pack into the registry.

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use entities::{pack, platform::Status, registry_meta};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    PackFile,
    file::{Head, PlatformEntry, SchemeEntry, SectorEntry, TerritoryEntry},
    rules::{take_abbreviation, take_indicator, take_methodology, take_obligation},
};
use crate::{
    change_log::{Actor, ChangeSet, Registry},
    database::Database,
    model::{IdentifierScheme, Names, Pack, Platform, Sector, Territory},
};

/// Key prefix under which older versions recorded packs in `registry_meta`.
const META_PREFIX: &str = "pack:";

/// Result of loading a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Code of the pack.
    pub code: String,
    /// Number of new or changed entries.
    pub changed: usize,
    /// Number of all entries.
    pub entries: usize,
}

/// Loads a pack and the packs that it includes: adds new entries and updates existing ones.
///
/// # Errors
/// When a pack is invalid or refers to missing entries, such as a parent; then nothing of that pack is loaded.
pub async fn load(registry: &Registry, name: &str) -> Result<Vec<Loaded>> {
    load_dated(registry, name, None).await
}

/// The same with changes dated back to `at` as far as the log allows, for a generated registry with a history.
///
/// # Errors
/// Those of [`load`].
pub async fn load_dated(registry: &Registry, name: &str, at: Option<DateTime<Utc>>) -> Result<Vec<Loaded>> {
    let pack = PackFile::find(name)?;
    let mut loaded = Vec::new();
    for included in &pack.pack.includes {
        loaded.extend(Box::pin(load_dated(registry, included, at)).await?);
    }
    let actor = Actor::Pack(pack.pack.code.as_str().into());
    let taken = registry.write(&actor, move |change_set| {
        at.into_iter().for_each(|at| change_set.date_back(at));
        take(change_set, &pack)
    });
    loaded.push(taken.await?);
    Ok(loaded)
}

/// Codes of the loaded packs.
///
/// # Errors
/// When the database fails.
pub async fn loaded(database: &Database) -> Result<Vec<String>> {
    let packs = registry_meta::Entity::find().filter(registry_meta::Column::Key.starts_with(META_PREFIX));
    let packs = packs.order_by_asc(registry_meta::Column::Key).all(&database.read).await?;
    let mut codes: Vec<String> =
        packs.into_iter().map(|row| row.key[META_PREFIX.len()..].to_owned()).collect();
    let known = pack::Entity::find().order_by_asc(pack::Column::Code).all(&database.read).await?;
    codes.extend(known.into_iter().map(|row| row.code));
    codes.sort();
    codes.dedup();
    Ok(codes)
}

fn take(change_set: &mut ChangeSet, pack: &PackFile) -> Result<Loaded> {
    let mut changed = 0;
    for scheme in &pack.schemes {
        changed += usize::from(take_scheme(change_set, scheme, &pack.pack)?);
    }
    for sector in &pack.sectors {
        changed += usize::from(take_sector(change_set, sector, &pack.pack)?);
    }
    for platform in &pack.platforms {
        changed += usize::from(take_platform(change_set, platform, &pack.pack)?);
    }
    for territory in &pack.territories {
        changed += usize::from(take_territory(change_set, territory, &pack.pack)?);
    }
    for obligation in &pack.obligations {
        changed += usize::from(take_obligation(change_set, obligation, &pack.pack)?);
    }
    for abbreviation in &pack.abbreviations {
        changed += usize::from(take_abbreviation(change_set, abbreviation)?);
    }
    for indicator in &pack.indicators {
        changed += usize::from(take_indicator(change_set, indicator, &pack.pack)?);
    }
    for methodology in &pack.methodologies {
        changed += usize::from(take_methodology(change_set, methodology, &pack.pack)?);
    }
    note(change_set, pack)?;
    let entries = pack.schemes.len() + pack.sectors.len() + pack.platforms.len() + pack.territories.len();
    let entries = entries + pack.obligations.len() + pack.abbreviations.len();
    let entries = entries + pack.indicators.len() + pack.methodologies.len();
    Ok(Loaded { code: pack.pack.code.clone(), changed, entries })
}

/// Records the loaded version of the pack, its time zone and its precedence of sources.
fn note(change_set: &mut ChangeSet, file: &PackFile) -> Result<()> {
    let head = &file.pack;
    let known = change_set.snapshot().packs().values().find(|known| *known.code == *head.code);
    let id = known.map_or_else(|| change_set.next_pack_id(), |known| known.id);
    let (code, version) = (head.code.as_str().into(), head.version.into());
    let precedence = file.precedence.clone();
    let pack = Pack { id, code, version, time_zone: head.time_zone, precedence };
    change_set.upsert(pack, None).map(|_| ())
}

fn take_scheme(change_set: &mut ChangeSet, entry: &SchemeEntry, head: &Head) -> Result<bool> {
    let known = change_set.snapshot().scheme_by_code(&entry.code);
    let id = known.map_or_else(|| change_set.next_scheme_id(), |known| known.id);
    let (name, names) =
        head.names(known.map(|known| (&*known.name, &known.names)), &entry.name, &entry.names);
    let scheme = IdentifierScheme {
        id,
        code: entry.code.as_str().into(),
        name,
        names,
        rules: entry.rules(),
        updated_at: change_set.now(),
    };
    change_set.upsert(scheme, None)
}

fn take_sector(change_set: &mut ChangeSet, entry: &SectorEntry, head: &Head) -> Result<bool> {
    let known = change_set.snapshot().sector_by_code(&entry.code);
    let id = known.map_or_else(|| change_set.next_sector_id(), |known| known.id);
    let (name, names) =
        head.names(known.map(|known| (&*known.name, &known.names)), &entry.name, &entry.names);
    let sector = Sector { id, code: entry.code.as_str().into(), name, names, updated_at: change_set.now() };
    change_set.upsert(sector, None)
}

fn take_platform(change_set: &mut ChangeSet, entry: &PlatformEntry, head: &Head) -> Result<bool> {
    let known = change_set.snapshot().platform_by_code(&entry.code);
    let id = known.map_or_else(|| change_set.next_platform_id(), |known| known.id);
    let (name, names) =
        head.names(known.map(|known| (&*known.name, &known.names)), &entry.name, &entry.names);
    let is_taken = |other: &Platform| {
        other.id != id && entry.address.hosts.iter().any(|host| other.address_rules.hosts.contains(host))
    };
    if let Some(other) = change_set.snapshot().platforms().values().find(|other| is_taken(other)) {
        bail!("platform `{}`: one of its hosts belongs to the loaded platform `{}`", entry.code, other.code);
    }
    let platform = Platform {
        id,
        code: entry.code.as_str().into(),
        name,
        names,
        website: entry.website.as_deref().map(Into::into),
        status: entry.status.unwrap_or(Status::Active),
        address_rules: entry.address.clone(),
        metrics: entry.metrics.clone(),
        mark_methods: entry.mark_methods.clone(),
        updated_at: change_set.now(),
    };
    change_set.upsert(platform, None)
}

fn take_territory(change_set: &mut ChangeSet, entry: &TerritoryEntry, head: &Head) -> Result<bool> {
    let parent_id = parent_id(change_set, entry)?;
    let known = change_set.snapshot().territory_by_code(&entry.code);
    let id = known.map_or_else(|| change_set.next_territory_id(), |known| known.id);
    let known = known.cloned();
    let known = known.as_deref();
    let source = format!("pack:{}", head.code);
    check_parent(entry, parent_id, known, &source)?;
    let (name, names) =
        head.names(known.map(|known| (&*known.name, &known.names)), &entry.name, &entry.names);
    let text = |new: &Option<String>, old: Option<&Option<Box<str>>>| -> Option<Box<str>> {
        new.as_deref().map(Into::into).or_else(|| old.cloned().flatten())
    };
    // Fields that the pack leaves out keep their values, such as the population from an import.
    let mut scheme_codes = known.map(|known| known.scheme_codes.clone()).unwrap_or_default();
    scheme_codes.extend(entry.codes.clone());
    let territory = Territory {
        id,
        code: entry.code.as_str().into(),
        kind: entry.kind,
        name,
        names,
        parent_id,
        timezone: text(&entry.timezone, known.map(|known| &known.timezone)),
        population: entry.population.or_else(|| known?.population),
        population_date: entry.population_date.or_else(|| known?.population_date),
        population_source: text(&entry.population_source, known.map(|known| &known.population_source)),
        coordinating_centre: text(&entry.coordinating_centre, known.map(|known| &known.coordinating_centre)),
        scheme_codes,
        source: source.into(),
        updated_at: change_set.now(),
    };
    change_set.upsert(territory, None)
}

fn parent_id(change_set: &ChangeSet, entry: &TerritoryEntry) -> Result<Option<i64>> {
    let Some(code) = &entry.parent else { return Ok(None) };
    let parent = change_set.snapshot().territory_by_code(code);
    let parent = parent.with_context(|| format!("territory `{}`: no parent `{code}`", entry.code))?;
    Ok(Some(parent.id))
}

/// Refuses a territory that another pack has with another parent.
fn check_parent(
    entry: &TerritoryEntry,
    parent_id: Option<i64>,
    known: Option<&Territory>,
    source: &str,
) -> Result<()> {
    if let Some(other) = known.filter(|it| it.source.starts_with("pack:") && *it.source != *source)
        && other.parent_id != parent_id
    {
        bail!(
            "territory `{}`: the {} has it with another parent; give yours another code",
            entry.code,
            other.source.replace(':', " ")
        );
    }
    Ok(())
}

impl Head {
    /// Name and names of an entry. The name stays that of the pack whose language came first; other packs add names.
    pub(super) fn names(
        &self,
        known: Option<(&str, &Names)>,
        name: &str,
        names: &Names,
    ) -> (Box<str>, Names) {
        let mut own = names.clone();
        own.insert(self.language.as_str().into(), name.into());
        let Some((known_name, known_names)) = known else { return (name.into(), own) };
        if known_names.get(&*self.language).map(|own| &**own) == Some(known_name) {
            let mut all = known_names.clone();
            all.extend(own);
            return (name.into(), all);
        }
        own.extend(known_names.clone());
        (known_name.into(), own)
    }
}
