//! Cost and dependencies of fields: each field of the schema declares its own, beside its resolver.

use std::collections::BTreeSet;

use api::{
    document::{Documents, FieldPolicies, Limits},
    graphql::{
        kit::field_policy::{Each, FieldPolicy, Items, Waits},
        schema::{self, Contract},
    },
};
use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use registry::snapshot::Kinds;

fn documents() -> Documents {
    Documents::new(schema::types().into(), FieldPolicies::new(schema::policies()).into())
}

/// All fields of the contracts: type and field. The library's registry also has the parts that roots are merged from.
fn fields() -> Vec<(String, String)> {
    let of_type = |definition: &TypeSystemDefinition| {
        let TypeSystemDefinition::Type(it) = definition else { return Vec::new() };
        let fields = match &it.node.kind {
            TypeKind::Object(object) => &object.fields,
            TypeKind::Interface(interface) => &interface.fields,
            _ => return Vec::new(),
        };
        fields.iter().map(|field| (it.node.name.to_string(), field.node.name.to_string())).collect()
    };
    let contracts = [Contract::Partner, Contract::Subgraph];
    let parsed = contracts.map(|contract| parse_schema(contract.sdl()).expect("the contract"));
    let fields: BTreeSet<_> = parsed.iter().flat_map(|sdl| &sdl.definitions).flat_map(of_type).collect();
    fields.into_iter().collect()
}

#[test]
fn every_field_declares_its_policy_and_every_policy_is_of_a_field() {
    let (types, policies) = (schema::types(), FieldPolicies::new(schema::policies()));
    let is_undeclared = |(owner, field): &(String, String)| policies.get(owner, field).is_none();
    let undeclared: Vec<_> = fields().into_iter().filter(is_undeclared).collect();
    assert!(undeclared.is_empty(), "declare these in the policy.rs of their folder: {undeclared:?}");
    let is_of_library = |name: &str| name.starts_with('_');
    let exists = |owner: &str, policy: &FieldPolicy| {
        let field = types.types.get(owner).and_then(|it| it.field_by_name(policy.name));
        field.is_some_and(|field| policy.arguments.iter().all(|cost| field.args.contains_key(cost.name)))
    };
    let unknown = policies.iter().filter(|(owner, policy)| {
        !is_of_library(owner) && !is_of_library(policy.name) && !exists(owner, policy)
    });
    assert_eq!(
        unknown.map(|(owner, policy)| format!("{owner}.{}", policy.name)).collect::<Vec<_>>(),
        [""; 0]
    );
}

#[test]
fn the_largest_first_of_a_list_is_that_of_its_description() {
    let (types, policies) = (schema::types(), FieldPolicies::new(schema::policies()));
    let mut lists = 0;
    for (owner, field) in fields() {
        let known = types.types.get(&owner).and_then(|it| it.field_by_name(&field));
        let Some(first) = known.and_then(|known| known.args.get("first")) else { continue };
        let most = policies.get(&owner, &field).expect("a policy").max_first;
        let description = first.description.as_deref().unwrap_or_default();
        assert!(description.ends_with(&format!("from 1 to {most}.")), "{owner}.{field}: {description}");
        lists += 1;
    }
    assert!(lists > 10, "{lists}");
}

#[test]
fn policies_of_all_fields() {
    let policies = FieldPolicies::new(schema::policies());
    let lines: Vec<String> = policies.iter().map(|(owner, policy)| line(owner, policy)).collect();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("field_policies", lines.join("\n")));
}

fn line(owner: &str, policy: &FieldPolicy) -> String {
    let kinds = match policy.depends_on {
        Kinds::NONE => "nothing".to_owned(),
        Kinds::ALL => "everything".to_owned(),
        Kinds::REGISTRY => "registry".to_owned(),
        Kinds::REFERENCE => "reference".to_owned(),
        kinds => kinds.iter().map(|kind| format!("{kind:?}")).collect::<Vec<_>>().join(" "),
    };
    let items = match policy.items {
        Items::Default => String::new(),
        Items::Times(number) => format!(" × {number} items"),
        Items::Argument(name) => format!(" × items of `{name}`"),
    };
    let points = if policy.points > 0 { format!(" {} points", policy.points) } else { String::new() };
    let arguments = policy.arguments.iter().map(|cost| {
        let of = match cost.each {
            Each::Item => "each item",
            Each::Word => "each word",
            Each::Member(member) => member,
        };
        format!(" `{}` {}/20 {of}", cost.name, cost.parts)
    });
    let flags = [
        (policy.reads_search_index, " reads the search index"),
        (policy.depends_on_time, " time"),
        (policy.is_personal, " not cached"),
    ];
    let waits = match policy.waits {
        Waits::Never => String::new(),
        Waits::Always => " waits".to_owned(),
        Waits::With(argument) => format!(" waits with `{argument}`"),
    };
    let flags = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| *name);
    format!(
        "{owner}.{}: {kinds}{points}{items}{}{waits}{}",
        policy.name,
        arguments.collect::<String>(),
        flags.collect::<String>()
    )
}

#[test]
fn counts_wait_only_where_they_need_the_past() {
    let documents = documents();
    for (text, waits) in [
        ("{ coverage { total { obliged } } registryStatistics { total { pages } } }", false),
        ("{ authority(code: \"a\", asOf: \"2026-01-01T00:00:00Z\") { code } coverage { seq } }", false),
        ("{ coverage(asOf: null) { seq } }", false),
        ("{ coverage(asOf: \"2026-01-01T00:00:00Z\") { seq } }", true),
        ("query($at: DateTime) { registryStatistics(asOf: $at) { seq } }", true),
        ("{ coverage { series(period: { from: \"2026-01-01\" }) { to } } }", true),
        (
            "{ registryStatistics { ...F } } fragment F on RegistryStatistics { series(period: {}) { to } }",
            true,
        ),
    ] {
        let document = documents.parse(text, &Limits::public()).expect("document");
        assert_eq!(!document.async_fields.is_empty(), waits, "{text}");
    }
}

#[test]
fn a_response_with_a_field_that_declares_nothing_is_not_cached() {
    let documents = documents();
    let cached = |text: &str| {
        let document = documents.parse(text, &Limits::public()).expect("document");
        document.dependencies(None, &Default::default()).is_some()
    };
    assert!(cached("{ pages(first: 1) { nodes { __typename id } } }"));
    assert!(!cached("{ pages(first: 1) { nodes { __typename id undeclared } } }"));
    assert!(!cached("{ ...on Undeclared { id } }"));
    assert!(!cached("{ rateLimit { remaining } platforms { code } }"));
}

#[test]
fn a_window_of_the_feed_depends_on_what_its_arguments_and_fields_need() {
    let documents = documents();
    let dependencies = |fields: &str| {
        let document =
            documents.parse(&format!("{{ changes({fields} }}"), &Limits::public()).expect("document");
        document.dependencies(None, &Default::default()).expect("it is cached")
    };
    let plain = dependencies("first: 3) { nodes { seq } }");
    assert_eq!((plain.kinds, plain.depends_on_time), (Kinds::NONE, false));
    let of_platform = dependencies("first: 3, filter: { platforms: [\"vk\"] }) { nodes { seq } }");
    assert_eq!(of_platform.kinds, Kinds::NONE);
    let of_territory = dependencies("first: 3, filter: { territories: [\"ru-02\"] }) { nodes { seq } }");
    assert_eq!(of_territory.kinds, Kinds::REFERENCE, "which territories are in it");
    let of_owners = dependencies("first: 3, filter: { withOwners: true }) { nodes { seq } }");
    assert_eq!(of_owners.kinds, Kinds::REGISTRY, "who owns which pages");
    let with_id = dependencies("first: 3) { nodes { subjectId } }");
    assert_eq!(with_id.kinds, Kinds::NONE, "an id never changes");
    assert!(
        dependencies("first: 3) { receipt { seq } }").depends_on_time,
        "receipts are signed between changes"
    );
}

#[test]
fn territories_within_territories_cost_what_they_may_be() {
    let nested =
        "{ territory(code: \"ru\") { children { parent { children { parent { children { code } } } } } } }";
    let document = documents().parse(nested, &Limits::public()).expect("document");
    assert!(document.cost(None, &Default::default(), &Limits::public()).is_err());
}
