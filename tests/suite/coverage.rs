//! Coverage: which organizations must have pages, are exempt, or have them.

use chrono::{Days, NaiveDate, Utc};
use entities::{organization::Kind, page::Lifecycle};
use registry::model::{Exemption, Mode, ObligationRule, Terms};
use serde_json::{Value, json};

use super::harness::{TestApp, seed};

const COVERAGE: &str = "query($filter: OrganizationFilter) { coverage(filter: $filter, groupBy: [TERRITORY]) {
    total { obliged exempt covered ratio platforms { platform { code } covered ratio } }
    groups { keys { dimension code name } obliged exempt covered ratio }
    seq
} uncovered(filter: $filter) { totalCount nodes { code obligation { state daysOverdue rules { rule { code } state daysOverdue missingPlatforms { code } } } } } }";

async fn seated(app: &TestApp, code: &str, territory: &'static str) -> i64 {
    let code = code.to_owned();
    app.put(move |change_set| {
        let mut organization = seed::organization(change_set, &code, &format!("Organization {code}"));
        organization.territory_id = change_set.snapshot().territory_by_code(territory).map(|it| it.id);
        // Older than the rules, so that days overdue count from the rules.
        organization.created_at = "2020-01-01T00:00:00Z".parse().expect("a timestamp");
        organization
    })
    .await
}

async fn exempt(
    app: &TestApp,
    organization_id: i64,
    rule: Option<&'static str>,
    from: NaiveDate,
    to: Option<NaiveDate>,
) {
    app.put(move |change_set| Exemption {
        id: change_set.next_exemption_id(),
        organization_id,
        rule_id: rule.map(|code| change_set.snapshot().obligation_rule_by_code(code).expect("a rule").id),
        reason: "by the nature of its work".into(),
        basis: Some("Order 1".into()),
        decided_by: Some("Ministry".into()),
        valid_from: from,
        valid_to: to,
        source: "test".into(),
        updated_at: change_set.now(),
    })
    .await;
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Days since a rule came into force: the only value that grows with time.
fn overdue_since(text: &str) -> Value {
    json!((Utc::now().date_naive() - day(text)).num_days())
}

#[tokio::test]
async fn each_of_the_three_numbers_counts_what_its_name_means() {
    let app = TestApp::start().await;
    // Moscow: the federal rule alone. Bashkortostan: four platforms for regional authorities. Canada: no rule.
    let (with_vk, with_max, without) = (
        seated(&app, "with-vk", "ru-77").await,
        seated(&app, "with-max", "ru-77").await,
        seated(&app, "without", "ru-77").await,
    );
    let (free, was_free) = (seated(&app, "free", "ru-77").await, seated(&app, "was-free", "ru-77").await);
    let (all_four, only_two) =
        (seated(&app, "all-four", "ru-02").await, seated(&app, "only-two", "ru-02").await);
    let abroad = seated(&app, "abroad", "ca-on").await;
    for authority in [all_four, only_two] {
        app.change_organization(authority, |it| {
            it.kind = Kind::Authority;
            it.level = Some(entities::organization::Level::Regional);
        })
        .await;
    }
    app.page(with_vk, "vk", "with_vk").await;
    app.page(with_max, "max", "with_max").await;
    let archived = app.page(without, "vk", "without").await;
    app.change_page(archived, |page, _| page.lifecycle = Lifecycle::Archived).await;
    for platform in ["vk", "ok", "telegram", "max"] {
        app.page(all_four, platform, "all_four").await;
    }
    for platform in ["vk", "ok"] {
        app.page(only_two, platform, "only_two").await;
    }
    app.page(abroad, "x", "abroad").await;
    exempt(&app, free, None, day("2023-01-01"), None).await;
    exempt(&app, was_free, None, day("2023-01-01"), Some(day("2024-01-01"))).await;
    // Exempt from one of two rules: the other one still counts.
    exempt(&app, only_two, Some("ru-02-four-platforms"), day("2025-12-01"), None).await;

    let mut data = app.data(COVERAGE, json!({})).await;
    assert_eq!(data["coverage"]["seq"], app.registry.snapshot().seq());
    data["coverage"]["seq"] = Value::Null;
    for organization in data["uncovered"]["nodes"].as_array_mut().expect("nodes") {
        assert_eq!(organization["obligation"]["daysOverdue"], overdue_since("2022-12-01"));
        organization["obligation"]["daysOverdue"] = json!("since 2022-12-01");
        organization["obligation"]["rules"][0]["daysOverdue"] = Value::Null;
    }
    insta::assert_json_snapshot!("coverage", data);

    let query = r#"{ authority(code: "only-two") { obligation { state rules { rule { code } state missingPlatforms { code } } exemptions { reason basis decidedBy validFrom rule { code } } } }
        free: institution(code: "free") { obligation { state daysOverdue } }
        abroad: institution(code: "abroad") { obligation { state } }
        late: institution(code: "without", asOf: "2020-06-01T00:00:00Z") { obligation { state } } }"#;
    insta::assert_json_snapshot!("obligations", app.data(query, json!({})).await);
}

#[tokio::test]
async fn the_three_numbers_agree_with_a_look_at_every_organization() {
    let app = super::harness::churn::generated(1_500).await;
    let mut random = super::harness::churn::random(9);
    super::harness::churn::churn(&app, &mut random, 60).await;
    let (mut counts, mut after) = (std::collections::BTreeMap::new(), Value::Null);
    for list in ["authorities", "institutions"] {
        loop {
            let query = format!(
                "query($after: String) {{ list: {list}(first: 100, after: $after) {{ nodes {{ obligation {{ state }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
            );
            let found = app.data(&query, json!({ "after": after })).await["list"].take();
            for node in found["nodes"].as_array().expect("nodes") {
                if let Some(state) = node["obligation"]["state"].as_str() {
                    *counts.entry(state.to_owned()).or_insert(0) += 1;
                }
            }
            after = found["pageInfo"]["endCursor"].clone();
            if found["pageInfo"]["hasNextPage"] == json!(false) {
                after = Value::Null;
                break;
            }
        }
    }
    let data = app.data(COVERAGE, json!({})).await;
    let total = &data["coverage"]["total"];
    assert_eq!(total["covered"], counts["COVERED"]);
    assert_eq!(total["obliged"], counts["COVERED"] + counts["MISSING"]);
    assert_eq!(data["uncovered"]["totalCount"], counts["MISSING"]);
    let groups = data["coverage"]["groups"].as_array().expect("groups");
    for number in ["obliged", "covered", "exempt"] {
        let sum: i64 = groups.iter().map(|group| group[number].as_i64().expect("a number")).sum();
        assert_eq!(total[number], sum, "{number}");
    }
}

#[tokio::test]
async fn a_rule_that_is_over_or_has_not_begun_obliges_nobody() {
    let app = TestApp::start().await;
    seated(&app, "o", "ca-on").await;
    let today = Utc::now().date_naive();
    let tomorrow = today.checked_add_days(Days::new(1)).expect("a day");
    let yesterday = today.checked_sub_days(Days::new(1)).expect("a day");
    for (from, to, obliged) in
        [(tomorrow, None, 0), (day("2020-01-01"), Some(yesterday), 0), (day("2020-01-01"), Some(today), 1)]
    {
        app.put(move |change_set| ObligationRule {
            id: change_set
                .snapshot()
                .obligation_rule_by_code("ca-rule")
                .map_or_else(|| change_set.next_rule_id(), |it| it.id),
            code: "ca-rule".into(),
            name: "A rule".into(),
            names: Default::default(),
            terms: Terms {
                jurisdiction: "ca".into(),
                kinds: vec![Kind::Institution],
                levels: vec![],
                branches: vec![],
                sectors: vec![],
                mode: Mode::AllOf,
                platforms: vec!["x".into()],
                basis: None,
            },
            valid_from: from,
            valid_to: to,
            updated_at: change_set.now(),
        })
        .await;
        let data = app.data(COVERAGE, json!({})).await;
        assert_eq!(data["coverage"]["total"]["obliged"], obliged, "{from} to {to:?}");
    }
}
