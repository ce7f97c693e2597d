//! Defaults of arguments for variables without a value.
//!
//! A variable that has neither a value nor a default leaves its argument out, so that the argument's default applies
//! (GraphQL specification, 6.4.1). The library passes null instead. So such a variable takes over the default of the
//! argument, or of the field of an input object. If it is passed to several whose defaults differ, each default has a variable
//! of its own, which gets the value of the request under a name that no document can have.

mod passed_variables;

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationDefinition, SelectionSet, VariableDefinition},
    },
    registry::{MetaInputValue, MetaTypeName, Registry},
};
use async_graphql_value::ConstValue;

use super::operations::{operations_mut, root_type};
use passed_variables::{Met, visit};

/// Distinct defaults that variables are passed to, each as the first argument or input field that has it; `None` where there is
/// no default.
type Targets<'t> = HashMap<Name, Vec<Option<&'t MetaInputValue>>>;

/// Gives each nullable variable without a default those of the arguments and input fields that it is passed to.
pub(super) fn take_over(document: &mut ExecutableDocument, types: &Registry) {
    if document.operations.iter().all(|(_, operation)| operation.node.variable_definitions.is_empty()) {
        return;
    }
    let fragments = document.fragments.iter_mut().map(|(name, fragment)| {
        let on = fragment.node.type_condition.node.on.node.clone();
        (name.clone(), Passed::of(types, &mut fragment.node.selection_set.node, &on))
    });
    let fragments: HashMap<Name, Passed<'_>> = fragments.collect();
    let operations = operations_mut(&mut document.operations).into_iter().map(|operation| {
        let operation = &mut operation.node;
        let own = Passed::of(types, &mut operation.selection_set.node, root_type(operation.ty));
        (operation, own.and_of(&fragments))
    });
    let mut operations: Vec<(&mut OperationDefinition, Targets<'_>)> = operations.collect();
    let names = operations.iter().flat_map(|(_, targets)| targets.keys());
    let split: HashSet<Name> = names.filter(|name| is_split(name, &operations)).cloned().collect();
    if !split.is_empty() {
        for (operation, _) in &mut operations {
            let on = types.types.get(root_type(operation.ty));
            visit(types, &mut operation.selection_set.node, on, |met| rename(met, &split));
        }
        for fragment in document.fragments.values_mut() {
            let on = types.types.get(fragment.node.type_condition.node.on.node.as_str());
            visit(types, &mut fragment.node.selection_set.node, on, |met| rename(met, &split));
        }
    }
    operations.into_iter().for_each(|(operation, targets)| declare(operation, &targets, &split));
}

/// Name that a request has for a variable of a prepared document.
pub(super) fn name_in_request(name: &str) -> &str {
    name.split_once(' ').map_or(name, |(name, _)| name)
}

/// Name of the variable that takes over one of several defaults. No document has it, because names have no spaces.
fn name_with(name: &str, default: &str) -> Name {
    Name::new(format!("{name} {default}"))
}

fn default_of(target: Option<&MetaInputValue>) -> Option<&str> {
    target?.default_value.as_deref()
}

fn add<'t>(targets: &mut Vec<Option<&'t MetaInputValue>>, target: Option<&'t MetaInputValue>) {
    if targets.iter().all(|known| default_of(*known) != default_of(target)) {
        targets.push(target.filter(|it| it.default_value.is_some()));
    }
}

/// What an operation or a fragment passes its variables to, and the fragments that it spreads.
#[derive(Default)]
struct Passed<'t> {
    targets: Targets<'t>,
    fragments: Vec<Name>,
}

impl<'t> Passed<'t> {
    fn of(types: &'t Registry, selections: &mut SelectionSet, on: &str) -> Self {
        let mut passed = Self::default();
        visit(types, selections, types.types.get(on), |met| match met {
            Met::Variable(name, target) => add(passed.targets.entry(name.clone()).or_default(), target),
            Met::Fragment(name) => passed.fragments.push(name.clone()),
        });
        passed
    }

    /// The targets, with those of all fragments that are spread.
    fn and_of(self, fragments: &HashMap<Name, Self>) -> Targets<'t> {
        let Self { mut targets, fragments: mut left } = self;
        let mut visited = HashSet::new();
        while let Some(name) = left.pop() {
            let Some(fragment) = fragments.get(&name) else { continue };
            if !visited.insert(name) {
                continue;
            }
            left.extend_from_slice(&fragment.fragments);
            for (name, passed) in &fragment.targets {
                let known = targets.entry(name.clone()).or_default();
                passed.iter().for_each(|target| add(known, *target));
            }
        }
        targets
    }
}

/// Whether a variable that may be left out is passed to targets with different defaults. One that is not valid stays as it is:
/// validation reports it by its name.
fn is_split(name: &Name, operations: &[(&mut OperationDefinition, Targets<'_>)]) -> bool {
    let (mut all, mut may_lack) = (Vec::new(), false);
    for (operation, targets) in operations {
        let Some(targets) = targets.get(name) else { continue };
        let mut declared = operation.variable_definitions.iter().filter(|it| it.node.name.node == *name);
        let (Some(declared), None) = (declared.next(), declared.next()) else { return false };
        if !targets.iter().flatten().all(|target| fits(&declared.node, target)) {
            return false;
        }
        may_lack |= declared.node.var_type.node.nullable && declared.node.default_value.is_none();
        targets.iter().for_each(|target| add(&mut all, *target));
    }
    may_lack && all.len() > 1
}

/// Whether a target takes a variable, apart from null. Validation rejects a variable of another type by its value.
fn fits(declared: &VariableDefinition, target: &MetaInputValue) -> bool {
    let takes = MetaTypeName::create(&target.ty).unwrap_non_null();
    takes.is_subtype(&MetaTypeName::create(&declared.var_type.node.to_string()))
}

/// Passes the variable of its default to a target.
fn rename(met: Met<'_, '_>, split: &HashSet<Name>) {
    if let Met::Variable(name, target) = met
        && let Some(default) = default_of(target)
        && split.contains(name.as_str())
    {
        *name = name_with(name, default);
    }
}

/// Declares the variables that an operation has now, with the defaults that they take over.
fn declare(operation: &mut OperationDefinition, targets: &Targets<'_>, split: &HashSet<Name>) {
    for declared in std::mem::take(&mut operation.variable_definitions) {
        let name = &declared.node.name.node;
        let targets = targets.get(name).map_or(&[][..], Vec::as_slice);
        if split.contains(name) && !targets.is_empty() {
            let variables = targets.iter().map(|target| match target {
                Some(target) => with_default(renamed(&declared, target), target),
                None => declared.clone(),
            });
            operation.variable_definitions.extend(variables);
        } else if let [Some(target)] = targets {
            operation.variable_definitions.push(with_default(declared, target));
        } else {
            operation.variable_definitions.push(declared);
        }
    }
}

/// The variable under the name that a target has for it.
fn renamed(
    declared: &Positioned<VariableDefinition>,
    target: &MetaInputValue,
) -> Positioned<VariableDefinition> {
    let mut renamed = declared.clone();
    let name = &mut renamed.node.name.node;
    *name = name_with(name, default_of(Some(target)).unwrap_or_default());
    renamed
}

/// The variable with the default of a target, unless it has a default or needs a value.
fn with_default(
    mut declared: Positioned<VariableDefinition>,
    target: &MetaInputValue,
) -> Positioned<VariableDefinition> {
    let may_lack = declared.node.var_type.node.nullable && declared.node.default_value.is_none();
    if may_lack && fits(&declared.node, target) {
        let taken = default_of(Some(target)).and_then(value_of);
        declared.node.default_value = taken.map(|value| Positioned::new(value, declared.pos));
    }
    declared
}

/// Value of a literal.
fn value_of(literal: &str) -> Option<ConstValue> {
    // The parser reads documents only.
    let document = parse_query(format!("query($it: It = {literal}) {{ it }}")).ok()?;
    let (_, operation) = document.operations.iter().next()?;
    let value = operation.node.variable_definitions.first()?.node.default_value.as_ref()?;
    Some(value.node.clone())
}

#[cfg(test)]
mod tests;
