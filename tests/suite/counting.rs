//! Fragments are measured once, but counted at every spread.

use std::collections::BTreeMap;

use api::{
    document::{Documents, FieldPolicies, LimitError, Limits},
    graphql::schema,
};
use proptest::prelude::*;

use super::limits::repeated;

/// Fragments that spread only later ones: for each, its number of plain fields and its spreads.
fn fragments() -> impl Strategy<Value = Vec<(usize, Vec<usize>)>> {
    proptest::collection::vec(
        (0_usize..4, proptest::collection::vec(any::<prop::sample::Index>(), 0..4)),
        1..12,
    )
    .prop_map(|fragments| {
        let count = fragments.len();
        let later = |at: usize, names: Vec<prop::sample::Index>| {
            let left = count - at - 1;
            if left == 0 { Vec::new() } else { names.iter().map(|name| at + 1 + name.index(left)).collect() }
        };
        fragments
            .into_iter()
            .enumerate()
            .map(|(at, (fields, names))| (fields.max(1), later(at, names)))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn fragments_are_counted_as_if_they_were_put_in(fragments in fragments(), is_inline in any::<bool>()) {
        let mut expanded = BTreeMap::new();
        for (at, (fields, names)) in fragments.iter().enumerate().rev() {
            let below: u64 = names.iter().map(|name| 1 + expanded[name]).sum();
            expanded.insert(at, *fields as u64 + below + u64::from(is_inline));
        }
        let selections = 1 + expanded[&0];
        let body = |fields: usize, names: &[usize]| {
            let names = repeated(names.len(), |n| format!("...F{}", names[n]));
            let inline = if is_inline { "... { __typename }" } else { "" };
            format!("{} {inline} {names}", "__typename ".repeat(if is_inline { fields - 1 } else { fields }))
        };
        let texts = repeated(fragments.len(), |at| format!("fragment F{at} on Query {{ {} }}", body(fragments[at].0, &fragments[at].1)));
        let document = format!("{{ ...F0 }} {texts}");
        let parse = |most: u64| {
            let limits = Limits { selections: most, root_fields: usize::MAX, ..Limits::public() };
            Documents::new(schema::types().into(), FieldPolicies::new(schema::policies()).into()).parse(&document, &limits).map(|_| ())
        };
        prop_assert_eq!(parse(selections), Ok(()));
        prop_assert_eq!(parse(selections - 1), Err(LimitError::Selections(selections - 1)));
    }
}
