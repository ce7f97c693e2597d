use async_graphql::{Enum, InputObject, Object, OneofObject, OutputType, parser::parse_query};

use super::*;

#[derive(Clone, Copy, Enum, PartialEq, Eq)]
enum Order {
    Title,
}

#[derive(InputObject)]
struct Filter {
    names: Option<Vec<String>>,
    #[graphql(default = 7)]
    days: i32,
    orders: Option<Vec<Order>>,
    by: Option<Key>,
}

#[derive(OneofObject)]
enum Key {
    Code(String),
}

struct Query;

#[Object]
impl Query {
    async fn list(
        &self,
        #[graphql(default = 20)] first: i32,
        filter: Option<Filter>,
        #[graphql(default_with = "Order::Title")] order: Order,
        ids: Option<Vec<Vec<i32>>>,
    ) -> i32 {
        let _ = (filter, order, ids);
        first
    }
    async fn one(&self, code: String) -> i32 {
        let _ = code;
        0
    }
}

fn checked(text: &str) -> (Vec<ServerError>, HashSet<Name>) {
    let mut types = Registry::default();
    Query::create_type_info(&mut types);
    check(&parse_query(text).expect("a document"), &types)
}

#[test]
fn a_variable_is_accepted_where_all_its_values_are() {
    for text in [
        "query($n: Int) { list(first: $n) again: list(first: $n) }",
        "query($n: Int!) { list(first: $n, filter: { days: $n }) }",
        "query($n: [String!]) { list(filter: { names: $n }) }",
        "query($n: [String!]!) { list(filter: { names: $n }) }",
        "query($n: String!) { list(filter: { names: [$n, \"a\"], by: { code: $n } }) }",
        "query($c: String = \"a\") { one(code: $c) }",
        "query($n: [[Int!]!]) { list(ids: $n) }",
        "query($i: [Int!]!) { list(ids: [$i, [1]]) }",
        "query($x: Boolean!, $y: Boolean = true) { list @skip(if: $x) ... @include(if: $y) { list } }",
        "query($n: String!, $d: Boolean) { __type(name: $n) { fields(includeDeprecated: $d) { name } } }",
        "query($n: Unknown) { list(first: $n) unknown(of: $n) { a } one(code: $undefined) }",
    ] {
        let (errors, _) = checked(text);
        assert!(errors.is_empty(), "{text}: {errors:?}");
    }
}

#[test]
fn a_variable_of_another_type_is_refused_with_the_path_of_its_position() {
    for (text, path, needed) in [
        ("query($v: [String]) { list(filter: { names: $v }) }", "filter.names", "[String!]"),
        ("query($v: String) { list(filter: { names: [\"a\", $v] }) }", "filter.names[1]", "String!"),
        ("query($v: String!) { list(filter: { names: $v }) }", "filter.names", "[String!]"),
        ("query($v: String) { list(first: $v) }", "first", "Int!"),
        ("query($v: Int) { list(filter: { days: $v }) one(code: $v) }", "code", "String!"),
        ("query($v: String = null) { one(code: $v) }", "code", "String!"),
        ("query($v: String) { ...F ...F } fragment F on Query { ... { one(code: $v) } }", "code", "String!"),
        ("query($v: String) { list(filter: { by: { code: $v } }) }", "filter.by.code", "String!"),
        ("query($v: [Int]) { list(ids: [$v]) }", "ids[0]", "[Int!]!"),
        ("query($v: Boolean) { list @include(if: $v) }", "if", "Boolean!"),
        ("query($v: String!) { list ... @skip(if: $v) { list } }", "if", "Boolean!"),
        ("query($v: String) { __type(name: $v) { name } }", "name", "String!"),
        ("query($v: Float) { list(first: $v) }", "first", "Int!"),
    ] {
        let (errors, _) = checked(text);
        let [error] = &errors[..] else { panic!("{text}: {errors:?}") };
        let expected = format!("but `{path}` needs `{needed}`");
        assert!(error.message.contains("`$v`") && error.message.contains(&expected), "{text}: {error:?}");
        assert_eq!(error.locations.len(), 2, "{text}");
    }
}

#[test]
fn a_string_is_no_enum_value() {
    for (text, path) in [
        ("{ list(order: \"TITLE\") }", "order"),
        ("{ list(filter: { orders: [TITLE, \"TITLE\"] }) }", "filter.orders[1]"),
        ("{ list(filter: { orders: \"TITLE\" }) }", "filter.orders"),
        ("query($o: Order! = \"TITLE\") { list(order: $o) }", "$o"),
    ] {
        let (errors, _) = checked(text);
        let [error] = &errors[..] else { panic!("{text}: {errors:?}") };
        assert!(error.message.starts_with(&format!("Invalid value at `{path}`")), "{text}: {error:?}");
    }
}

#[test]
fn variables_that_need_a_value_although_they_are_nullable_are_found() {
    for (text, expected) in [
        ("query($v: Int) { list(first: $v) }", true),
        ("query($v: Int) { list(filter: { days: $v }) }", true),
        ("query($v: Boolean = true) { list @skip(if: $v) }", true),
        ("query($v: Int!) { list(first: $v) }", false),
        ("query($v: [String!] = [\"a\"]) { list(filter: { names: $v }) }", false),
    ] {
        let (errors, not_null) = checked(text);
        assert!(errors.is_empty(), "{text}: {errors:?}");
        assert_eq!(not_null.contains("v"), expected, "{text}");
    }
}
