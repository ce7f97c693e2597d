//! Orders of lists, in both directions, read from both ends.

use std::cmp::Ordering;

use chrono::{Datelike, Duration, Utc};
use rand::{Rng, seq::IndexedRandom};
use registry::{
    change_log::Actor,
    model::{Figures, Page},
    snapshot::{Snapshot, collate},
};
use serde_json::{Value, json};

use super::harness::{
    TestApp,
    churn::{Random, churn, generated, random},
};

/// What lists of pages are ordered by.
pub const FIELDS: [&str; 6] =
    ["ENTRY", "TITLE", "REGISTERED_AT", "SUBSCRIBERS", "UPDATED_AT", "LAST_POST_ON"];

/// Order of a list.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub field: &'static str,
    pub is_descending: bool,
}

impl Order {
    /// Any order of pages.
    pub fn any(random: &mut Random) -> Self {
        Self { field: FIELDS.choose(random).expect("a field"), is_descending: random.random() }
    }

    /// The order as the value of the argument `orderBy`.
    pub fn input(self) -> Value {
        match (self.is_descending, self.field) {
            (true, field) => json!({ "field": field, "direction": "DESC" }),
            // Ascending is the default.
            (false, field) => json!({ "field": field }),
        }
    }

    /// Compares two pages: unknown values are last.
    pub fn compare(self, snapshot: &Snapshot, left: &Page, right: &Page) -> Ordering {
        let directed = |ordering: Ordering| if self.is_descending { ordering.reverse() } else { ordering };
        let values = match (self.field, self.number(snapshot, left), self.number(snapshot, right)) {
            ("TITLE", ..) => directed(collate(&left.title, &right.title)),
            (_, Some(left), Some(right)) => directed(left.cmp(&right)),
            (_, left, right) => left.is_none().cmp(&right.is_none()),
        };
        values.then(directed(left.id.cmp(&right.id)))
    }

    fn number(self, snapshot: &Snapshot, page: &Page) -> Option<i64> {
        let figures = snapshot.figures(page.id);
        match self.field {
            "REGISTERED_AT" => page.registered_at.map(|at| at.timestamp_micros()),
            "SUBSCRIBERS" => figures?.subscribers.map(i64::from),
            "UPDATED_AT" => Some(page.updated_at.timestamp()),
            "LAST_POST_ON" => {
                let day = snapshot.time_zone().day_of(figures?.last_post_at?);
                Some(day.num_days_from_ce().into())
            }
            _ => Some(0),
        }
    }
}

/// A list of pages, as the arguments of one direction have it.
const PAGES: &str = "query($order: PageOrder, $first: Int, $after: String, $last: Int, $before: String, $platforms: [String!]) {
    pages(orderBy: $order, first: $first, after: $after, last: $last, before: $before, filter: { platforms: $platforms }) {
        nodes { number } pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } }";

/// Reads the list from one of its ends, in windows of `count`, and checks what each tells of its neighbours.
async fn read(
    app: &TestApp,
    order: Order,
    (platforms, count): (&Value, usize),
    is_backward: bool,
) -> Vec<i64> {
    let (mut ids, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let variables = match is_backward {
            true => {
                json!({ "order": order.input(), "platforms": platforms, "last": count, "before": cursor })
            }
            false => {
                json!({ "order": order.input(), "platforms": platforms, "first": count, "after": cursor })
            }
        };
        let list = app.data(PAGES, variables).await["pages"].take();
        let info = &list["pageInfo"];
        let numbers = list["nodes"].as_array().expect("nodes").iter();
        let mut numbers: Vec<i64> = numbers.map(|node| node["number"].as_i64().expect("a number")).collect();
        let (more, back, next) = match is_backward {
            true => ("hasPreviousPage", "hasNextPage", "startCursor"),
            false => ("hasNextPage", "hasPreviousPage", "endCursor"),
        };
        assert_eq!(info[back], json!(!cursor.is_null()), "{order:?}");
        if is_backward {
            numbers.reverse();
        }
        ids.extend(numbers);
        cursor = info[next].clone();
        if info[more] == json!(false) {
            break;
        }
    }
    if is_backward {
        ids.reverse();
    }
    ids
}

#[tokio::test]
async fn a_list_is_the_same_read_forward_and_backward_in_any_order() {
    let app = generated(1_500).await;
    let mut random = random(23);
    for _ in 0..3 {
        churn(&app, &mut random, 40).await;
        let snapshot = app.registry.snapshot();
        for (field, is_descending) in FIELDS.into_iter().flat_map(|field| [(field, false), (field, true)]) {
            let order = Order { field, is_descending };
            // The whole list is read along an order, the pages of a platform may be few enough to be sorted.
            let code = ["vk", "rutube", "max"].choose(&mut random).expect("a code");
            for platforms in [Value::Null, json!([code])] {
                let is_listed = |page: &&Page| {
                    let is_shown = snapshot.organization(page.owner_id).is_some_and(|it| it.is_public());
                    let platform = snapshot.platform(page.platform_id).expect("a platform");
                    page.is_public() && is_shown && (platforms.is_null() || *platform.code == **code)
                };
                let mut expected: Vec<&Page> =
                    snapshot.pages().values().map(|it| &**it).filter(is_listed).collect();
                expected.sort_by(|left, right| order.compare(&snapshot, left, right));
                let expected: Vec<i64> = expected.iter().map(|page| page.id).collect();
                let count = random.random_range(60..=100);
                for is_backward in [false, true] {
                    let found = read(&app, order, (&platforms, count), is_backward).await;
                    assert_eq!(found, expected, "{order:?} {platforms} {count} backward: {is_backward}");
                }
            }
        }
    }
}

/// Sets the subscribers of a page.
async fn count_subscribers(app: &TestApp, page_id: i64, subscribers: u32) {
    let write = app.registry.write(&Actor::Operator, move |change_set| {
        let figures = Figures {
            subscribers: Some(subscribers),
            last_post_at: None,
            recorded_at: change_set.now(),
            seq: 0,
        };
        change_set.put_figures(page_id, figures);
        Ok(())
    });
    write.await.expect("the figures are written");
}

#[tokio::test]
async fn a_cursor_stays_where_it_is_when_its_item_moves_or_is_hidden() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    let mut pages = Vec::new();
    for subscribers in [10, 20, 30, 40, 50] {
        let page = app.page(owner, "vk", &format!("{}", 100 + subscribers)).await;
        count_subscribers(&app, page, subscribers).await;
        pages.push(page);
    }
    let unknown = app.page(owner, "vk", "99").await;
    let order = json!({ "field": "SUBSCRIBERS", "direction": "DESC" });
    let ask = async |arguments: Value| {
        let mut variables = json!({ "order": order });
        variables
            .as_object_mut()
            .expect("an object")
            .extend(arguments.as_object().expect("arguments").clone());
        let list = app.data(PAGES, variables).await["pages"].take();
        let nodes = list["nodes"].as_array().expect("nodes").iter();
        let numbers: Vec<i64> = nodes.map(|node| node["number"].as_i64().expect("a number")).collect();
        (numbers, list["pageInfo"].clone())
    };
    let (first, info) = ask(json!({ "first": 2 })).await;
    assert_eq!(first, [pages[4], pages[3]]);
    let (last, end) = ask(json!({ "last": 2 })).await;
    assert_eq!(last, [pages[0], unknown]);
    // The item of the one cursor falls behind, that of the other is hidden.
    count_subscribers(&app, pages[3], 5).await;
    app.change_page(pages[0], |page, _| page.lifecycle = entities::page::Lifecycle::Rejected).await;
    let (next, _) = ask(json!({ "first": 2, "after": info["endCursor"] })).await;
    assert_eq!(next, [pages[2], pages[1]]);
    let (previous, info) = ask(json!({ "last": 2, "before": end["startCursor"] })).await;
    assert_eq!(previous, [pages[2], pages[1]]);
    assert_eq!((&info["hasPreviousPage"], &info["hasNextPage"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn organizations_are_ordered_by_the_subscribers_of_their_official_pages() {
    let app = generated(1_500).await;
    let mut random = random(29);
    churn(&app, &mut random, 80).await;
    let snapshot = app.registry.snapshot();
    let audience = |id: i64| -> Option<i64> {
        let official = snapshot.pages().values().filter(|page| {
            let is_shown = snapshot.organization(page.owner_id).is_some_and(|it| it.is_public());
            let is_own = page.owner_id == id || page.co_owners.contains(&id);
            page.is_official() && is_shown && is_own
        });
        let known = official.filter_map(|page| snapshot.figures(page.id)?.subscribers.map(i64::from));
        known.fold(None, |sum, number| Some(sum.unwrap_or(0) + number))
    };
    let public =
        snapshot.organizations().values().filter(|it| it.is_public()).map(|it| (audience(it.id), it));
    let mut expected: Vec<_> = public.map(|(audience, it)| (audience, it.id, it.code.to_string())).collect();
    for (direction, sign) in [("ASC", 1), ("DESC", -1)] {
        expected
            .sort_by_key(|(audience, id, _)| (audience.is_none(), audience.map(|it| it * sign), id * sign));
        let query = "query($order: OrganizationOrder!) { organizations(first: 100, orderBy: $order) { nodes { code } } }";
        let list = app.data(query, json!({ "order": { "field": "AUDIENCE", "direction": direction } })).await;
        let found = list["organizations"]["nodes"].as_array().expect("nodes").iter();
        let found: Vec<&str> = found.map(|node| node["code"].as_str().expect("a code")).collect();
        let expected: Vec<&str> = expected.iter().map(|(.., code)| code.as_str()).take(100).collect();
        assert_eq!(found, expected, "{direction}");
    }
}

#[tokio::test]
async fn the_longest_overdue_are_first() {
    let app = generated(1_500).await;
    let query = "query($order: OrganizationOrder!, $after: String) { uncovered(first: 100, orderBy: $order, after: $after) {
        totalCount nodes { code obligation { daysOverdue } } pageInfo { hasNextPage endCursor } } }";
    for direction in ["ASC", "DESC"] {
        let (mut days, mut codes, mut after) = (Vec::new(), std::collections::BTreeSet::new(), Value::Null);
        let total = loop {
            let order = json!({ "field": "DAYS_OVERDUE", "direction": direction });
            let list = app.data(query, json!({ "order": order, "after": after })).await["uncovered"].take();
            for node in list["nodes"].as_array().expect("nodes") {
                days.push(node["obligation"]["daysOverdue"].as_i64().expect("days"));
                codes.insert(node["code"].to_string());
            }
            after = list["pageInfo"]["endCursor"].clone();
            if list["pageInfo"]["hasNextPage"] == json!(false) {
                break list["totalCount"].as_u64().expect("a count");
            }
        };
        assert!(total > 0 && codes.len() as u64 == total && days.len() as u64 == total, "{total}");
        let is_sorted = if direction == "ASC" { days.is_sorted() } else { days.iter().rev().is_sorted() };
        assert!(is_sorted, "{days:?}");
    }
    // Organizations that lack nothing are last in both directions.
    let all = "{ up: organizations(last: 1, orderBy: { field: DAYS_OVERDUE }) { nodes { ...State } }
        down: organizations(last: 1, orderBy: { field: DAYS_OVERDUE, direction: DESC }) { nodes { ...State } } }
        fragment State on Organization { obligation { state } }";
    let data = app.data(all, json!({})).await;
    for list in ["up", "down"] {
        assert_ne!(data[list]["nodes"][0]["obligation"]["state"], "MISSING", "{data}");
    }
}

#[tokio::test]
async fn an_order_by_the_last_post_follows_new_statistics() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    let (old, new) = (app.page(owner, "vk", "101").await, app.page(owner, "vk", "102").await);
    let post = async |page_id: i64, days: i64| {
        let write = app.registry.write(&Actor::Operator, move |change_set| {
            let last_post_at = Some(Utc::now() - Duration::days(days));
            let recorded_at = change_set.now();
            change_set.put_figures(page_id, Figures { subscribers: None, last_post_at, recorded_at, seq: 0 });
            Ok(())
        });
        write.await.expect("the figures are written");
    };
    let query = "query($field: PageOrderField!) { pages(orderBy: { field: $field, direction: DESC }) { nodes { number } } }";
    let ask = async || app.data(query, json!({ "field": "LAST_POST_ON" })).await["pages"]["nodes"].clone();
    post(old, 9).await;
    assert_eq!(ask().await, json!([{ "number": old }, { "number": new }]));
    post(new, 3).await;
    // The cached answer depends on statistics, although the document does not tell by what it is ordered.
    assert_eq!(ask().await, json!([{ "number": new }, { "number": old }]));
}
