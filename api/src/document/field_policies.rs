//! Policies of all fields of the schema, by type and field.

use std::collections::{HashMap, HashSet};

use crate::graphql::kit::field_policy::{FieldPolicy, TypePolicy, Waits};

/// Policies of all fields of the schema.
#[derive(Clone, Debug)]
pub struct FieldPolicies {
    fields: HashMap<&'static str, HashMap<&'static str, FieldPolicy>>,
    async_fields: Vec<(&'static str, Waits)>,
}

impl FieldPolicies {
    /// Joins the policies that types declare.
    ///
    /// # Panics
    /// When a field is declared twice: which policy holds would depend on the order.
    pub fn new<'a>(types: impl IntoIterator<Item = &'a TypePolicy>) -> Self {
        let mut fields: HashMap<_, HashMap<_, FieldPolicy>> = HashMap::new();
        for type_policy in types {
            for policy in type_policy.policies() {
                let before = fields.entry(type_policy.name).or_default().insert(policy.name, policy);
                assert!(before.is_none(), "{}.{} is declared twice", type_policy.name, policy.name);
            }
        }
        let all = fields.values().flat_map(HashMap::values);
        let waiting = all.filter(|it| it.waits != Waits::Never).map(|it| (it.name, it.waits));
        // The same field of several types counts once.
        let async_fields: HashSet<_> = waiting.collect();
        Self { async_fields: async_fields.into_iter().collect(), fields }
    }

    /// Policy of a field of a type, if it is declared.
    pub fn get(&self, owner: &str, field: &str) -> Option<&FieldPolicy> {
        self.fields.get(owner)?.get(field)
    }

    /// All declared fields: type and policy, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &FieldPolicy)> {
        let types = self.fields.iter();
        let mut all: Vec<_> =
            types.flat_map(|(owner, fields)| fields.values().map(|policy| (*owner, policy))).collect();
        all.sort_by_key(|(owner, policy)| (*owner, policy.name));
        all.into_iter()
    }

    /// Names of fields whose resolvers wait, and when they do.
    pub(super) fn async_fields(&self) -> &[(&'static str, Waits)] {
        &self.async_fields
    }
}
