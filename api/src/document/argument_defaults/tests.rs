use async_graphql::{InputObject, Object, OutputType};

use super::*;

#[derive(InputObject)]
struct Window {
    #[graphql(default = 7)]
    days: i32,
    until: Option<String>,
}

struct Query;

#[Object]
impl Query {
    async fn list(&self, #[graphql(default = 20)] first: i32, windows: Option<Vec<Window>>) -> i32 {
        let _ = windows;
        first
    }
    async fn feed(
        &self,
        #[graphql(default = 100)] first: i32,
        #[graphql(default_with = "vec![1]")] of: Vec<i32>,
    ) -> i32 {
        let _ = of;
        first
    }
}

/// Names of all variables, each with its default.
fn defaults_of(text: &str) -> String {
    let mut types = Registry::default();
    Query::create_type_info(&mut types);
    let mut document = parse_query(text).expect("a document");
    take_over(&mut document, &types);
    let declared = document.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
    let defaults = declared.map(|it| {
        let default = it.node.default_value.as_ref().map(|value| format!(" = {}", value.node));
        format!("{}{}", it.node.name.node, default.unwrap_or_default())
    });
    let mut defaults: Vec<String> = defaults.collect();
    defaults.sort_unstable();
    defaults.join(", ")
}

#[test]
fn a_variable_without_a_default_takes_over_that_of_its_argument() {
    for (text, expected) in [
        ("query($n: Int) { list(first: $n) again: list(first: $n) }", "n = 20"),
        ("query($n: Int) { ...F ...F } fragment F on Query { ... { feed(first: $n) } }", "n = 100"),
        ("query($n: [Int!]) { feed(of: $n) }", "n = [1]"),
        ("query($n: Int) { list(windows: [{ days: $n }]) }", "n = 7"),
        ("query($n: Int = 3) { list(first: $n) }", "n = 3"),
        ("query($n: Int = 3) { list(first: $n) feed(first: $n) }", "n = 3"),
        ("query($n: Int!) { list(first: $n) feed(first: $n) }", "n"),
        ("query($n: String) { list(windows: { until: $n }) }", "n"),
        ("query($n: String) { list(first: $n) feed(first: $n) }", "n"),
        ("query($n: Int) { unknown(first: $n) }", "n"),
        ("query($n: Int) { list }", "n"),
    ] {
        assert_eq!(defaults_of(text), expected, "{text}");
    }
}

#[test]
fn each_of_several_defaults_has_a_variable_of_its_own() {
    let fragment = "fragment F on Query { list(first: $n) feed(first: $n) }";
    for (text, expected) in [
        ("query($n: Int) { list(first: $n) feed(first: $n) }", "n 100 = 100, n 20 = 20"),
        ("query($n: Int) { list(first: $n, windows: [{ days: $n }]) }", "n 20 = 20, n 7 = 7"),
        ("query($n: Int) { feed(first: $n, of: [$n]) }", "n, n 100 = 100"),
        ("query($n: Int) { list(first: $n) @unknown(of: $n) }", "n, n 20 = 20"),
        ("query($n: Int, $m: Int) { ...F list(first: $m) }", "m = 20, n 100 = 100, n 20 = 20"),
        (
            "query A($n: Int) { ...F } query B($n: Int!) { ...F } query C($n: Int) { __typename }",
            "n, n 100, n 100 = 100, n 20, n 20 = 20",
        ),
        // Validation reports an unknown variable, or one that is declared twice, by its name.
        ("query A($n: Int) { ...F } query B { ...F }", "n"),
        ("query($n: Int, $n: Int) { ...F }", "n, n"),
    ] {
        assert_eq!(defaults_of(&format!("{text} {fragment}")), expected, "{text}");
    }
}

#[test]
fn a_variable_of_a_prepared_document_has_the_value_of_the_name_in_the_request() {
    assert_eq!(["n", "n 20", "n [1, 2]"].map(name_in_request), ["n"; 3]);
}
