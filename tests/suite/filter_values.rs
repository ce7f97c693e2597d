//! Values of filters: parts of names, and lists that are empty.

use serde_json::json;

use super::harness::TestApp;

#[tokio::test]
async fn a_part_of_a_name_is_found_in_any_case_but_not_without_its_spaces() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "МБОУ ООШ № 1").await;
    let page = app.page(owner, "vk", "school").await;
    app.change_page(page, |page, _| page.title = "МБОУ ООШ № 1".into()).await;
    let query = "query($part: String) {
        organizations(filter: { name: $part }) { totalCount } pages(filter: { title: $part }) { totalCount } }";
    for (part, count) in [("мбоу оош", 1), ("МБОУ-ООШ №1", 1), ("боу, оо", 1), ("мбоуоош", 0), ("ш1", 0)]
    {
        let expected = json!({ "organizations": { "totalCount": count }, "pages": { "totalCount": count } });
        assert_eq!(app.data(query, json!({ "part": part })).await, expected, "{part}");
    }
}

#[tokio::test]
async fn an_empty_list_is_rejected_whether_it_asks_for_values_or_excludes_them() {
    let app = TestApp::start().await;
    for field in ["platforms", "notOnPlatforms"] {
        let query = format!("{{ organizations(filter: {{ {field}: [] }}) {{ totalCount }} }}");
        let error = app.ask(&query, json!({})).await["errors"][0].take();
        assert_eq!(error["message"], format!("`{field}` is empty; give at least one value, or omit it."));
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    }
}
