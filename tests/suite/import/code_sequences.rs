//! Random sequences of imports of several sources, and undos: a code means one organization, for good.

use std::{collections::BTreeMap, fmt::Write};

use rand::{
    Rng,
    seq::{IndexedRandom, SliceRandom},
};
use registry::import::{self, Kind, Options};

use super::Case;
use crate::suite::{
    harness::{
        TestApp,
        churn::{Random, random},
    },
    tampering::fault,
};

const MAPPING: &str = "[organization]\ncode = \"c\"\nname = \"n\"\nunits = true\nterritory = { constant = \"ru-77\" }\n\
    [organization.identifiers]\n\"ru:inn\" = \"i\"\n\"ca:gc-orgid\" = \"g\"\n";

/// Name, an identifier that units share, and one that is unique.
const ORGANIZATIONS: [(&str, &str, &str); 7] = [
    ("Head", "7700000016", ""),
    ("Branch", "7700000016", ""),
    ("Annex", "7700000016", ""),
    ("School", "7700000023", ""),
    ("Parks", "", "11"),
    ("Museum", "", "12"),
    ("Library", "", ""),
];

/// How a source writes codes.
#[derive(Clone, Copy, Debug)]
enum Codes {
    Generated,
    Own,
    /// Its own ones, which look like generated ones.
    OfNames,
    /// Identifiers with their schemes, with a suffix for units.
    OfIdentifiers,
}

const CODES: [Codes; 4] = [Codes::Generated, Codes::Own, Codes::OfNames, Codes::OfIdentifiers];

impl Codes {
    fn code(self, source: &str, index: usize) -> String {
        let (name, shared, unique) = ORGANIZATIONS[index];
        match self {
            Self::Generated => String::new(),
            Self::OfNames => format!("{source}:ru-77:{}", name.to_lowercase()),
            Self::OfIdentifiers if !unique.is_empty() => format!("ca:gc-orgid:{unique}"),
            Self::OfIdentifiers if matches!(name, "Branch" | "Annex") => format!("ru:inn:{shared}-0{index}"),
            Self::OfIdentifiers if !shared.is_empty() => format!("ru:inn:{shared}"),
            Self::Own | Self::OfIdentifiers => format!("{source}-{index}"),
        }
    }
}

/// A source, whose file is always the same.
struct Source {
    name: String,
    case: Case,
}

impl Source {
    fn new(name: String, random: &mut Random) -> Self {
        let codes = *CODES.choose(random).expect("a way to write codes");
        let mut file = "c,n,i,g\n".to_owned();
        for (index, (organization, shared, unique)) in ORGANIZATIONS.iter().enumerate() {
            if random.random_ratio(2, 3) {
                let code = codes.code(&name, index);
                writeln!(file, "{code},{organization},{shared},{unique}").expect("a row");
            }
        }
        Self { name, case: Case::new("o.csv", file, MAPPING) }
    }

    async fn import(&self, app: &TestApp) -> import::Report {
        let options = Options { source: self.name.clone(), ..self.case.options(Kind::Organizations) };
        import::run(&app.registry, &options, |_| {}).await.expect("the import runs")
    }
}

/// Checks that each code means the organization that it has always meant, except codes that an undo has taken back.
fn check_codes(app: &TestApp, meant: &mut BTreeMap<String, i64>, is_undone: bool) {
    let snapshot = app.registry.snapshot();
    if is_undone {
        meant.retain(|code, id| snapshot.organizations_with_code(code).any(|it| it.id == *id));
    }
    for organization in snapshot.organizations().values() {
        for code in organization.former_codes.iter().chain([&organization.code]) {
            let known = *meant.entry(code.to_string()).or_insert(organization.id);
            assert_eq!(known, organization.id, "{code} of {}", organization.name);
        }
    }
}

#[tokio::test]
async fn no_sequence_of_imports_gives_a_code_to_two_organizations() {
    for seed in 0..8 {
        let (app, mut random) = (TestApp::start().await, random(seed));
        let mut sources: Vec<_> = (0..3).map(|at| Source::new(format!("s{at}"), &mut random)).collect();
        let (mut meant, mut jobs) = (BTreeMap::new(), Vec::new());
        for _ in 0..7 {
            let is_undone = !jobs.is_empty() && random.random_ratio(1, 3);
            if is_undone {
                let job = jobs.swap_remove(random.random_range(0..jobs.len()));
                let undone = import::undo(&app.registry, job).await.expect("the import is undone");
                assert!(undone.left.iter().all(|(_, reason)| !reason.is_empty()), "{undone:?}");
            } else {
                let source = sources.choose(&mut random).expect("a source");
                jobs.extend(source.import(&app).await.job_id);
            }
            check_codes(&app, &mut meant, is_undone);
        }
        // Once every source has been imported, another round in any order changes nothing.
        sources.shuffle(&mut random);
        for source in &sources {
            source.import(&app).await;
            check_codes(&app, &mut meant, false);
        }
        sources.shuffle(&mut random);
        for source in &sources {
            let counts = source.import(&app).await.counts.organizations;
            let written = (counts.created, counts.updated, counts.removed);
            assert_eq!(written, (0, 0, 0), "{} of seed {seed}", source.name);
        }
        check_codes(&app, &mut meant, false);
        assert_eq!(fault(&app).await, None, "seed {seed}");
    }
}
