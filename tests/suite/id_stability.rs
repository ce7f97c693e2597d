//! Random writes: no organization changes or loses its id, and a copy kept by the feed has neither gaps nor ghosts.

use std::{collections::BTreeMap, fmt::Write};

use entities::organization::Status;
use rand::{Rng, seq::IndexedRandom};
use registry::{change_log::Registry, global_id, import, model::Organization, view::Viewer};
use serde_json::{Value, json};

use super::{
    global_ids::change_kind,
    harness::{
        TestApp,
        churn::{Random, random},
    },
    history,
    import::Case,
};

const FEED: &str =
    "query($after: String) { changes(after: $after, filter: { subjects: [ORGANIZATION] }, first: 100) {
    nodes { kind subjectId isRemoval subject { ... on Organization { __typename id code name } } }
    pageInfo { endCursor hasNextPage } } }";

const LISTS: &str = "{ authorities(first: 100) { nodes { __typename id code name } }
    institutions(first: 100) { nodes { __typename id code name } } }";

/// A registry that is written to by chance, and what a reader has noted.
struct Walk {
    app: TestApp,
    random: Random,
    case: Case,
    /// Imports that were not undone.
    jobs: Vec<i64>,
    /// Id of each organization by its code, as first seen.
    ids: BTreeMap<String, String>,
    /// Public organizations by id, from the feed alone.
    copy: BTreeMap<String, Value>,
    cursor: Value,
}

/// Number in the id of an organization.
fn number_in(id: &str) -> i64 {
    global_id::key("Organization", id).expect("an id of an organization")
}

/// Suspends, withdraws and reinstates an organization in turn.
fn next_status(status: Status) -> Status {
    match status {
        Status::Active => Status::Suspended,
        Status::Suspended => Status::Withdrawn,
        Status::Withdrawn => Status::Active,
        ended => ended,
    }
}

impl Walk {
    async fn begin(seed: u64) -> Self {
        let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nkind = \"k\"\n";
        Self {
            app: TestApp::start().await,
            random: random(seed),
            case: Case::new("o.csv", "", mapping),
            jobs: Vec::new(),
            ids: BTreeMap::new(),
            copy: BTreeMap::new(),
            cursor: Value::Null,
        }
    }

    /// Code and number of a known organization.
    fn any(&mut self) -> Option<(String, i64)> {
        let known: Vec<_> = self.ids.iter().collect();
        let (code, id) = *known.choose(&mut self.random)?;
        Some((code.clone(), number_in(id)))
    }

    /// Notes the id of an organization that may be new.
    fn note(&mut self, code: &str) {
        if let Some(found) = self.app.registry.snapshot().organization_by_code(code) {
            let id = global_id::encode("Organization", found.id);
            self.ids.entry(code.to_owned()).or_insert(id);
        }
    }

    async fn write(&mut self, turn: u32) {
        match self.random.random_range(0..10) {
            0 => {
                let code = format!("created-{turn}");
                self.app.organization(&code, &format!("Organization {turn}")).await;
                self.note(&code);
            }
            1 | 2 => self.import(turn).await,
            3 if !self.jobs.is_empty() => {
                let job = self.jobs.swap_remove(self.random.random_range(0..self.jobs.len()));
                import::undo(&self.app.registry, job).await.expect("the import is undone");
            }
            _ => self.change(turn).await,
        }
    }

    /// Imports some known and some new organizations, of either kind.
    async fn import(&mut self, turn: u32) {
        let (mut file, mut codes) = ("c,n,k\n".to_owned(), Vec::new());
        for row in 0..3 {
            let known = self.any().filter(|(code, _)| !codes.contains(code)).map(|(code, _)| code);
            let is_new = self.random.random_ratio(1, 3);
            let code = known.filter(|_| !is_new).unwrap_or_else(|| format!("imported-{turn}-{row}"));
            let kind = if self.random.random() { "AUTHORITY" } else { "INSTITUTION" };
            writeln!(file, "{code},Organization {turn} {row},{kind}").expect("a row");
            codes.push(code);
        }
        self.case.rewrite(file);
        let report = self.case.run(&self.app, import::Kind::Organizations).await;
        self.jobs.extend(report.job_id);
        codes.iter().for_each(|code| self.note(code));
    }

    /// Changes one organization: its kind, its name, its code or its status, or merges it into another one.
    async fn change(&mut self, turn: u32) {
        let (Some((code, number)), Some((_, other))) = (self.any(), self.any()) else { return };
        let snapshot = self.app.registry.snapshot();
        let is_active = |id| snapshot.organization(id).is_some_and(|it| it.status == Status::Active);
        let may_merge = number != other && is_active(number) && is_active(other);
        let way = self.random.random_range(0..6);
        if way == 5 {
            let id = self.ids.remove(&code).expect("a known code");
            self.ids.insert(format!("recoded-{turn}"), id);
        }
        let change = move |it: &mut Organization| match way {
            0 => change_kind(it),
            1 => it.name = format!("Organization {turn}").into(),
            2 => {
                change_kind(it);
                it.name = format!("Organization {turn}").into();
            }
            3 if may_merge => {
                it.status = Status::Merged;
                it.successors = vec![other];
            }
            5 => it.code = format!("recoded-{turn}").into(),
            _ => it.status = next_status(it.status),
        };
        self.app.change_organization(number, change).await;
    }

    /// Checks that each organization is found by its code, by its id and by ids of the earlier forms, and nothing else is.
    async fn check(&self, registry: &Registry) {
        assert_eq!(registry.snapshot().sizes().0, self.ids.len(), "none is there twice, none has gone");
        if self.ids.is_empty() {
            return;
        }
        let asked = self.ids.iter().enumerate().map(|(index, (code, id))| {
            let number = number_in(id);
            let earlier = ["Authority", "Institution"].map(|kind| global_id::encode(kind, number));
            let nodes = [("n", id), ("o", &earlier[0]), ("p", &earlier[1])]
                .map(|(form, id)| format!("{form}{index}: node(id: \"{id}\") {{ ...Known }}"));
            let by_code = ["authority", "institution"]
                .map(|root| format!("{root}{index}: {root}(code: \"{code}\") {{ id }}"));
            format!("{} {}", nodes.join(" "), by_code.join(" "))
        });
        let fragment = "fragment Known on Node { __typename id ... on Organization { code } }";
        let query = format!("{{ __typename {} }} {fragment}", asked.collect::<Vec<_>>().join(" "));
        let found = history::ask(registry, Viewer::Reviewer, &query).await;
        for (index, (code, id)) in self.ids.iter().enumerate() {
            let of_kind = |root: &str| found[format!("{root}{index}")]["id"].as_str();
            let kind = match (of_kind("authority"), of_kind("institution")) {
                (Some(known), None) if known == id => "Authority",
                (None, Some(known)) if known == id => "Institution",
                other => panic!("{code} had the id {id}, and has {other:?}"),
            };
            let node = json!({ "__typename": kind, "id": id, "code": code });
            for form in ["n", "o", "p"] {
                assert_eq!(found[format!("{form}{index}")], node);
            }
        }
    }

    /// Brings the copy up to date by the feed, which names each change of kind, and compares it with the lists.
    async fn follow(&mut self) {
        let (before, mut changes) = (self.copy.clone(), Vec::new());
        loop {
            let window = self.app.data(FEED, json!({ "after": self.cursor })).await["changes"].take();
            changes.extend(window["nodes"].as_array().expect("changes").iter().cloned());
            self.cursor = window["pageInfo"]["endCursor"].clone();
            if window["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        for change in &changes {
            let id = change["subjectId"].as_str().expect("an id").to_owned();
            match &change["subject"] {
                subject if subject.is_object() && change["isRemoval"] == json!(false) => {
                    self.copy.insert(id, subject.clone());
                }
                _ => _ = self.copy.remove(&id),
            }
        }
        for (id, subject) in &self.copy {
            let is_other = before.get(id).is_some_and(|it| it["__typename"] != subject["__typename"]);
            let is_told = || changes.iter().any(|it| it["subjectId"] == **id && it["kind"] == "KIND_CHANGED");
            assert!(!is_other || is_told(), "{subject}: {changes:?}");
        }
        let lists = history::ask(&self.app.registry, Viewer::Public, LISTS).await;
        let listed = ["authorities", "institutions"].map(|list| lists[list]["nodes"].clone());
        let listed = listed.iter().filter_map(Value::as_array).flatten();
        let listed = listed.map(|it| (it["id"].as_str().expect("an id").to_owned(), it.clone()));
        assert_eq!(self.copy, listed.collect::<BTreeMap<_, _>>());
    }
}

#[tokio::test]
async fn no_sequence_of_writes_changes_an_id_or_loses_one() {
    for seed in 0..3 {
        let mut walk = Walk::begin(seed).await;
        for turn in 0..80 {
            walk.write(turn).await;
            walk.check(&walk.app.registry).await;
            walk.follow().await;
        }
        let restarted = Registry::open(walk.app.database.connect().await).await.expect("the registry opens");
        walk.check(&restarted).await;
        assert!(walk.ids.len() > 10, "otherwise the test has tested nothing");
    }
}
