//! Size of a document with its fragments expanded. Fragments are not actually expanded, so that a short document that
//! expands to billions of fields is rejected quickly.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::{limit_error::LimitError, limits::Limits};

/// Maximum depth of introspection fields; the standard introspection query has fourteen.
const INTROSPECTION_DEPTH: usize = 20;
/// Maximum number of nested introspection lists, as in graphql-js: each multiplies the size of the response.
const INTROSPECTION_LISTS: usize = 2;
/// Introspection fields that are such lists.
const LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// Size of a document.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    fragments: usize,
    /// Maximum over all operations.
    size: Size,
}

impl Shape {
    /// Measures a document.
    ///
    /// # Errors
    /// When a fragment contains itself.
    pub(super) fn measure(document: &ExecutableDocument) -> Result<Self, LimitError> {
        let mut measuring = Measuring { document, fragments: HashMap::new() };
        // Unused fragments are measured, too, to find cycles among them.
        for name in document.fragments.keys() {
            measuring.fragment(name)?;
        }
        let mut size = Size::default();
        for (_, operation) in document.operations.iter() {
            size.widen(measuring.selections(&operation.node.selection_set)?);
            let defaults = operation.node.variable_definitions.iter();
            let defaults = defaults.filter_map(|it| {
                it.node.default_value().cloned().map(async_graphql_value::ConstValue::into_value)
            });
            size.list_items = defaults.map(|value| longest_list(&value)).fold(size.list_items, usize::max);
        }
        Ok(Self { fragments: document.fragments.len(), size })
    }

    /// Selections of the largest operation, fragments expanded.
    pub(super) fn selections(&self) -> u64 {
        self.size.selections
    }

    /// Checks the document against limits.
    ///
    /// # Errors
    /// The first limit that is exceeded.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), LimitError> {
        let Self { fragments, size } = self;
        let introspects_too_much =
            size.introspection_depth > INTROSPECTION_DEPTH || size.introspection_lists > INTROSPECTION_LISTS;
        if *fragments > limits.fragments {
            Err(LimitError::Fragments(limits.fragments))
        } else if size.selections > limits.selections {
            Err(LimitError::Selections(limits.selections))
        } else if size.root_fields > limits.root_fields as u64 {
            Err(LimitError::RootFields(limits.root_fields))
        } else if size.depth > limits.depth {
            Err(LimitError::Depth(limits.depth))
        } else if size.list_items > limits.list_items {
            Err(LimitError::ListItems(limits.list_items))
        } else if introspects_too_much {
            Err(LimitError::Introspection)
        } else {
            Ok(())
        }
    }
}

/// Size of a selection set with its fragments expanded.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    selections: u64,
    depth: usize,
    root_fields: u64,
    /// Nested lists that count as introspection lists if they are below an introspection field.
    lists: usize,
    introspection_depth: usize,
    introspection_lists: usize,
    /// Items of the longest list in the document.
    list_items: usize,
}

impl Size {
    /// Adds a sibling selection.
    fn add(&mut self, other: Self) {
        let selections = self.selections.saturating_add(other.selections);
        let root_fields = self.root_fields.saturating_add(other.root_fields);
        self.widen(other);
        (self.selections, self.root_fields) = (selections, root_fields);
    }

    /// Takes the maximum of each value.
    fn widen(&mut self, other: Self) {
        self.selections = self.selections.max(other.selections);
        self.root_fields = self.root_fields.max(other.root_fields);
        self.depth = self.depth.max(other.depth);
        self.lists = self.lists.max(other.lists);
        self.introspection_depth = self.introspection_depth.max(other.introspection_depth);
        self.introspection_lists = self.introspection_lists.max(other.introspection_lists);
        self.list_items = self.list_items.max(other.list_items);
    }
}

/// Measures selection sets; each fragment is measured once.
struct Measuring<'a> {
    document: &'a ExecutableDocument,
    /// `None` while a fragment is being measured: meeting it again means a cycle.
    fragments: HashMap<&'a str, Option<Size>>,
}

impl<'a> Measuring<'a> {
    fn selections(&mut self, selections: &'a Positioned<SelectionSet>) -> Result<Size, LimitError> {
        let mut size = Size::default();
        for selection in &selections.node.items {
            let one = match &selection.node {
                Selection::Field(field) => self.field(&field.node)?,
                Selection::InlineFragment(fragment) => self.selections(&fragment.node.selection_set)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            };
            size.add(one);
            size.selections = size.selections.saturating_add(1);
        }
        Ok(size)
    }

    fn field(&mut self, field: &'a Field) -> Result<Size, LimitError> {
        let below = self.selections(&field.selection_set)?;
        let name = field.name.node.as_str();
        let size = Size {
            depth: below.depth + 1,
            root_fields: 1,
            lists: below.lists + usize::from(LISTS.contains(&name)),
            list_items: field
                .arguments
                .iter()
                .map(|(_, value)| longest_list(&value.node))
                .fold(below.list_items, usize::max),
            ..below
        };
        Ok(if name.starts_with("__") {
            Size { depth: 1, introspection_depth: size.depth, introspection_lists: size.lists, ..size }
        } else {
            size
        })
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Size, LimitError> {
        match self.fragments.get(name.as_str()) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(LimitError::FragmentCycle),
            None => {}
        }
        // Validation reports unknown fragments.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Size::default()) };
        self.fragments.insert(name, None);
        let size = self.selections(&fragment.node.selection_set)?;
        self.fragments.insert(name, Some(size));
        Ok(size)
    }
}

/// Items of the longest list in a value.
fn longest_list(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(longest_list).fold(items.len(), usize::max),
        Value::Object(fields) => fields.values().map(longest_list).max().unwrap_or_default(),
        _ => 0,
    }
}
