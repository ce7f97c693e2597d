//! Search documents: the indexed texts of a record, with their field weights.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use entities::organization::{Kind, Level};

use super::{
    field_weight::FieldWeight,
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

/// Bit of a document key that is set for pages.
const PAGE: u64 = 1 << 32;

/// Indexed texts of a document, as terms separated by blanks.
#[derive(Debug, Default, Hash)]
pub(super) struct Texts {
    /// Stems, each repeated as often as the value of its `FieldWeight`.
    pub(super) words: String,
    /// Unstemmed words of all names, for prefix search.
    pub(super) forms: String,
    /// Whole names, each one term, and other exact keys.
    pub(super) exact: String,
}

/// Term of a whole name or query.
pub(super) fn exact_key(phrase: &[String]) -> String {
    phrase.join("_")
}

/// Term of a short form of the beginning of a name.
pub(super) fn beginning_key(exact: &str) -> String {
    format!("~{exact}")
}

/// Term of a Russian word's stem in its exact spelling: in transliteration, `щ` and `ш` are equal.
pub(super) fn spelt_key(word: &str) -> Option<String> {
    is_russian(word).then(|| base_stem(word)).flatten().map(|stem| stem_key(&stem))
}

/// Term of a stem in Russian letters.
pub(super) fn stem_key(stem: &str) -> String {
    format!("={stem}")
}

/// Term of a website's host.
pub(super) fn host_key(host: &str) -> String {
    format!("@{host}")
}

/// Search document of a record.
#[derive(Hash)]
pub(super) struct Document {
    pub(super) key: u64,
    /// Factor of the score, in hundredths.
    pub(super) weight: u64,
    pub(super) texts: Texts,
}

impl Document {
    /// Hash of the content, comparable only within this process.
    pub(super) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        Hash::hash(self, &mut hasher);
        hasher.finish()
    }
}

/// Record that a hit refers to.
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

/// Builder of `Texts`.
#[derive(Default)]
struct Maker {
    weights: BTreeMap<String, FieldWeight>,
    forms: BTreeSet<String>,
    exact: BTreeSet<String>,
}

impl Maker {
    /// Adds the exact key of a name without countries and fillers, and keys of short forms of its beginning.
    fn whole(&mut self, short_forms: &ShortForms, name: &str) {
        let stems = phrase(name);
        let beginnings = short_forms.beginning_names(&stems).into_iter();
        self.exact.extend(beginnings.map(|short| beginning_key(&exact_key(short))));
        self.exact.insert(exact_key(&short_forms.significant(&stems)));
    }

    /// Adds a name; returns its number of words.
    fn name(&mut self, weight: FieldWeight, text: &str) -> usize {
        let words = words(text);
        self.forms.extend(words.iter().map(|word| form(word)));
        if matches!(weight, FieldWeight::Name | FieldWeight::Short) {
            self.exact.extend(words.iter().filter_map(|word| spelt_key(word)));
        }
        self.stems(weight, words.iter().flat_map(|word| stems(word)));
        words.len()
    }

    /// Adds the expansions of short forms in a name: a «СОШ» is a «школа».
    fn meant(&mut self, short_forms: &ShortForms, name: &str) {
        for word in words(name) {
            self.stems(FieldWeight::Around, short_forms.meant_by(&word).cloned());
        }
    }

    /// Adds a handle, also as one word.
    fn handle(&mut self, handle: &str) {
        let mut words = words(handle);
        self.forms.insert(form(&words.concat()));
        // Numbers in a handle distinguish pages of one owner; they are not, for example, numbers of schools.
        words.retain(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
        self.name(FieldWeight::Handle, &words.join(" "));
    }

    /// Adds stems; each keeps the field with the highest weight.
    fn stems(&mut self, weight: FieldWeight, stems: impl IntoIterator<Item = String>) {
        for stem in stems {
            let known = self.weights.entry(stem).or_insert(weight);
            if weight.score() > known.score() {
                *known = weight;
            }
        }
    }

    fn finish(self) -> Texts {
        let mut words = String::new();
        for (stem, weight) in self.weights {
            for _ in 0..weight as usize {
                words.push_str(&stem);
                words.push(' ');
            }
        }
        let joined = |texts: BTreeSet<String>| texts.into_iter().collect::<Vec<_>>().join(" ");
        Texts { words, forms: joined(self.forms), exact: joined(self.exact) }
    }
}

/// Document of an organization with the pages that the viewer may see.
pub(super) fn of_organization(
    snapshot: &Snapshot,
    short_forms: &ShortForms,
    organization: &Organization,
    viewer: Viewer,
) -> Document {
    let mut maker = Maker::default();
    maker.exact.extend(organization.website.as_deref().and_then(host_of).map(|host| host_key(&host)));
    organization.names().for_each(|name| maker.whole(short_forms, name));
    let length = maker.name(FieldWeight::Name, &organization.name);
    if let Some(short) = &organization.short_name {
        maker.name(FieldWeight::Short, short);
    }
    organization.other_names.iter().for_each(|other| _ = maker.name(FieldWeight::Other, &other.name));
    organization.names().for_each(|name| maker.meant(short_forms, name));
    let is_seen = |page: &Page| viewer.is_reviewer() || snapshot.is_shown(page.id);
    let pages = snapshot.pages_of(organization.id).filter(|page| page.is_official() && is_seen(page));
    pages.filter_map(|page| page.handle.as_deref()).for_each(|handle| maker.handle(handle));
    maker.stems(FieldWeight::Around, territory_stems(snapshot, organization.territory_id));
    let weight = match (organization.kind, organization.level) {
        (Kind::Authority, Some(Level::Federal)) => 130,
        (Kind::Authority, Some(Level::Regional)) => 125,
        (Kind::Authority, _) => 110,
        (Kind::Institution, _) => 100,
    };
    // Shorter names rank higher.
    let weight = weight * 100 / (100 + 2 * length.min(40) as u64);
    Document { key: Hit::Organization(organization.id).key(), weight, texts: maker.finish() }
}

/// Document of a page with its own words and its owner's.
pub(super) fn of_page(snapshot: &Snapshot, page: &Page) -> Document {
    let mut maker = Maker::default();
    // A title that is the page's id is not indexed.
    if page.native_id.as_deref() != Some(&*page.title) {
        maker.name(FieldWeight::Other, &page.title);
    }
    let handles = page.handle.iter().chain(page.aliases.iter().map(|alias| &alias.handle));
    handles.for_each(|handle| maker.handle(handle));
    if let Some(owner) = snapshot.organization(page.owner_id) {
        maker.stems(FieldWeight::Around, words(&owner.name).iter().flat_map(|word| stems(word)));
        maker.stems(FieldWeight::Around, territory_stems(snapshot, owner.territory_id));
    }
    // Pages rank below their organization.
    Document { key: Hit::Page(page.id).key(), weight: 60, texts: maker.finish() }
}

/// Stems of the names of the territory and its ancestors in all languages, except countries and districts.
fn territory_stems(snapshot: &Snapshot, territory_id: Option<i64>) -> BTreeSet<String> {
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
