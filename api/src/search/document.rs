//! What search knows of a record: its names by their weight, where it is, and who owns it.

use std::collections::{BTreeSet, HashMap};

use entities::organization::{Kind, Level};

use super::{
    standing::Standing,
    words::{form, stems, words},
};
use crate::snapshot::{Organization, Page, Snapshot};

/// Bit that tells pages from organizations in a document's key.
const PAGE: u64 = 1 << 32;

/// Texts of a document, as stems separated by blanks.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Each stem once for its place among the standings.
    pub(super) words: String,
    /// Words of all names as they stand: what beginnings are looked for among.
    pub(super) forms: String,
}

/// A record as a document.
pub(super) struct Document {
    pub(super) key: u64,
    /// What a hit counts beside how well it fits, in hundredths.
    pub(super) weight: u64,
    pub(super) texts: Texts,
}

/// What a hit is a hit of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hit {
    /// Organization with this id.
    Organization(i64),
    /// Page with this id.
    Page(i64),
}

impl Hit {
    pub(super) fn key(self) -> u64 {
        match self {
            Self::Organization(id) => id.unsigned_abs(),
            Self::Page(id) => id.unsigned_abs() | PAGE,
        }
    }

    pub(super) fn from_key(key: u64) -> Self {
        let id = (key & (PAGE - 1)) as i64;
        if key & PAGE == 0 { Self::Organization(id) } else { Self::Page(id) }
    }
}

/// Short forms and what they stand for, ready to be found in texts.
#[derive(Default)]
pub(super) struct Abbreviations {
    /// Stems of what a short form stands for, by the short form.
    expansions: HashMap<String, Vec<Vec<String>>>,
    /// Short forms with the stems that they stand for, by the first of these.
    by_first: HashMap<String, Vec<(Vec<String>, String)>>,
}

impl Abbreviations {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut known = Self::default();
        for abbreviation in snapshot.abbreviations().values() {
            let short = abbreviation.code.to_lowercase();
            for expansion in &abbreviation.expansions {
                let stems: Vec<String> = words(expansion).iter().map(|word| first_stem(word)).collect();
                let Some(first) = stems.first().cloned() else { continue };
                known.by_first.entry(first).or_default().push((stems.clone(), first_stem(&short)));
                known.expansions.entry(short.clone()).or_default().push(stems);
            }
        }
        known
    }

    fn expand(&self, words: &[String], into: &mut BTreeSet<String>) {
        let stems: Vec<String> = words.iter().map(|word| first_stem(word)).collect();
        for (place, word) in words.iter().enumerate() {
            into.extend(self.expansions.get(word).into_iter().flatten().flatten().cloned());
            let longer = self.by_first.get(&stems[place]).into_iter().flatten();
            let found = longer.filter(|(written_out, _)| stems[place..].starts_with(written_out));
            into.extend(found.map(|(_, short)| short.clone()));
        }
    }
}

fn first_stem(word: &str) -> String {
    stems(word).swap_remove(0)
}

/// Texts in the making.
struct Maker<'a> {
    abbreviations: &'a Abbreviations,
    standings: HashMap<String, Standing>,
    expanded: BTreeSet<String>,
    forms: BTreeSet<String>,
}

impl<'a> Maker<'a> {
    fn new(abbreviations: &'a Abbreviations) -> Self {
        Self { abbreviations, standings: HashMap::new(), expanded: BTreeSet::new(), forms: BTreeSet::new() }
    }

    /// Takes a name in, and returns the number of its words.
    fn name(&mut self, standing: Standing, text: &str) -> usize {
        let words = words(text);
        self.abbreviations.expand(&words, &mut self.expanded);
        self.forms.extend(words.iter().map(|word| form(word)));
        self.stems(standing, words.iter().flat_map(|word| stems(word)));
        words.len()
    }

    /// Takes a handle in, which people type in one piece, too.
    fn handle(&mut self, handle: &str) {
        self.forms.insert(form(&words(handle).concat()));
        self.name(Standing::Handle, handle);
    }

    /// Takes stems in, each where it counts most.
    fn stems(&mut self, standing: Standing, stems: impl IntoIterator<Item = String>) {
        for stem in stems {
            let known = self.standings.entry(stem).or_insert(standing);
            if standing.worth() > known.worth() {
                *known = standing;
            }
        }
    }

    fn finish(mut self) -> Texts {
        let expanded = std::mem::take(&mut self.expanded);
        self.stems(Standing::Expanded, expanded);
        let mut words = String::new();
        for (stem, standing) in self.standings {
            for _ in 0..standing as usize {
                words.push_str(&stem);
                words.push(' ');
            }
        }
        Texts { words, forms: self.forms.into_iter().collect::<Vec<_>>().join(" ") }
    }
}

/// Document of an organization.
pub(super) fn of_organization(
    snapshot: &Snapshot,
    abbreviations: &Abbreviations,
    organization: &Organization,
) -> Document {
    let mut maker = Maker::new(abbreviations);
    let length = maker.name(Standing::Name, &organization.name);
    if let Some(short) = &organization.short_name {
        maker.name(Standing::Short, short);
    }
    organization.other_names.iter().for_each(|other| _ = maker.name(Standing::Other, &other.name));
    let pages = snapshot.pages_of(organization.id).filter(|page| page.is_official());
    pages.filter_map(|page| page.handle.as_deref()).for_each(|handle| maker.handle(handle));
    maker.stems(Standing::Around, place(snapshot, organization.territory_id));
    let weight = match (organization.kind, organization.level) {
        (Kind::Authority, Some(Level::Federal)) => 130,
        (Kind::Authority, Some(Level::Regional)) => 125,
        (Kind::Authority, _) => 110,
        (Kind::Institution, _) => 100,
    };
    // Of two names with the same words the one with fewer others is meant.
    let weight = weight * 100 / (100 + 2 * length.min(40) as u64);
    Document { key: Hit::Organization(organization.id).key(), weight, texts: maker.finish() }
}

/// Document of a page: its own words, and its owner's.
pub(super) fn of_page(snapshot: &Snapshot, abbreviations: &Abbreviations, page: &Page) -> Document {
    let mut maker = Maker::new(abbreviations);
    maker.name(Standing::Other, &page.title);
    let handles = page.handle.iter().chain(page.aliases.iter().map(|alias| &alias.handle));
    handles.for_each(|handle| maker.handle(handle));
    if let Some(owner) = snapshot.organization(page.owner_id) {
        maker.stems(Standing::Around, words(&owner.name).iter().flat_map(|word| stems(word)));
        maker.stems(Standing::Around, place(snapshot, owner.territory_id));
    }
    // Whoever looks for a body wants the body first, and its pages after it.
    Document { key: Hit::Page(page.id).key(), weight: 60, texts: maker.finish() }
}

/// Names of the territory and of the region that it lies in, in all languages.
fn place(snapshot: &Snapshot, territory_id: Option<i64>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = territory_id.and_then(|id| snapshot.territory(id));
    while let Some(territory) = next {
        use entities::territory::Kind::{Country, District};
        if !matches!(territory.kind, Country | District) {
            for name in territory.names.values().chain([&territory.name]) {
                found.extend(words(name).iter().flat_map(|word| stems(word)));
            }
        }
        next = territory.parent_id.and_then(|id| snapshot.territory(id));
    }
    found
}
