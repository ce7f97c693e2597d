//! Tables of the fields and arguments that cost extra, for the documentation.

use std::{cmp::Reverse, collections::BTreeMap, fmt::Display};

use async_graphql::registry::Registry;

use super::{
    complexity::{FIRST, LAST},
    field_policies::FieldPolicies,
};
use crate::graphql::kit::field_policy::{Each, FieldPolicy, Items, PARTS};

/// Markdown tables of the fields and of the arguments that cost extra.
pub fn cost_tables(types: &Registry, policies: &FieldPolicies) -> String {
    let declared: Vec<_> =
        policies.iter().filter(|(owner, policy)| !is_of_interface(types, policies, owner, policy)).collect();
    format!("{}\n{}", field_table(types, &declared), argument_table(&declared))
}

/// Whether an interface of the type declares the same for this field.
fn is_of_interface(types: &Registry, policies: &FieldPolicies, owner: &str, policy: &FieldPolicy) -> bool {
    let interfaces = types.implements.get(owner).into_iter().flatten();
    interfaces.filter_map(|name| policies.get(name, policy.name)).any(|declared| declared == policy)
}

fn field_table(types: &Registry, declared: &[(&str, &FieldPolicy)]) -> String {
    let mut rows: BTreeMap<(Reverse<u64>, u64, String), Vec<String>> = BTreeMap::new();
    let costly = declared.iter().filter(|(_, policy)| policy.points > 0 || policy.items != Items::Default);
    for (owner, policy) in costly {
        let (items, label) = counted(types, owner, policy);
        rows.entry((Reverse(policy.points), items, label)).or_default().push(name(owner, policy.name));
    }
    let rows: String = rows
        .into_iter()
        .map(|((Reverse(points), _, label), fields)| row(&[&fields.join(", "), &points, &label]))
        .collect();
    let other = row(&[&"any other list that is not a connection", &0, &Items::OF_A_LIST]);
    format!("| field | points | items counted |\n|---|---|---|\n{rows}{other}")
}

/// Number of items that a field is charged for, if it is fixed, and its description.
fn counted(types: &Registry, owner: &str, policy: &FieldPolicy) -> (u64, String) {
    let known = types.types.get(owner).and_then(|of| of.field_by_name(policy.name));
    let has_argument = |name| known.is_some_and(|it| it.args.contains_key(name));
    match policy.items {
        Items::Times(items) => (items, items.to_string()),
        Items::Argument(name) => (0, format!("one for each of `{name}`")),
        Items::Default if has_argument(LAST) => (0, format!("`{FIRST}` or `{LAST}`")),
        Items::Default if has_argument(FIRST) => (0, format!("`{FIRST}`")),
        Items::Default if known.is_some_and(|it| it.ty.starts_with('[')) => {
            (Items::OF_A_LIST, Items::OF_A_LIST.to_string())
        }
        Items::Default => (0, String::new()),
    }
}

fn argument_table(declared: &[(&str, &FieldPolicy)]) -> String {
    let mut rows: BTreeMap<(&str, Reverse<u64>, String), Vec<String>> = BTreeMap::new();
    for (owner, policy) in declared {
        for cost in policy.arguments {
            let fields = rows.entry((cost.name, Reverse(cost.parts), unit(cost.each))).or_default();
            fields.push(name(owner, policy.name));
        }
    }
    let rows: String = rows
        .into_iter()
        .map(|((argument, Reverse(parts), unit), fields)| {
            row(&[&format!("`{argument}`"), &format!("{}{unit}", points(parts)), &fields.join(", ")])
        })
        .collect();
    format!("| argument | points | of |\n|---|---|---|\n{rows}")
}

/// What the points of an argument are for, if not for its value or for each item of it.
fn unit(each: Each) -> String {
    match each {
        Each::Item => String::new(),
        Each::Word => " for each word".to_owned(),
        Each::Member(member) => format!(" more with `{member}`"),
    }
}

/// Name of a field with its type, which is left out for root fields of queries and mutations.
fn name(owner: &str, field: &str) -> String {
    match owner {
        "Query" | "Mutation" => format!("`{field}`"),
        _ => format!("`{owner}.{field}`"),
    }
}

/// Parts of a point as points.
fn points(parts: u64) -> String {
    let hundredths = parts % PARTS * 100 / PARTS;
    match hundredths {
        0 => (parts / PARTS).to_string(),
        _ => format!("{}.{hundredths:02}", parts / PARTS).trim_end_matches('0').to_owned(),
    }
}

fn row(cells: &[&dyn Display]) -> String {
    let cell = |cell: &&dyn Display| match cell.to_string() {
        empty if empty.is_empty() => " |".to_owned(),
        text => format!(" {text} |"),
    };
    format!("|{}\n", cells.iter().map(cell).collect::<String>())
}

#[cfg(test)]
mod tests {
    use ::registry::snapshot::Kinds;
    use async_graphql::{Object, OutputType};

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn forward(&self, first: Option<i32>) -> i32 {
            first.unwrap_or_default()
        }
        async fn both(&self, first: Option<i32>, last: Option<i32>) -> i32 {
            first.or(last).unwrap_or_default()
        }
        async fn list(&self) -> Vec<i32> {
            Vec::new()
        }
    }

    #[test]
    fn items_are_counted_by_the_arguments_that_a_list_has() {
        let mut types = Registry::default();
        Query::create_type_info(&mut types);
        let labels = ["forward", "both", "list"]
            .map(|field| counted(&types, "Query", &FieldPolicy::new(field, Kinds::NONE)).1);
        assert_eq!(labels, ["`first`", "`first` or `last`", &Items::OF_A_LIST.to_string()]);
    }

    #[test]
    fn parts_of_a_point_are_printed_as_decimals() {
        assert_eq!([5, 30, 40, 5_000].map(points), ["0.25", "1.5", "2", "250"]);
    }

    #[test]
    fn an_empty_cell_is_a_space() {
        assert_eq!(row(&[&"`a`", &7, &""]), "| `a` | 7 | |\n");
    }
}
