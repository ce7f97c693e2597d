//! Proposals of values for pinned fields through the API and the command line: who sees and decides them, and what it answers.

use registry::{
    model::{Client, Scope},
    provenance::PageFieldName,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    harness::{TestApp, program},
    import::{
        corrections::{correct, file, value_of},
        pinned_pages::{PAGE_MAPPING, PAGE_ROW, imported_page},
    },
};

const LIST: &str = "query($filter: ProposalFilter, $first: Int! = 20, $after: String) {
    proposals(filter: $filter, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { id number field currentValue proposedValue source importNumber state decidedBy ageDays
            subject { ... on Page { url title } ... on Institution { code } } } } }";
const ACCEPT: &str = "mutation($input: ProposalDecisionInput!) { decided: proposalAccept(input: $input) {
    seq proposal { state decidedBy currentValue } userErrors { code message field } } }";
const REJECT: &str = "mutation($input: ProposalDecisionInput!) { decided: proposalReject(input: $input) {
    seq proposal { state decidedBy currentValue } userErrors { code message field } } }";
const UNPIN: &str = "mutation($input: FieldUnpinInput!) { unpinned: fieldUnpin(input: $input) {
    seq subject { ... on Page { title fieldSources { field rank source } } } userErrors { code message field } } }";

async fn ask(app: &TestApp, key: &str, query: &str, variables: Value) -> Value {
    app.post("/graphql", Some(key), &json!({ "query": query, "variables": variables })).await.json()
}

/// Code of the only user error.
fn code(answer: &Value, field: &str) -> Value {
    let errors = &answer["data"][field]["userErrors"];
    assert_eq!(errors.as_array().map(Vec::len), Some(1), "{answer:#}");
    errors[0]["code"].clone()
}

/// An app with a page whose title, owner and office are corrected, and an import that has other ones.
async fn with_proposals() -> (TestApp, i64) {
    let app = TestApp::start().await;
    let (case, id) = imported_page(&app).await;
    let owner = app.registry.snapshot().organization_by_code("d").expect("a body").id;
    correct(&app, id, PageFieldName::Title, json!("Right")).await;
    correct(&app, id, PageFieldName::Owner, json!(owner)).await;
    correct(&app, id, PageFieldName::OfficeTitle, Value::Null).await;
    case.rewrite(file(PAGE_ROW, "", ""));
    case.run(&app, registry::import::Kind::Pages).await;
    (app, id)
}

#[tokio::test]
async fn reviewers_list_proposals_window_by_window_with_their_values_as_text() {
    let (app, id) = with_proposals().await;
    let key = app.key("reviewer", Scope::Review).await;
    let listed = ask(&app, &key, LIST, json!({})).await["data"]["proposals"].take();
    assert_eq!(listed["totalCount"], 3);
    let row =
        |node: &Value| (node["field"].clone(), node["currentValue"].clone(), node["proposedValue"].clone());
    let rows: Vec<_> = listed["nodes"].as_array().expect("nodes").iter().map(row).collect();
    let expected = [
        (json!("officeTitle"), Value::Null, json!("Mayor")),
        (json!("owner"), json!("d"), json!("a")),
        (json!("title"), json!("Right"), json!("One")),
    ];
    assert_eq!(rows, expected);
    let first = &listed["nodes"][0];
    assert_eq!(
        (&first["source"], &first["state"], &first["decidedBy"], &first["ageDays"], &first["subject"]),
        (
            &json!("test"),
            &json!("OPEN"),
            &Value::Null,
            &json!(0),
            &json!({ "url": "https://vk.com/one", "title": "Right" })
        )
    );
    let window = ask(&app, &key, LIST, json!({ "first": 2 })).await["data"]["proposals"].take();
    assert_eq!((&window["pageInfo"]["hasNextPage"], &window["totalCount"]), (&json!(true), &json!(3)));
    let rest = json!({ "first": 2, "after": window["pageInfo"]["endCursor"] });
    let rest = ask(&app, &key, LIST, rest).await["data"]["proposals"].take();
    assert_eq!(
        (&rest["nodes"][0]["field"], &rest["pageInfo"]["hasNextPage"]),
        (&json!("title"), &json!(false))
    );
    let page = registry::global_id::encode("Page", id);
    for (filter, number) in [
        (json!({ "states": ["ACCEPTED", "REJECTED"] }), 0),
        (json!({ "source": "test", "subject": { "page": { "id": page } } }), 3),
        (json!({ "source": "another" }), 0),
        (json!({ "subject": { "organization": { "code": "a" } } }), 0),
    ] {
        let found = ask(&app, &key, LIST, json!({ "filter": filter })).await;
        assert_eq!(found["data"]["proposals"]["totalCount"], number, "{filter}: {found:#}");
    }
    for wrong in [json!({ "states": [] }), json!({ "subject": { "organization": { "code": "none" } } })] {
        let refused = ask(&app, &key, LIST, json!({ "filter": wrong })).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{refused:#}");
    }
}

/// Limits a client to a territory.
async fn limit_to(app: &TestApp, name: &'static str, territory: &'static str) {
    app.put(move |change_set| {
        let client = change_set.snapshot().client_by_name(name).expect("the client");
        let territory_id = change_set.snapshot().territory_by_code(territory).map(|it| it.id);
        Client { territory_id, ..Client::clone(client) }
    })
    .await;
}

#[tokio::test]
async fn proposals_need_their_scopes_and_are_those_of_the_key_s_records() {
    let (app, _) = with_proposals().await;
    let reader = app.key("reader", Scope::Read).await;
    let refused = ask(&app, &reader, LIST, json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let public = app.ask(LIST, json!({})).await;
    assert_eq!(
        public["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
        "it has no such field"
    );
    let reviewer = app.key("reviewer", Scope::Review).await;
    let id = ask(&app, &reviewer, LIST, json!({})).await["data"]["proposals"]["nodes"][0]["id"].take();
    let input = json!({ "input": { "id": id, "reason": "as the ministry says" } });
    let refused = ask(&app, &reviewer, ACCEPT, input.clone()).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    // The page's owner is in no territory.
    limit_to(&app, "reviewer", "ru-28").await;
    assert_eq!(ask(&app, &reviewer, LIST, json!({})).await["data"]["proposals"]["totalCount"], 0);
    let writer = app.key("writer", Scope::Write).await;
    limit_to(&app, "writer", "ru-28").await;
    assert_eq!(code(&ask(&app, &writer, ACCEPT, input.clone()).await, "decided"), "NOT_ALLOWED");
    let owner = app.registry.snapshot().organization_by_code("d").expect("the owner").id;
    let territory = app.registry.snapshot().territory_by_code("ru-28").map(|it| it.id);
    app.change_organization(owner, move |it| it.territory_id = territory).await;
    assert_eq!(ask(&app, &reviewer, LIST, json!({})).await["data"]["proposals"]["totalCount"], 3);
    let outranked = ask(&app, &writer, ACCEPT, input).await;
    assert_eq!(code(&outranked, "decided"), "NOT_ALLOWED", "an operator's field is an operator's to decide");
}

#[tokio::test]
async fn a_decision_is_made_once_with_a_reason_on_a_value_that_can_be() {
    let (app, page) = with_proposals().await;
    let (reviewer, writer) =
        (app.key("reviewer", Scope::Review).await, app.key("writer", Scope::Write).await);
    let listed = ask(&app, &reviewer, LIST, json!({})).await["data"]["proposals"]["nodes"].take();
    let id = |index: usize| listed[index]["id"].clone();
    let input = |id: Value, reason: &str| json!({ "input": { "id": id, "reason": reason } });
    assert_eq!(code(&ask(&app, &writer, ACCEPT, input(id(2), " ")).await, "decided"), "INVALID_REASON");
    assert_eq!(code(&ask(&app, &writer, ACCEPT, input(json!("none"), "x")).await, "decided"), "NOT_FOUND");
    let seq = app.registry.snapshot().seq();
    app.change_page(page, |page, _| page.page_type = Some("channel".into())).await;
    let stale = json!({ "input": { "id": id(2), "reason": "x", "ifSeq": seq } });
    let stale = ask(&app, &writer, ACCEPT, stale).await;
    assert_eq!(code(&stale, "decided"), "CONFLICT");
    assert_eq!(stale["data"]["decided"]["proposal"]["state"], "OPEN", "with the present state");

    let accepted = ask(&app, &writer, ACCEPT, input(id(2), "as the ministry says")).await;
    let decided = &accepted["data"]["decided"];
    assert_eq!(
        (&decided["userErrors"], &decided["seq"]),
        (&json!([]), &json!(app.registry.snapshot().seq()))
    );
    assert_eq!(
        decided["proposal"],
        json!({ "state": "ACCEPTED", "decidedBy": "writer", "currentValue": "Right" })
    );
    assert_eq!(value_of(&app, page, PageFieldName::Title), json!("One"));
    let again = ask(&app, &writer, REJECT, input(id(2), "x")).await;
    assert_eq!(code(&again, "decided"), "ALREADY_DECIDED");
    let rejected = ask(&app, &writer, REJECT, input(id(0), "no office")).await;
    assert_eq!(rejected["data"]["decided"]["proposal"]["state"], "REJECTED", "{rejected:#}");

    // The proposed owner was withdrawn since, and its code is that of nobody who owns pages.
    let history = "{ page(url: \"vk.com/one\") { history(first: 1) { nodes { reason fields { field before after } } } } }";
    let history = app.data(history, json!({})).await["page"]["history"]["nodes"][0].take();
    assert_eq!(history["reason"], "as the ministry says");
    let title = json!({ "field": "title", "before": "Right", "after": "One" });
    assert_eq!(history["fields"].as_array().map(|fields| fields.contains(&title)), Some(true), "{history}");
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_not_accepted() {
    let app = TestApp::start().await;
    let (case, id) = imported_page(&app).await;
    correct(&app, id, PageFieldName::Handle, json!("right")).await;
    case.rewrite(file(PAGE_ROW, "url", "vk.com/taken"));
    case.run(&app, registry::import::Kind::Pages).await;
    let owner = app.registry.snapshot().organization_by_code("b").expect("a body").id;
    app.page(owner, "vk", "taken").await;
    let (reviewer, writer) =
        (app.key("reviewer", Scope::Review).await, app.key("writer", Scope::Write).await);
    let proposal = ask(&app, &reviewer, LIST, json!({})).await["data"]["proposals"]["nodes"][0]["id"].take();
    let seq = app.registry.snapshot().seq();
    let input = json!({ "input": { "id": proposal, "reason": "x" } });
    let refused = ask(&app, &writer, ACCEPT, input).await;
    assert_eq!(code(&refused, "decided"), "INVALID_VALUE");
    assert!(
        refused["data"]["decided"]["userErrors"][0]["message"]
            .as_str()
            .is_some_and(|it| it.starts_with("Another page of the registry has this handle"))
    );
    assert_eq!(app.registry.snapshot().seq(), seq, "nothing is written");
}

#[tokio::test]
async fn a_field_is_unpinned_by_those_who_reach_it_and_everyone_sees_its_rank() {
    let (app, _) = with_proposals().await;
    let sources = "{ page(url: \"vk.com/one\") { fieldSources { field rank source at } } }";
    let seen = app.data(sources, json!({})).await["page"]["fieldSources"].take();
    let seen = seen.as_array().expect("sources");
    assert_eq!(seen.iter().map(|it| &it["field"]).collect::<Vec<_>>(), ["officeTitle", "owner", "title"]);
    assert!(seen.iter().all(|it| it["rank"] == "OPERATOR" && it["source"].is_null() && it["at"].is_string()));
    let (reviewer, writer) =
        (app.key("reviewer", Scope::Review).await, app.key("writer", Scope::Write).await);
    let reviewed = ask(&app, &reviewer, sources, json!({})).await["data"]["page"]["fieldSources"].take();
    assert_eq!(reviewed[0]["source"], "operator");

    let input = |field: &str, url: &str| json!({ "input": { "subject": { "page": { "url": url } }, "field": field, "reason": "as the file says" } });
    for (field, url, expected) in [
        ("title", "vk.com/nobody", "NOT_FOUND"),
        ("website", "vk.com/one", "UNKNOWN_FIELD"),
        ("category", "vk.com/one", "NOT_PINNED"),
    ] {
        assert_eq!(code(&ask(&app, &writer, UNPIN, input(field, url)).await, "unpinned"), expected);
    }
    let unpinned = ask(&app, &writer, UNPIN, input("title", "vk.com/one")).await;
    let unpinned = &unpinned["data"]["unpinned"];
    assert_eq!((&unpinned["userErrors"], &unpinned["subject"]["title"]), (&json!([]), &json!("Right")));
    assert_eq!(unpinned["subject"]["fieldSources"].as_array().map(Vec::len), Some(2), "{unpinned}");
    assert_eq!(ask(&app, &reviewer, LIST, json!({})).await["data"]["proposals"]["totalCount"], 2);
    limit_to(&app, "writer", "ru-28").await;
    let refused = ask(&app, &writer, UNPIN, input("owner", "vk.com/one")).await;
    assert_eq!(code(&refused, "unpinned"), "NOT_ALLOWED");
}

#[tokio::test]
async fn operators_pin_import_and_decide_at_the_command_line() {
    let mut app = TestApp::start().await;
    let (_, id) = imported_page(&app).await;
    let directory = TempDir::new().expect("a directory");
    std::fs::write(directory.path().join("p.csv"), file(PAGE_ROW, "title", "Two")).expect("the file");
    std::fs::write(directory.path().join("map.toml"), PAGE_MAPPING).expect("the mapping");
    let url = app.database.url.clone();
    let run = |arguments: &[&str]| {
        let output = program::run(&url, directory.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let import = ["import", "p.csv", "--kind", "pages", "--mapping", "map.toml", "--source", "test"];
    let pin = |act: &'static str| [act, "page", "vk.com/one", "title", "--reason", "seen on the page"];
    assert_eq!(run(&pin("pin")), "`title` of vk.com/one is pinned.\n");
    let dry_run = run(&[import.as_slice(), &["--dry-run"]].concat());
    assert!(dry_run.contains("propose page: 1") && dry_run.contains("title: One → Two"), "{dry_run}");
    let printed = run(&import);
    assert!(printed.contains("pages: 0 created, 0 updated, 1 unchanged, 0 removed; 1 PINNED."), "{printed}");
    assert!(printed.contains("1 proposal of values for pinned fields"), "{printed}");
    let listed = run(&["proposals", "list"]);
    assert!(
        listed.contains("     1  https://vk.com/one  title: One → Two  (test, import 2, 0 d)"),
        "{listed}"
    );
    assert_eq!(run(&["proposals", "reject", "1", "--reason", "wrong"]), "Proposal 1 was rejected.\n");
    assert!(run(&["proposals", "list"]).starts_with("There are no such proposals."));
    let again = program::run(&url, directory.path(), &["proposals", "accept", "1", "--reason", "wrong"]);
    assert!(program::error(&again).contains("is rejected already"));
    assert!(run(&pin("unpin")).contains("is no longer pinned"));
    let refused = program::run(&url, directory.path(), &pin("unpin"));
    assert!(program::error(&refused).contains("not pinned"));
    assert!(run(&import).contains("pages: 0 created, 1 updated, 0 unchanged, 0 removed."));
    assert!(run(&["check"]).starts_with("Sound:"));
    app.restart().await;
    assert_eq!(value_of(&app, id, PageFieldName::Title), json!("Two"));
}
