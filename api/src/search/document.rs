//! What search knows of a record: its names by their weight, where it is, and who owns it.

use std::collections::{BTreeSet, HashMap};

use entities::organization::{Kind, Level};

use super::words::{form, stems, words};
use crate::snapshot::{Organization, Page, Snapshot};

/// Bit that tells pages from organizations in a document's key.
const PAGE: u64 = 1 << 32;

/// Texts of a document, as stems separated by blanks.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) name: String,
    pub(super) short: String,
    pub(super) other: String,
    pub(super) handle: String,
    /// Abbreviations of what is written out, and the other way round.
    pub(super) expanded: String,
    pub(super) place: String,
    pub(super) owner: String,
    /// Stems of all names: what typing errors are looked for among.
    pub(super) all: String,
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
    expanded: BTreeSet<String>,
    all: BTreeSet<String>,
    forms: BTreeSet<String>,
}

impl Maker<'_> {
    /// Stems of a name, which is also one of all names.
    fn name(&mut self, text: &str) -> String {
        let words = words(text);
        self.abbreviations.expand(&words, &mut self.expanded);
        self.forms.extend(words.iter().map(|word| form(word)));
        let stems: Vec<String> = words.iter().flat_map(|word| stems(word)).collect();
        self.all.extend(stems.iter().cloned());
        stems.join(" ")
    }

    /// Stems of a handle, which people type in one piece, too.
    fn handle(&mut self, handle: &str) -> String {
        self.forms.insert(form(&words(handle).concat()));
        self.name(handle)
    }

    /// Leaves each stem in the field where it counts most: a word is looked up in few places, and counts once.
    fn finish(self, texts: Texts) -> Texts {
        let join = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(" ");
        let all: String = join(self.all.union(&self.expanded).cloned().collect());
        let expanded = join(self.expanded);
        let mut seen = BTreeSet::new();
        let mut first = |text: &str| {
            let stems = text.split(' ').filter(|stem| !stem.is_empty() && seen.insert((*stem).to_owned()));
            stems.collect::<Vec<_>>().join(" ")
        };
        Texts {
            name: first(&texts.name),
            short: first(&texts.short),
            other: first(&texts.other),
            expanded: first(&expanded),
            handle: first(&texts.handle),
            owner: first(&texts.owner),
            place: first(&texts.place),
            all,
            forms: join(self.forms),
        }
    }
}

fn plain_stems(text: &str) -> String {
    words(text).iter().flat_map(|word| stems(word)).collect::<Vec<_>>().join(" ")
}

/// Document of an organization.
pub(super) fn of_organization(
    snapshot: &Snapshot,
    abbreviations: &Abbreviations,
    organization: &Organization,
) -> Document {
    let mut maker =
        Maker { abbreviations, expanded: BTreeSet::new(), all: BTreeSet::new(), forms: BTreeSet::new() };
    let pages = snapshot.pages_of(organization.id).filter(|page| page.is_official());
    let handles: Vec<_> =
        pages.filter_map(|page| page.handle.as_deref()).map(|handle| maker.handle(handle)).collect();
    let other: Vec<_> = organization.other_names.iter().map(|other| maker.name(&other.name)).collect();
    let texts = Texts {
        name: maker.name(&organization.name),
        short: organization.short_name.as_deref().map(|name| maker.name(name)).unwrap_or_default(),
        other: other.join(" "),
        handle: handles.join(" "),
        place: place(snapshot, organization.territory_id),
        ..Texts::default()
    };
    let weight = match (organization.kind, organization.level) {
        (Kind::Authority, Some(Level::Federal)) => 130,
        (Kind::Authority, Some(Level::Regional)) => 125,
        (Kind::Authority, _) => 110,
        (Kind::Institution, _) => 100,
    };
    // Of two names with the same words the one with fewer others is meant.
    let length = texts.name.split(' ').count().min(40) as u64;
    let weight = weight * 100 / (100 + 2 * length);
    Document { key: Hit::Organization(organization.id).key(), weight, texts: maker.finish(texts) }
}

/// Document of a page: its own words, and its owner's.
pub(super) fn of_page(snapshot: &Snapshot, abbreviations: &Abbreviations, page: &Page) -> Document {
    let mut maker =
        Maker { abbreviations, expanded: BTreeSet::new(), all: BTreeSet::new(), forms: BTreeSet::new() };
    let owner = snapshot.organization(page.owner_id);
    let handles = page.handle.iter().chain(page.aliases.iter().map(|alias| &alias.handle));
    let handles: Vec<_> = handles.map(|handle| maker.handle(handle)).collect();
    let texts = Texts {
        other: maker.name(&page.title),
        handle: handles.join(" "),
        place: owner.map(|owner| place(snapshot, owner.territory_id)).unwrap_or_default(),
        owner: owner.map(|owner| plain_stems(&owner.name)).unwrap_or_default(),
        ..Texts::default()
    };
    // Whoever looks for a body wants the body first, and its pages after it.
    Document { key: Hit::Page(page.id).key(), weight: 60, texts: maker.finish(texts) }
}

/// Names of the territory and of the region that it lies in, in all languages.
fn place(snapshot: &Snapshot, territory_id: Option<i64>) -> String {
    let mut stems = BTreeSet::new();
    let mut next = territory_id.and_then(|id| snapshot.territory(id));
    while let Some(territory) = next {
        use entities::territory::Kind::{Country, District};
        if !matches!(territory.kind, Country | District) {
            for name in territory.names.values().chain([&territory.name]) {
                stems.extend(words(name).iter().flat_map(|word| super::words::stems(word)));
            }
        }
        next = territory.parent_id.and_then(|id| snapshot.territory(id));
    }
    stems.into_iter().collect::<Vec<_>>().join(" ")
}
