//! One word for one thing: conditions, ranges, numbers and lists that mean the same wherever they are.

use std::collections::{BTreeMap, BTreeSet};

use api::graphql::schema::Contract;
use chrono::{Days, Utc};
use graphql_parser::schema::{Definition, TypeDefinition};
use registry::global_id;
use serde_json::{Value, json};

use super::{harness::TestApp, history, statistics::old_page};

/// Message of the only error of a response, which is one of a bad value.
fn bad_value(answer: &Value) -> String {
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
    answer["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_condition_has_the_same_type_in_all_filters_of_organizations_and_pages() {
    let schema = graphql_parser::parse_schema::<String>(Contract::Partner.sdl()).expect("a schema");
    let mut types: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for definition in schema.definitions {
        let Definition::TypeDefinition(TypeDefinition::InputObject(input)) = definition else { continue };
        // Those of changes and of proposals have conditions of their own.
        let is_of_others = ["ChangeFilter", "ProposalFilter"].contains(&&*input.name);
        if !input.name.ends_with("Filter") || is_of_others {
            continue;
        }
        for field in input.fields {
            types.entry(field.name).or_default().insert(format!("{:?}", field.value_type));
        }
    }
    assert!(types.contains_key("subtreeOf") && types.contains_key("notOnPlatforms"), "{types:?}");
    let different: Vec<_> = types.iter().filter(|(_, types)| types.len() > 1).collect();
    assert!(different.is_empty(), "{different:?}");
}

#[tokio::test]
async fn a_period_without_an_end_ends_today_and_one_without_a_beginning_is_refused() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let query = "query($period: DateRange!) { page(url: \"https://vk.com/club1\") { statistics {
        series(period: $period) { to } growth(period: $period) { to } } } }";
    let today = app.registry.snapshot().time_zone().day_of(Utc::now());
    let period = json!({ "from": today - Days::new(2) });
    let found = app.data(query, json!({ "period": period })).await;
    let series = found["page"]["statistics"]["series"].as_array().expect("a series").clone();
    assert_eq!((series.len(), &series[2]["to"]), (3, &json!(today)));
    for period in [json!({}), json!({ "from": null, "to": today })] {
        let message = bad_value(&app.ask(query, json!({ "period": period })).await);
        assert!(message.starts_with("`period.from` is missing"), "{message}");
    }
    let open = "{ indicators(period: { to: \"1990-01-01\" }) { code } pages(filter: { registeredOn: {} }) { totalCount } }";
    assert_eq!(app.data(open, json!({})).await["pages"]["totalCount"], 1);
}

#[tokio::test]
async fn a_number_that_may_not_be_negative_or_is_too_large_is_reported() {
    let app = TestApp::start().await;
    for (query, name) in [
        ("{ changes(afterSeq: -1) { seq } }", "afterSeq"),
        ("{ registryDigest(seq: -1) { seq } }", "seq"),
        ("{ pages(filter: { subscribers: { from: -1 } }) { totalCount } }", "subscribers.from"),
        ("{ pages(filter: { subscribers: { to: -1 } }) { totalCount } }", "subscribers.to"),
    ] {
        let message = bad_value(&app.ask(query, json!({})).await);
        assert_eq!(message, format!("`{name}` must not be negative."), "{query}");
    }
    for (number, is_read) in [(9_007_199_254_740_991_i64, true), (9_007_199_254_740_992, false)] {
        let query = format!("{{ pages(filter: {{ subscribers: {{ to: {number} }} }}) {{ totalCount }} }}");
        let answer = app.ask(&query, json!({})).await;
        assert_eq!(answer.get("errors").is_none(), is_read, "{answer:#}");
    }
}

#[tokio::test]
async fn a_territory_lists_the_organizations_of_all_territories_in_it() {
    let app = TestApp::start().await;
    let (amur, novosibirsk) = {
        let snapshot = app.registry.snapshot();
        let id = |code: &str| snapshot.territory_by_code(code).expect("a territory").id;
        (id("ru-28"), id("ru-54"))
    };
    let school = app.organization("school-1", "School No. 1").await;
    app.change_organization(school, move |it| it.territory_id = Some(amur)).await;
    let before = history::now(&app).await;
    let lists = r#"query($id: ID!, $at: DateTime) {
        nodes(ids: [$id], asOf: $at) { ... on Territory { institutions { totalCount } authorities { totalCount } } }
        now: territory(code: "ru-dfo") { institutions { totalCount } }
        filtered: institutions(filter: { territories: ["ru-dfo"] }) { totalCount } }"#;
    let district = app.registry.snapshot().territory_by_code("ru-dfo").expect("a district").id;
    let ask = async |at: Value| {
        app.data(lists, json!({ "id": global_id::encode("Territory", district), "at": at })).await
    };
    let found = ask(Value::Null).await;
    assert_eq!(
        found["nodes"][0],
        json!({ "institutions": { "totalCount": 1 }, "authorities": { "totalCount": 0 } })
    );
    assert_eq!(found["now"]["institutions"], found["filtered"]);
    app.change_organization(school, move |it| it.territory_id = Some(novosibirsk)).await;
    for (at, number) in [(Value::Null, 0), (json!(before), 1)] {
        let found = ask(at).await;
        assert_eq!(found["nodes"][0]["institutions"]["totalCount"], number, "{found}");
        assert_eq!(
            (&found["now"]["institutions"]["totalCount"], &found["filtered"]["totalCount"]),
            (&json!(0), &json!(0))
        );
    }
}
