//! Data collected from all rows of a file, and a canonical order of rows, so that the result does not depend on theirs.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use super::{
    cell,
    file::Row,
    identity::{Identity, Profile, contradict},
    mapping::OrganizationMapping,
    options::Kind,
    page_address::native_id,
    row::{Import, slug},
};
use crate::{
    address::{Address, Key},
    model::{Identifier, Organization},
    snapshot::Snapshot,
};

/// Names with their number of rows.
type Names = BTreeMap<Box<str>, usize>;

/// Data on organizations and handles collected from all rows.
#[derive(Debug, Default)]
pub(super) struct RowIndex {
    /// Number of rows by organization key, language and name.
    names: HashMap<String, BTreeMap<Option<Box<str>>, Names>>,
    /// Identifiers of all rows with a code.
    identifiers: HashMap<String, BTreeSet<Identifier>>,
    /// Native ids that rows give, by platform and handle.
    claims: HashMap<(i64, Box<str>), BTreeSet<Box<str>>>,
    /// Organizations by slug of their name.
    namesakes: HashMap<String, BTreeSet<Namesake>>,
    /// Codes of all rows of an exported file, each that of an organization of its own; of other files, none.
    codes: HashSet<String>,
}

/// Profile, code and identifiers that a row gives with a name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Namesake {
    pub(super) profile: Profile,
    code: Option<String>,
    identifiers: Vec<Identifier>,
}

impl Namesake {
    /// Whether it differs from the row's organization in code or in an identifier of one scheme.
    pub(super) fn is_apart(&self, identity: &Identity) -> bool {
        let has_another_code =
            matches!((&self.code, &identity.code), (Some(own), Some(other)) if own != other);
        has_another_code || contradict(&self.identifiers, &identity.identifiers)
    }

    /// Whether an organization of the registry has the same code or one of its identifiers.
    pub(super) fn is_of(&self, organization: &Organization) -> bool {
        let has_code = self.code.as_deref().is_some_and(|code| organization.has_code(code));
        let same = |own: &Identifier| {
            organization.identifiers.iter().any(|it| it.scheme == own.scheme && it.value == own.value)
        };
        has_code || self.identifiers.iter().any(same)
    }

    /// Whether an organization of the registry has a different identifier of one scheme.
    pub(super) fn is_apart_from(&self, organization: &Organization) -> bool {
        contradict(&self.identifiers, &organization.identifiers)
    }
}

impl RowIndex {
    /// Whether rows give any organization different names in one language.
    pub(super) fn has_rivals(&self) -> bool {
        self.names.values().any(|languages| languages.values().any(|names| names.len() > 1))
    }

    /// Whether a row of an exported file has the code of an organization.
    pub(super) fn has_code_of(&self, organization: &Organization) -> bool {
        let mut codes = std::iter::once(&organization.code).chain(&organization.former_codes);
        codes.any(|code| self.codes.contains(&**code))
    }

    /// Records an organization by its name.
    fn add_namesake(&mut self, identity: &Identity) {
        self.namesakes.entry(slug(&identity.name)).or_default().insert(Namesake {
            profile: identity.profile.clone(),
            code: identity.code.clone(),
            identifiers: identity.identifiers.clone(),
        });
    }

    fn add(&mut self, identity: &Identity, has_units: bool) {
        if let Some(code) = identity.code.as_ref().filter(|_| !has_units) {
            self.identifiers.entry(code.clone()).or_default().extend(identity.identifiers.iter().cloned());
        }
        if let Some(key) = identity.key().filter(|_| !has_units) {
            let of_key = self.names.entry(key).or_default();
            *of_key
                .entry(identity.language.clone())
                .or_default()
                .entry(identity.name.clone())
                .or_insert(0) += 1;
        }
    }

    /// Identifiers of other rows with the same code.
    pub(super) fn other_identifiers(&self, identity: &Identity) -> Vec<Identifier> {
        let of_code = identity.code.as_ref().and_then(|code| self.identifiers.get(code));
        let others = of_code.into_iter().flatten().filter(|it| !identity.identifiers.contains(it));
        others.cloned().collect()
    }

    /// Native ids that rows give for a handle.
    pub(super) fn ids_at(&self, platform_id: i64, handle: &str) -> impl Iterator<Item = &str> {
        self.claims.get(&(platform_id, handle.into())).into_iter().flatten().map(|id| &**id)
    }

    /// Whether a row gives a handle this native id.
    pub(super) fn has_id(&self, platform_id: i64, id: &str) -> bool {
        self.claims.iter().any(|((platform, _), ids)| *platform == platform_id && ids.contains(id))
    }

    /// Organizations of the file with a name.
    pub(super) fn namesakes(&self, name: &str) -> impl Iterator<Item = &Namesake> {
        self.namesakes.get(&slug(name)).into_iter().flatten()
    }

    /// The most frequent name of the organization in the row's language; ties go to the alphabetically first.
    pub(super) fn name<'a>(&'a self, identity: &'a Identity) -> &'a str {
        self.usual(identity, &identity.language).unwrap_or(&identity.name)
    }

    /// The most frequent name in the most frequent language.
    pub(super) fn main_name<'a>(&'a self, identity: &'a Identity) -> &'a str {
        let of_key = identity.key().and_then(|key| self.names.get(&key));
        let languages = of_key.into_iter().flatten();
        let main = languages
            .max_by_key(|(language, names)| (names.values().sum::<usize>(), Reverse((*language).clone())));
        main.and_then(|(_, names)| most(names)).unwrap_or(&identity.name)
    }

    /// Whether any row gives the organization this name.
    pub(super) fn has_name(&self, identity: &Identity, name: &str) -> bool {
        let of_key = identity.key().and_then(|key| self.names.get(&key));
        of_key.is_some_and(|languages| languages.values().any(|names| names.contains_key(name)))
    }

    fn usual(&self, identity: &Identity, language: &Option<Box<str>>) -> Option<&str> {
        most(self.names.get(&identity.key()?)?.get(language)?)
    }
}

fn most(names: &Names) -> Option<&str> {
    names.iter().max_by_key(|(name, rows)| (**rows, Reverse((*name).clone()))).map(|(name, _)| &**name)
}

/// Sort key: rows with codes first, then with identifiers, then with names only, which may refer to the former; more
/// specific rows first.
type Rank = (u8, Reverse<usize>, bool);

impl Import {
    /// Whether a row has a valid page address, or does not need one.
    fn has_address(&self, snapshot: &Snapshot, row: &Row) -> bool {
        let [page] = self.mapping.pages.as_slice() else { return true };
        let mut urls = page.url.list(row, &self.columns).into_iter();
        urls.any(|url| snapshot.address_book().resolve(&url).is_ok())
    }

    /// Records the native ids that a row gives for handles.
    fn claim(&self, snapshot: &Snapshot, row: &Row, survey: &mut RowIndex) {
        for page in self.mapping.pages.iter().filter(|page| page.native_id.is_some()) {
            let Some(given) = self.text(row, &page.native_id) else { continue };
            for url in page.url.list(row, &self.columns) {
                let Ok(Address { platform_id, key: Key::Handle(handle) }) =
                    snapshot.address_book().resolve(&url)
                else {
                    continue;
                };
                let id = native_id(snapshot, platform_id, &given);
                survey.claims.entry((platform_id, handle)).or_default().extend(id);
            }
        }
    }

    /// Collects data from all rows and sorts them into the canonical order. Names of rows in `with_errors` are not
    /// counted.
    pub(super) fn survey(
        &mut self,
        snapshot: &Snapshot,
        kind: Kind,
        rows: &mut [Row],
        with_errors: &HashSet<i64>,
    ) {
        let mapping = self.mapping.clone();
        let read = mapping.columns(kind);
        let mut survey = RowIndex::default();
        let mut ranked: Vec<(Rank, Row)> = Vec::with_capacity(rows.len());
        for row in rows.iter_mut() {
            row.fault = row.fault.take().or_else(|| self.columns.fault(row, &read));
            row.fault = row.fault.take().or_else(|| mapping.long_value(kind, row, &self.columns));
            let organization = mapping.organization.as_ref();
            let identity = organization.and_then(|organization| {
                self.survey_organization(snapshot, row, organization, with_errors, &mut survey)
            });
            if row.fault.is_none() {
                self.claim(snapshot, row, &mut survey);
            }
            let has_native_id = mapping.pages.iter().any(|page| self.text(row, &page.native_id).is_some());
            ranked.push((rank(identity.as_ref(), has_native_id), std::mem::take(row)));
        }
        ranked.sort_by(|(left_rank, left), (right_rank, right)| {
            let by_cells = || left.cells.cmp(&right.cells);
            left_rank.cmp(right_rank).then_with(by_cells).then_with(|| left.number.cmp(&right.number))
        });
        for (slot, (_, row)) in rows.iter_mut().zip(ranked) {
            *slot = row;
        }
        self.survey = survey.into();
    }

    /// Identity of a row's organization; records its name, code and identifiers.
    fn survey_organization(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        organization: &OrganizationMapping,
        with_errors: &HashSet<i64>,
        survey: &mut RowIndex,
    ) -> Option<Identity> {
        if self.mapping.file.is_exported {
            let code = self.text(row, &organization.code);
            survey.codes.extend(code.and_then(|code| cell::one_code(&code).ok()));
        }
        // A row without a name is matched through the registry, whose state differs in a second run: it comes last.
        organization.name.text(row, &self.columns)?;
        let identity = self.identity(snapshot, row, organization).ok()?;
        // Rows in `with_errors` give no names, but count as organizations with the same name.
        if row.fault.is_none() {
            survey.add_namesake(&identity);
        }
        let is_taken = !with_errors.contains(&row.number) && self.has_address(snapshot, row);
        if row.fault.is_none() && is_taken {
            survey.add(&identity, organization.units);
        }
        Some(identity)
    }
}

fn rank(identity: Option<&Identity>, has_native_id: bool) -> Rank {
    let Some(identity) = identity else { return (3, Reverse(0), !has_native_id) };
    let known_by = match (&identity.code, identity.identifiers.as_slice()) {
        (Some(_), _) => 0,
        (None, [_, ..]) => 1,
        (None, []) => 2,
    };
    (known_by, Reverse(identity.profile.known()), !has_native_id)
}
