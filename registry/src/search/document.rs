//! What search knows of a record: its names by their weight, where it is, and who owns it.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use entities::organization::{Kind, Level};

use super::{
    field_weight::Standing,
    host::host_of,
    short_forms::{ShortForms, phrase},
    tokenizer::{base_stem, form, stems, words},
    transliteration::is_russian,
};
use crate::{
    model::{Organization, Page},
    snapshot::Snapshot,
    view::Viewer,
};

/// Bit that tells pages from organizations in a document's key.
const PAGE: u64 = 1 << 32;

/// Texts of a document, as stems separated by blanks.
#[derive(Debug, Default, Hash)]
pub(super) struct Texts {
    /// Each stem once for its place among the standings.
    pub(super) words: String,
    /// Words of all names as they stand: what beginnings are looked for among.
    pub(super) forms: String,
    /// Names as a whole, each one term.
    pub(super) exact: String,
}

/// A whole name, or a whole query, as one term.
pub(super) fn exact_key(phrase: &[String]) -> String {
    phrase.join("_")
}

/// A short form of what a name begins with, as a term.
pub(super) fn beginning_key(exact: &str) -> String {
    format!("~{exact}")
}

/// The stem of a Russian word as it is spelt, as a term: `щ` and `ш` are one letter in Latin ones.
pub(super) fn spelt_key(word: &str) -> Option<String> {
    is_russian(word).then(|| base_stem(word)).flatten().map(|stem| stem_key(&stem))
}

/// A stem in Russian letters, as a term.
pub(super) fn stem_key(stem: &str) -> String {
    format!("={stem}")
}

/// The host of a website, as a term.
pub(super) fn host_key(host: &str) -> String {
    format!("@{host}")
}

/// A record as a document.
#[derive(Hash)]
pub(super) struct Document {
    pub(super) key: u64,
    /// What a hit counts beside how well it fits, in hundredths.
    pub(super) weight: u64,
    pub(super) texts: Texts,
}

impl Document {
    /// Hash of all that it says: within this process, equal documents have equal ones.
    pub(super) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        Hash::hash(self, &mut hasher);
        hasher.finish()
    }
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

/// Texts in the making.
#[derive(Default)]
struct Maker {
    standings: BTreeMap<String, Standing>,
    forms: BTreeSet<String>,
    exact: BTreeSet<String>,
}

impl Maker {
    /// Takes in what a name is as a whole: its stems without those of the country, and the short forms that it begins
    /// with the meaning of.
    fn whole(&mut self, short_forms: &ShortForms, name: &str) {
        let stems = phrase(name);
        let beginnings = short_forms.beginning_names(&stems).into_iter();
        self.exact.extend(beginnings.map(|short| beginning_key(&exact_key(short))));
        self.exact.insert(exact_key(&short_forms.telling(&stems)));
    }

    /// Takes a name in, and returns the number of its words.
    fn name(&mut self, standing: Standing, text: &str) -> usize {
        let words = words(text);
        self.forms.extend(words.iter().map(|word| form(word)));
        if matches!(standing, Standing::Name | Standing::Short) {
            self.exact.extend(words.iter().filter_map(|word| spelt_key(word)));
        }
        self.stems(standing, words.iter().flat_map(|word| stems(word)));
        words.len()
    }

    /// Takes in what short forms in a name stand for: a «СОШ» is a «школа».
    fn meant(&mut self, short_forms: &ShortForms, name: &str) {
        for word in words(name) {
            self.stems(Standing::Around, short_forms.meant_by(&word).cloned());
        }
    }

    /// Takes a handle in, which people type in one piece, too.
    fn handle(&mut self, handle: &str) {
        let mut words = words(handle);
        self.forms.insert(form(&words.concat()));
        // Numbers in a handle tell pages of one owner apart, and are those of no school.
        words.retain(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
        self.name(Standing::Handle, &words.join(" "));
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

    fn finish(self) -> Texts {
        let mut words = String::new();
        for (stem, standing) in self.standings {
            for _ in 0..standing as usize {
                words.push_str(&stem);
                words.push(' ');
            }
        }
        let joined = |texts: BTreeSet<String>| texts.into_iter().collect::<Vec<_>>().join(" ");
        Texts { words, forms: joined(self.forms), exact: joined(self.exact) }
    }
}

/// Document of an organization, of what a viewer may see.
pub(super) fn of_organization(
    snapshot: &Snapshot,
    short_forms: &ShortForms,
    organization: &Organization,
    viewer: Viewer,
) -> Document {
    let mut maker = Maker::default();
    maker.exact.extend(organization.website.as_deref().and_then(host_of).map(|host| host_key(&host)));
    organization.names().for_each(|name| maker.whole(short_forms, name));
    let length = maker.name(Standing::Name, &organization.name);
    if let Some(short) = &organization.short_name {
        maker.name(Standing::Short, short);
    }
    organization.other_names.iter().for_each(|other| _ = maker.name(Standing::Other, &other.name));
    organization.names().for_each(|name| maker.meant(short_forms, name));
    let is_seen = |page: &Page| viewer.is_reviewer() || snapshot.is_shown(page.id);
    let pages = snapshot.pages_of(organization.id).filter(|page| page.is_official() && is_seen(page));
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
pub(super) fn of_page(snapshot: &Snapshot, page: &Page) -> Document {
    let mut maker = Maker::default();
    // A title that is the page's id has no words.
    if page.native_id.as_deref() != Some(&*page.title) {
        maker.name(Standing::Other, &page.title);
    }
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
