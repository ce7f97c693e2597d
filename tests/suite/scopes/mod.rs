//! Every field that needs a scope, with every set of scopes and for own and foreign records: one line a field.

mod fields;

use std::collections::BTreeSet;

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
    graphql::schema::{self, Contract},
};
use axum::http::StatusCode;
use registry::{api_client::NewLimits, global_id, model::Scope, record_reference::OrganizationReference};
use serde_json::{Value, json};

use self::fields::{FIELDS, Guarded};
use super::{harness::TestApp, statistics::old_page};

/// Records that a key reaches, or does not.
struct Records {
    page: i64,
    organization: i64,
    client: i64,
    key: i64,
    limit: String,
    platform: String,
    native: String,
}

impl Guarded {
    fn is_allowed_by(&self, scopes: &[Scope]) -> bool {
        self.scopes.iter().any(|scope| scopes.contains(scope))
    }

    fn body(&self, records: &Records, name: &str, day: &str) -> Value {
        let mut text = self.document.to_owned();
        for (place, value) in [
            ("{page}", global_id::encode("Page", records.page)),
            ("{organization}", global_id::encode("Organization", records.organization)),
            ("{client}", global_id::encode("Client", records.client)),
            ("{key}", global_id::encode("ClientKey", records.key)),
            ("{limit}", records.limit.clone()),
            ("{platform}", records.platform.clone()),
            ("{native}", records.native.clone()),
            ("{name}", name.to_owned()),
            ("{day}", day.to_owned()),
        ] {
            text = text.replace(place, &value);
        }
        json!({ "query": text })
    }
}

/// Fields that declare scopes, with them.
fn declared() -> BTreeSet<(String, &'static [Scope])> {
    let fields = schema::policies().flat_map(|of_type| of_type.policies().collect::<Vec<_>>());
    let scoped = fields.filter(|policy| !policy.scopes.is_empty());
    scoped.map(|policy| (policy.name.to_owned(), policy.scopes)).collect()
}

fn listed() -> BTreeSet<(String, &'static [Scope])> {
    FIELDS.iter().map(|it| (it.field.to_owned(), it.scopes)).collect()
}

async fn start() -> TestApp {
    let unlimited = |limits: Limits| Limits { points: u64::MAX, ..limits };
    let client_tiers = ClientTiers {
        public: unlimited(Limits::public()),
        partner: unlimited(Limits::partner()),
        internal: unlimited(Limits::internal()),
    };
    TestApp::start_with(Settings { client_tiers, ..Settings::default() }).await
}

#[test]
fn every_mutation_and_every_field_with_a_scope_is_in_the_table() {
    assert_eq!(declared(), listed(), "add a line to FIELDS, or `needs(…)` to the policy of the field");
    let sdl = Contract::Partner.sdl();
    let (_, mutations) = sdl.split_once("\ntype Mutation {").expect("mutations");
    let (mutations, _) = mutations.split_once("\n}").expect("the end of the type");
    let names = mutations.lines().filter_map(|line| line.strip_prefix('\t')?.split_once('('));
    let names: BTreeSet<&str> =
        names.map(|(name, _)| name).filter(|it| !it.is_empty() && !it.contains(['"', '\t', ' '])).collect();
    let scoped: BTreeSet<&str> = FIELDS.iter().map(|it| it.field).collect();
    assert!(!names.is_empty() && names.is_subset(&scoped), "{:?} need no scope", names.difference(&scoped));
}

/// Sets of scopes: up to two, and all but up to two.
fn sets() -> Vec<Vec<Scope>> {
    let all = Scope::ALL;
    let mut few: Vec<Vec<Scope>> = all.iter().map(|scope| vec![*scope]).collect();
    for (index, first) in all.iter().enumerate() {
        few.extend(all[index + 1..].iter().map(|second| vec![*first, *second]));
    }
    let without = |few: &Vec<Scope>| all.iter().copied().filter(|scope| !few.contains(scope)).collect();
    let many: Vec<Vec<Scope>> = few.iter().map(without).collect();
    few.into_iter().chain(many).chain([all.to_vec()]).collect()
}

#[tokio::test]
async fn a_field_is_shown_and_answers_with_its_scope_and_is_hidden_and_forbidden_without() {
    let app = start().await;
    let own = records(&app, "own", "vk", "ru-28", NewLimits::default()).await;
    let day = app.registry.snapshot().time_zone().today().to_string();
    let mut cases = 0;
    for (number, scopes) in sets().into_iter().enumerate() {
        let key = app.key_within(&format!("set {number}"), &scopes, NewLimits::default()).await;
        let shown = FIELDS.iter().filter(|it| it.is_allowed_by(&scopes));
        let shown: BTreeSet<String> = shown.map(|it| it.field.to_owned()).collect();
        assert_eq!(introspected(&app, &key).await, shown, "{scopes:?}");
        for guarded in FIELDS {
            let has_it = guarded.is_allowed_by(&scopes);
            // Most of what is allowed writes; once for each set is enough of it.
            if has_it && scopes.len() > 1 && scopes.len() < Scope::ALL.len() {
                continue;
            }
            let answer =
                app.post("/graphql", Some(&key), &guarded.body(&own, &format!("new {number}"), &day)).await;
            let code = answer.code();
            assert_eq!(
                code,
                if has_it { "" } else { "FORBIDDEN" },
                "{} {scopes:?}: {}",
                guarded.field,
                answer.json()
            );
            cases += 1;
        }
    }
    println!("{cases} cases of field and scopes");
}

/// Fields with a scope that introspection shows.
async fn introspected(app: &TestApp, key: &str) -> BTreeSet<String> {
    let query = "{ __schema { mutationType { fields { name } } queryType { fields { name } } } }";
    let answer = app.post("/graphql", Some(key), &json!({ "query": query })).await.json();
    let schema = &answer["data"]["__schema"];
    let mutations = schema["mutationType"]["fields"].as_array();
    assert_ne!(mutations.map(Vec::len), Some(0), "a type without fields is no type");
    let fields = mutations.into_iter().chain(schema["queryType"]["fields"].as_array()).flatten();
    let names: BTreeSet<String> =
        fields.map(|it| it["name"].as_str().unwrap_or_default().to_owned()).collect();
    let known: BTreeSet<String> = FIELDS.iter().map(|it| it.field.to_owned()).collect();
    names.intersection(&known).cloned().collect()
}

/// An organization with a page, and a client with a key within limits.
async fn records(app: &TestApp, name: &str, platform: &str, territory: &str, limits: NewLimits) -> Records {
    let known = app.registry.snapshot().organization_by_code(name).map(|it| it.id);
    let organization = match known {
        Some(id) => id,
        None => app.organization(name, name).await,
    };
    let territory = app.registry.snapshot().territory_by_code(territory).map(|it| it.id);
    app.change_organization(organization, move |it| it.territory_id = territory).await;
    let number = (app.registry.snapshot().pages().len() + 1).to_string();
    let page = old_page(app, organization, platform, &number).await;
    let client = format!("client {number} of {name}");
    app.key_within(&client, &[Scope::Clients], limits).await;
    let snapshot = app.registry.snapshot();
    let client = snapshot.client_by_name(&client).expect("the client");
    Records {
        page,
        organization,
        client: client.id,
        key: client.keys[0].id,
        limit: "platformCode: null".into(),
        platform: platform.to_owned(),
        native: format!("9{number}"),
    }
}

#[tokio::test]
async fn a_key_within_limits_reaches_its_own_records_and_no_foreign_ones() {
    let app = start().await;
    for name in ["own", "foreign"] {
        app.organization(name, name).await;
    }
    let day = app.registry.snapshot().time_zone().today().to_string();
    // What a limit cannot be applied to is not given to a key with limits.
    let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| *scope != Scope::Ratings).collect();
    let organization = |code: &str| {
        let organization = Some(OrganizationReference::Code(code.to_owned()));
        NewLimits { organization, ..NewLimits::default() }
    };
    let territory = |code: &str| NewLimits { territory_code: Some(code.into()), ..NewLimits::default() };
    let platform = |code: &str| NewLimits { platform_code: Some(code.into()), ..NewLimits::default() };
    let mut cases = 0;
    for (kind, own, foreign, limits) in [
        ("platform", platform("vk"), platform("ok"), ["platformCode: \"vk\"", "platformCode: \"ok\""]),
        (
            "territory",
            territory("ru-28"),
            territory("ru-54"),
            ["territoryCode: \"ru-28\"", "territoryCode: \"ru-54\""],
        ),
        (
            "organization",
            organization("own"),
            organization("foreign"),
            ["organization: { code: \"own\" }", "organization: { code: \"foreign\" }"],
        ),
    ] {
        let key = app.key_within(kind, &scopes, own.clone()).await;
        let mut of_own = records(&app, "own", "vk", "ru-28", own).await;
        let mut of_foreign = records(&app, "foreign", "ok", "ru-54", foreign).await;
        [of_own.limit, of_foreign.limit] = limits.map(str::to_owned);
        for guarded in FIELDS.iter().filter(|it| it.is_allowed_by(&scopes)) {
            for (records, is_foreign) in [(&of_foreign, true), (&of_own, false)] {
                let name = format!("{kind} {is_foreign}");
                let answer = app.post("/graphql", Some(&key), &guarded.body(records, &name, &day)).await;
                let text = String::from_utf8(answer.body).expect("UTF-8");
                assert_eq!(answer.status, StatusCode::OK, "{kind} {}: {text}", guarded.field);
                let is_refused = guarded.foreign.iter().any(|refusal| text.contains(refusal));
                let expected = is_foreign && !guarded.foreign.is_empty();
                assert_eq!(is_refused, expected, "{kind} {} foreign {is_foreign}: {text}", guarded.field);
                assert!(!text.contains("FORBIDDEN"), "{text}");
                cases += 1;
            }
        }
    }
    println!("{cases} cases of field and reach");
}
