//! Introspection: fields that the library adds.

use registry::snapshot::Kinds;

use crate::graphql::kit::field_policy::{FieldPolicy, TypePolicy};

/// Cost and dependencies of each field: no change of data alters them.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::NONE, &["__typename"]).and(&[
        FieldPolicy::new("__schema", Kinds::NONE).cost(100),
        FieldPolicy::new("__type", Kinds::NONE).cost(10),
    ]),
    TypePolicy::new(
        "__Schema",
        Kinds::NONE,
        &["description", "types", "queryType", "mutationType", "subscriptionType", "directives"],
    ),
    TypePolicy::new(
        "__Type",
        Kinds::NONE,
        &[
            "kind",
            "name",
            "description",
            "specifiedByURL",
            "fields",
            "interfaces",
            "possibleTypes",
            "enumValues",
            "inputFields",
            "ofType",
            "isOneOf",
        ],
    ),
    TypePolicy::new(
        "__Field",
        Kinds::NONE,
        &["name", "description", "args", "type", "isDeprecated", "deprecationReason"],
    ),
    TypePolicy::new(
        "__InputValue",
        Kinds::NONE,
        &["name", "description", "type", "defaultValue", "isDeprecated", "deprecationReason"],
    ),
    TypePolicy::new(
        "__EnumValue",
        Kinds::NONE,
        &["name", "description", "isDeprecated", "deprecationReason"],
    ),
    TypePolicy::new(
        "__Directive",
        Kinds::NONE,
        &["name", "description", "locations", "args", "isRepeatable"],
    ),
];
