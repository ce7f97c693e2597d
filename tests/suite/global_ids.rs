//! Global ids: one of each object for ever, whatever becomes of it.

use entities::organization::{Kind, Level, Status};
use registry::{global_id, model::Organization};
use serde_json::{Value, json};

use super::{
    harness::{GATEWAY_SECRET, TestApp},
    history,
};

/// Makes an institution of an authority, or the reverse.
pub fn change_kind(organization: &mut Organization) {
    organization.kind = match organization.kind {
        Kind::Authority => Kind::Institution,
        Kind::Institution => Kind::Authority,
    };
}

#[tokio::test]
async fn an_institution_that_becomes_an_authority_keeps_its_id_and_its_history() {
    let app = TestApp::start().await;
    let start = app.registry.snapshot().seq();
    let city = app.organization("city", "City").await;
    let id = global_id::encode("Organization", city);
    let before = history::now(&app).await;
    app.change_organization(city, change_kind).await;
    let query = r#"query($id: ID!, $before: DateTime!, $start: SafeInt!) {
        node(id: $id) { __typename id ... on Organization { history(first: 1) { nodes { kind isRemoval fields { field before after } } } } }
        before: nodes(ids: [$id], asOf: $before) { __typename id }
        institution(code: "city") { id } authority(code: "city") { id }
        changes(afterSeq: $start, first: 10) { nodes { kind subjectId isRemoval subject { __typename id } } }
    }"#;
    let data = app.data(query, json!({ "id": id, "before": before, "start": start })).await;
    let fields = json!([{ "field": "kind", "before": "INSTITUTION", "after": "AUTHORITY" }]);
    let entry = json!({ "kind": "KIND_CHANGED", "isRemoval": false, "fields": fields });
    let node = json!({ "__typename": "Authority", "id": id, "history": { "nodes": [entry] } });
    assert_eq!(data["node"], node);
    assert_eq!(data["before"], json!([{ "__typename": "Institution", "id": id }]));
    assert_eq!((&data["institution"], &data["authority"]), (&Value::Null, &json!({ "id": id })));
    let change = |kind: &str| {
        let subject = json!({ "__typename": "Authority", "id": id });
        json!({ "kind": kind, "subjectId": id, "isRemoval": false, "subject": subject })
    };
    assert_eq!(data["changes"]["nodes"], json!([change("CREATED"), change("KIND_CHANGED")]));
    let file = app.get("/export/organizations.csv", &[]).await;
    let text = String::from_utf8_lossy(&file.body);
    assert!(text.contains(&format!("{id},city,AUTHORITY,City,")), "{text}");
}

#[tokio::test]
async fn ids_that_say_which_kind_an_organization_was_still_find_it() {
    let app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    let id = global_id::encode("Organization", school);
    let node = "query($id: ID!) { node(id: $id) { __typename id } }";
    let entities = "query($of: [_Any!]!) { _entities(representations: $of) {
        __typename ... on Institution { id } ... on Authority { id } } }";
    for typename in ["Institution", "Authority", "Institution"] {
        let expected = json!({ "__typename": typename, "id": id });
        for form in ["Organization", "Institution", "Authority"] {
            let known = global_id::encode(form, school);
            assert_eq!(app.data(node, json!({ "id": known })).await["node"], expected, "{form}");
            let of = json!([{ "__typename": typename, "id": known }]);
            let body = json!({ "query": entities, "variables": { "of": of } });
            let answer = app.post("/subgraph", Some(GATEWAY_SECRET), &body).await.json();
            assert_eq!(answer["data"]["_entities"], json!([expected]), "{form}: {answer:#}");
        }
        app.change_organization(school, change_kind).await;
    }
    for form in ["organization", "Agency", "Page", ""] {
        let unknown = global_id::encode(form, school);
        assert_eq!(app.data(node, json!({ "id": unknown })).await["node"], Value::Null, "{form}");
    }
}

#[tokio::test]
async fn a_change_of_kind_has_its_own_kind_whatever_else_changes_with_it() {
    let app = TestApp::start().await;
    let start = app.registry.snapshot().seq();
    let city = app.organization("city", "City").await;
    app.change_organization(city, |city| {
        change_kind(city);
        city.name = "Town".into();
        city.status = Status::Suspended;
    })
    .await;
    app.change_organization(city, |city| city.status = Status::Withdrawn).await;
    // Nobody saw it then.
    app.change_organization(city, change_kind).await;
    let query = "query($start: SafeInt!, $kinds: [ChangeKind!]) { changes(afterSeq: $start, filter: { kinds: $kinds }, first: 10) { nodes { kind isRemoval } } }";
    let changes = async |kinds: Value| {
        app.data(query, json!({ "start": start, "kinds": kinds })).await["changes"]["nodes"].take()
    };
    let change = |kind: &str, is_removal: bool| json!({ "kind": kind, "isRemoval": is_removal });
    assert_eq!(changes(json!(["KIND_CHANGED"])).await, json!([change("KIND_CHANGED", false)]));
    let all =
        json!([change("CREATED", false), change("KIND_CHANGED", false), change("STATUS_CHANGED", true)]);
    assert_eq!(changes(Value::Null).await, all);
}

#[tokio::test]
async fn an_organization_has_only_what_its_kind_has() {
    let app = TestApp::start().await;
    let city = app.organization("city", "City").await;
    app.change_organization(city, |city| city.sector = Some("EDUCATION".into())).await;
    let query = r#"{ organization(code: "city") { history(first: 1) { totalCount nodes { kind fields { field before after } } } }
        ofSector: organizations(filter: { sectors: ["EDUCATION"] }) { totalCount }
        ofLevel: organizations(filter: { levels: [REGIONAL] }) { totalCount } }"#;
    let field = |field: &str, before: Value, after: Value| json!({ "field": field, "before": before, "after": after });
    let counts =
        |data: &Value| (data["ofSector"]["totalCount"].clone(), data["ofLevel"]["totalCount"].clone());
    assert_eq!(counts(&app.data(query, json!({})).await), (json!(1), json!(0)));
    app.change_organization(city, change_kind).await;
    let data = app.data(query, json!({})).await;
    let fields = json!([
        field("kind", json!("INSTITUTION"), json!("AUTHORITY")),
        field("sector", json!("EDUCATION"), Value::Null),
    ]);
    let entry = json!([{ "kind": "KIND_CHANGED", "fields": fields }]);
    assert_eq!(data["organization"]["history"]["nodes"], entry);
    assert_eq!(counts(&data), (json!(0), json!(0)));
    app.change_organization(city, |city| city.level = Some(Level::Regional)).await;
    assert_eq!(counts(&app.data(query, json!({})).await), (json!(0), json!(1)));
    // Another sector of an authority is nothing that anybody sees.
    let before = app.data(query, json!({})).await;
    app.change_organization(city, |city| city.sector = Some("HEALTH".into())).await;
    assert_eq!(app.data(query, json!({})).await, before);
    app.change_organization(city, change_kind).await;
    assert_eq!(counts(&app.data(query, json!({})).await), (json!(0), json!(0)));
}

#[tokio::test]
async fn what_is_shown_as_an_authority_or_an_institution_is_one_at_that_time() {
    let app = TestApp::start().await;
    let (ministry, department) =
        (app.organization("ministry", "Ministry").await, app.organization("department", "Department").await);
    for authority in [ministry, department] {
        app.change_organization(authority, change_kind).await;
    }
    let school = app.organization("school", "School").await;
    let territory = app.registry.snapshot().territory_by_code("ru-28").expect("a territory").id;
    app.change_organization(school, move |school| {
        school.parent_id = Some(ministry);
        school.founder_id = Some(department);
        school.territory_id = Some(territory);
    })
    .await;
    let both = history::now(&app).await;
    app.change_organization(department, change_kind).await;
    let founder = r#"query($at: DateTime) { institution(code: "school", asOf: $at) { authority { __typename code } } }"#;
    for (at, code) in [(json!(both), "department"), (Value::Null, "ministry")] {
        let found = app.data(founder, json!({ "at": at })).await["institution"]["authority"].take();
        assert_eq!(found, json!({ "__typename": "Authority", "code": code }));
    }
    app.change_organization(school, change_kind).await;
    app.change_organization(ministry, move |ministry| ministry.territory_id = Some(territory)).await;
    let lists = r#"query($at: DateTime, $id: ID!) {
        authority(code: "ministry", asOf: $at) { institutions { totalCount nodes { code } } }
        nodes(ids: [$id], asOf: $at) { ... on Territory { institutions { totalCount nodes { code } } } }
    }"#;
    let id = global_id::encode("Territory", territory);
    for (at, codes) in [(json!(both), vec!["school"]), (Value::Null, Vec::new())] {
        let found = app.data(lists, json!({ "at": at, "id": id })).await;
        let nodes: Vec<_> = codes.iter().map(|code| json!({ "code": code })).collect();
        let list = json!({ "institutions": { "totalCount": codes.len(), "nodes": nodes } });
        assert_eq!((&found["authority"], &found["nodes"][0]), (&list, &list), "{at}");
    }
}
