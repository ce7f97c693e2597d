//! Null propagation: a failed field is null, or, if it is non-null, its nearest nullable ancestor (GraphQL specification,
//! 6.4.4 "Handling Execution Errors").
//!
//! async-graphql omits a failed field from an object of which other fields succeeded.

use std::collections::HashMap;

use async_graphql::{
    Name, PathSegment, Positioned, Response, Value,
    parser::types::{FragmentDefinition, Selection, SelectionSet},
    registry::Registry,
};

use super::{cache::Document, field_order::operation_of, operations::root_type};

/// Sets nulls at the paths of the errors of a response.
pub fn propagate(
    document: &Document,
    types: &Registry,
    operation_name: Option<&str>,
    response: &mut Response,
) {
    if response.errors.is_empty() || response.data == Value::Null {
        return;
    }
    let Some(operation) = operation_of(document, operation_name) else { return };
    let root = root_type(operation.node.ty);
    let finding = Finding { fragments: &document.parsed.fragments, types };
    for error in &response.errors {
        let nullable = finding.deepest_nullable(root, &operation.node.selection_set, &error.path);
        put_null(&mut response.data, &error.path[..nullable]);
    }
}

/// Sets null at a path, or at the last part of it that exists.
fn put_null(data: &mut Value, path: &[PathSegment]) {
    let Some((first, rest)) = path.split_first() else {
        *data = Value::Null;
        return;
    };
    match (data, first) {
        (Value::Object(fields), PathSegment::Field(key)) => {
            put_null(fields.entry(Name::new(key)).or_insert(Value::Null), rest);
        }
        (Value::List(items), PathSegment::Index(index)) => {
            if let Some(item) = items.get_mut(*index) {
                put_null(item, rest);
            }
        }
        // An ancestor is already null.
        _ => {}
    }
}

struct Finding<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    types: &'a Registry,
}

impl<'a> Finding<'a> {
    /// Length of the longest prefix of a path that ends at a nullable position; 0 if only `data` itself is nullable.
    fn deepest_nullable(
        &self,
        root: &str,
        selections: &'a Positioned<SelectionSet>,
        path: &[PathSegment],
    ) -> usize {
        let (mut owner, mut selections, mut nullable) = (root.to_owned(), vec![selections], 0);
        let mut left = String::new();
        for (length, segment) in (1..).zip(path) {
            match segment {
                PathSegment::Field(key) => {
                    let mut found = Vec::new();
                    selections.iter().for_each(|set| self.find(set, &owner, key, &mut found));
                    let Some((declared, _)) = found.first() else { return nullable };
                    left = declared.clone();
                    selections = found.into_iter().map(|(_, below)| below).collect();
                }
                PathSegment::Index(_) => left = item_of(&left),
            }
            if !left.ends_with('!') {
                nullable = length;
            }
            owner = left.trim_matches(['[', ']', '!']).to_owned();
        }
        nullable
    }

    /// Fields with a response key in a selection set, each with its declared type and its own selection set.
    fn find(
        &self,
        selections: &'a Positioned<SelectionSet>,
        owner: &str,
        key: &str,
        found: &mut Vec<(String, &'a Positioned<SelectionSet>)>,
    ) {
        for selection in &selections.node.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    let declared =
                        self.types.types.get(owner).and_then(|it| it.field_by_name(&field.node.name.node));
                    if let Some(declared) = declared {
                        found.push((declared.ty.clone(), &field.node.selection_set));
                    }
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let owner = condition.map_or(owner, |condition| condition.node.on.node.as_str());
                    self.find(&fragment.node.selection_set, owner, key, found);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) {
                        let owner = fragment.node.type_condition.node.on.node.as_str();
                        self.find(&fragment.node.selection_set, owner, key, found);
                    }
                }
            }
        }
    }
}

/// Item type of a list type: `Page!` for `[Page!]!`.
fn item_of(list: &str) -> String {
    let list = list.strip_suffix('!').unwrap_or(list);
    list.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(list).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_s_items_have_the_type_within_the_brackets() {
        assert_eq!(item_of("[Page!]!"), "Page!");
        assert_eq!(item_of("[[Int]!]"), "[Int]!");
        assert_eq!(item_of("Page"), "Page");
    }

    #[test]
    fn a_null_takes_the_place_of_what_was_answered_there() {
        let answered = || async_graphql::value!({ "a": [{ "b": 1 }, { "b": 2 }], "c": 3 });
        let at = |path: &[PathSegment]| {
            let mut data = answered();
            put_null(&mut data, path);
            data.into_json().expect("JSON").to_string()
        };
        let field = |name: &str| PathSegment::Field(name.into());
        assert_eq!(at(&[]), "null");
        assert_eq!(at(&[field("d")]), r#"{"a":[{"b":1},{"b":2}],"c":3,"d":null}"#);
        assert_eq!(at(&[field("a"), PathSegment::Index(1)]), r#"{"a":[{"b":1},null],"c":3}"#);
        assert_eq!(
            at(&[field("a"), PathSegment::Index(0), field("e")]),
            r#"{"a":[{"b":1,"e":null},{"b":2}],"c":3}"#
        );
    }
}
