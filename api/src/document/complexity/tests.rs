use ::registry::snapshot::Kinds;
use async_graphql::{ID, Object, OutputType, SimpleObject, Union, Variables, parser::parse_query};

use super::*;
use crate::graphql::kit::field_policy::TypePolicy;

#[derive(SimpleObject)]
struct Item {
    id: ID,
    name: String,
}

#[derive(SimpleObject)]
struct Other {
    name: String,
    item: Option<Item>,
}

#[derive(Union)]
enum Either {
    Item(Item),
    Other(Other),
}

struct ItemConnection;

#[Object]
impl ItemConnection {
    async fn nodes(&self) -> Vec<Item> {
        Vec::new()
    }
    async fn total(&self) -> i32 {
        0
    }
}

struct Query;

#[Object]
impl Query {
    async fn plain(&self) -> i32 {
        0
    }
    async fn item(&self) -> Option<Item> {
        None
    }
    async fn list(&self) -> Vec<Item> {
        Vec::new()
    }
    async fn either(&self) -> Option<Either> {
        None
    }
    async fn items(&self, #[graphql(default = 20)] first: i32) -> ItemConnection {
        let _ = first;
        ItemConnection
    }
    async fn both(&self, first: Option<i32>, last: Option<i32>) -> ItemConnection {
        let _ = (first, last);
        ItemConnection
    }
    async fn expensive(
        &self,
        filter: Option<Vec<String>>,
        words: Option<String>,
        by: Option<String>,
    ) -> Vec<Item> {
        let _ = (filter, words, by);
        Vec::new()
    }
}

const POLICIES: &[TypePolicy] =
    &[TypePolicy::new("Query", Kinds::NONE, &["plain"]).and(&[FieldPolicy::new("expensive", Kinds::NONE)
        .cost(10)
        .items(Items::Times(3))
        .arguments(&[
            ArgumentCost::of_each("filter", 7),
            ArgumentCost::of_each_word("words", 11),
            ArgumentCost::of_each("by", 2),
            ArgumentCost::of_member("by", "SLOW", 13),
        ])])];

/// Twentieths of a point that a document costs with these variables.
fn parts(document: &str, variables: serde_json::Value) -> u64 {
    let mut types = Registry::default();
    Query::create_type_info(&mut types);
    let document = parse_query(document).expect("a document");
    let (_, operation) = document.operations.iter().next().expect("an operation");
    let policies = FieldPolicies::new(POLICIES);
    let (cost, ..) = of_operation((&types, &policies), &document, &operation.node);
    cost.parts(&Variables::from_json(variables))
}

#[test]
fn an_object_costs_four_parts_and_a_value_one() {
    let none = || serde_json::json!({});
    assert_eq!(parts("{ plain }", none()), 1);
    assert_eq!(parts("{ item { id name } }", none()), 4 + 2);
    assert_eq!(parts("{ a: plain b: plain }", none()), 2);
}

#[test]
fn a_list_costs_its_items_and_a_connection_first_items() {
    let none = || serde_json::json!({});
    assert_eq!(parts("{ list { id } }", none()), 5 * (4 + 1));
    assert_eq!(parts("{ items { nodes { id } total } }", none()), 4 + 1 + 20 * (4 + 1));
    assert_eq!(parts("{ items(first: 3) { nodes { id } total } }", none()), 4 + 1 + 3 * (4 + 1));
    let with_variable = "query($first: Int) { items(first: $first) { nodes { id } } }";
    assert_eq!(parts(with_variable, serde_json::json!({ "first": 7 })), 4 + 7 * (4 + 1));
    assert_eq!(parts(with_variable, none()), 4 + 20 * (4 + 1));
}

#[test]
fn a_list_that_is_read_in_both_directions_costs_what_first_or_last_says() {
    let none = || serde_json::json!({});
    let cost = |items: u64| 4 + items * (4 + 1);
    for (arguments, items) in [
        ("", 20),
        ("(first: null)", 20),
        ("(first: 3)", 3),
        ("(last: 3)", 3),
        ("(first: null, last: 30)", 30),
        ("(first: 3, last: 40)", 40),
    ] {
        assert_eq!(
            parts(&format!("{{ both{arguments} {{ nodes {{ id }} }} }}"), none()),
            cost(items),
            "{arguments}"
        );
    }
    let query = "query($first: Int, $last: Int) { both(first: $first, last: $last) { nodes { id } } }";
    for (variables, items) in [
        (serde_json::json!({}), 20),
        (serde_json::json!({ "first": null, "last": null }), 20),
        (serde_json::json!({ "first": 3 }), 3),
        (serde_json::json!({ "last": 3 }), 3),
        (serde_json::json!({ "first": null, "last": 30 }), 30),
        (serde_json::json!({ "first": 3, "last": 40 }), 40),
    ] {
        assert_eq!(parts(query, variables.clone()), cost(items), "{variables}");
    }
}

#[test]
fn a_member_that_takes_longer_costs_more_however_it_is_passed() {
    let base = 200 + 3 * (4 + 1) + 2;
    let query = |by: &str| format!("query($by: It, $other: It) {{ expensive(by: {by}) {{ id }} }}");
    for (by, variables, more) in [
        ("FAST", serde_json::json!({}), 0),
        ("SLOW", serde_json::json!({}), 13),
        ("{ field: SLOW }", serde_json::json!({}), 13),
        ("{ field: SLOW, other: $other }", serde_json::json!({ "other": "ASC" }), 13),
        ("{ field: $by, other: $other }", serde_json::json!({ "by": "FAST", "other": "ASC" }), 0),
        ("{ field: $by, other: $other }", serde_json::json!({ "by": "SLOW", "other": "ASC" }), 13),
        ("$by", serde_json::json!({ "by": { "field": "FAST" } }), 0),
        ("$by", serde_json::json!({ "by": { "field": "SLOW" } }), 13),
    ] {
        assert_eq!(parts(&query(by), variables), base + more, "{by}");
    }
}

#[test]
fn a_declared_field_costs_its_points_its_items_and_its_arguments() {
    let none = || serde_json::json!({});
    assert_eq!(parts("{ expensive { id } }", none()), 200 + 3 * (4 + 1));
    let filtered = r#"{ expensive(filter: ["a", "b"], words: "one two three") { id } }"#;
    assert_eq!(parts(filtered, none()), 200 + 3 * (4 + 1) + 2 * 7 + 3 * 11);
    let with_variable = "query($filter: [String!]) { expensive(filter: $filter) { id } }";
    assert_eq!(parts(with_variable, serde_json::json!({ "filter": ["a", "b", "c"] })), 200 + 15 + 3 * 7);
}

#[test]
fn a_fragment_costs_the_same_wherever_it_is_named() {
    let none = || serde_json::json!({});
    let spread = "{ item { ...F } list { ...F } } fragment F on Item { id name }";
    let written = "{ item { id name } list { id name } }";
    assert_eq!(parts(spread, none()), parts(written, none()));
}

#[test]
fn of_fragments_on_several_types_those_of_one_count() {
    let none = || serde_json::json!({});
    let (item, other) = ("... on Item { id name }", "... on Other { item { id name } }");
    assert_eq!(parts(&format!("{{ either {{ {item} }} }}"), none()), 4 + 2);
    assert_eq!(parts(&format!("{{ either {{ {item} {other} __typename }} }}"), none()), 4 + 1 + (4 + 2));
    let twice = format!("{{ either {{ {other} {item} ... on Other {{ name }} ...F }} }}");
    let fragment = "fragment F on Either { ... on Item { id } ... on Other { name } }";
    assert_eq!(parts(&format!("{twice} {fragment}"), none()), 4 + (4 + 2) + 1 + 1);
    // A fragment within one on another type never applies.
    assert_eq!(parts(&format!("{{ either {{ ... on Item {{ {other} id }} }} }}"), none()), 4 + 1);
    // The larger one may depend on a variable.
    let query = "query($n: Int) { ... on Query { items(first: $n) { nodes { id } } } plain }";
    assert_eq!(parts(query, serde_json::json!({ "n": 3 })), 4 + 3 * 5 + 1);
}

#[test]
fn points_are_rounded_up_and_at_least_one() {
    assert_eq!([0, 1, 20, 21, 40, 41].map(points), [1, 1, 1, 2, 2, 3]);
    assert_eq!(points(u64::MAX), u64::MAX / 20 + 1);
}
