//! Subscriptions have one root field, without conditions (GraphQL specification, 5.2.4.1 "Single Root Field").

use async_graphql::{
    Pos, ServerError,
    parser::types::{ExecutableDocument, OperationType},
};

use super::error;
use crate::document::subscription_field::{self, MAX_SUBSCRIPTIONS, RootFields};

/// Checks the subscriptions of a document.
pub(super) fn check(document: &ExecutableDocument) -> Vec<ServerError> {
    if subscription_field::subscriptions(document) > MAX_SUBSCRIPTIONS {
        let text =
            format!("A document must have at most {MAX_SUBSCRIPTIONS} subscriptions; send them one by one.");
        return vec![error(text, Vec::new())];
    }
    let operations = document.operations.iter().map(|(_, operation)| &operation.node);
    let subscriptions = operations.filter(|operation| operation.ty == OperationType::Subscription);
    let faults = subscriptions.filter_map(|it| fault(&RootFields::collect(it, &document.fragments)));
    faults.map(|(text, locations)| error(text.to_owned(), locations)).collect()
}

fn fault(found: &RootFields<'_>) -> Option<(&'static str, Vec<Pos>)> {
    if let Some(at) = found.conditional {
        let text = "A subscription has no `@skip` or `@include` on its root field, or on a fragment around it; remove it.";
        return Some((text, vec![at]));
    }
    let (first, others) = found.fields.split_first()?;
    let key = &first.node.response_key().node;
    if let Some(other) = others.iter().find(|other| other.node.response_key().node != *key) {
        let text = "A subscription must have exactly one root field; make a subscription of each.";
        return Some((text, vec![first.pos, other.pos]));
    }
    let text = "The root field of a subscription must not be one of introspection; ask for those by a query.";
    first.node.name.node.starts_with("__").then(|| (text, vec![first.pos]))
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn a_subscription_has_one_root_field_without_conditions() {
        let check = |text: &str| check(&parse_query(text).expect("a document"));
        for text in [
            "{ a b __typename ... @skip(if: true) { c } }",
            "subscription { a { __typename @skip(if: true) b c } ...F } fragment F on Subscription { ... { a { d } } }",
        ] {
            assert!(check(text).is_empty(), "{text}");
        }
        for (text, part, positions) in [
            ("subscription { a b }", "exactly one", vec![(1, 16), (1, 18)]),
            (
                "subscription { a ...F } fragment F on Subscription { ... { b: a } }",
                "exactly one",
                vec![(1, 16), (1, 60)],
            ),
            ("subscription { __typename a }", "exactly one", vec![(1, 16), (1, 27)]),
            ("subscription { ... { a: __typename } }", "introspection", vec![(1, 22)]),
            ("query A { a } subscription B { a @include(if: true) b }", "@include", vec![(1, 34)]),
            (
                "subscription { ...F @skip(if: true) } fragment F on Subscription { a }",
                "@skip",
                vec![(1, 21)],
            ),
        ] {
            let found = check(text);
            let [error] = &found[..] else { panic!("{text}: {found:?}") };
            assert!(error.message.contains(part), "{text}: {}", error.message);
            assert_eq!(error.locations, positions.into_iter().map(Pos::from).collect::<Vec<_>>(), "{text}");
        }
        let many =
            |count: usize| (0..count).map(|it| format!("subscription S{it} {{ a }} ")).collect::<String>();
        assert!(check(&many(MAX_SUBSCRIPTIONS)).is_empty());
        assert_eq!(check(&many(MAX_SUBSCRIPTIONS + 1)).len(), 1);
    }
}
