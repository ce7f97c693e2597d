//! Responses are serialized like by any other JSON serializer.

use api::pipeline::json;
use async_graphql::{Name, Number, PathSegment, Response, ServerError, Value};
use proptest::prelude::*;

/// Any value that a response can have.
fn values() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(|whole| Value::Number(whole.into())),
        any::<u64>().prop_map(|whole| Value::Number(whole.into())),
        any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
        texts().prop_map(Value::String),
        "[A-Z_]{1,12}".prop_map(|name| Value::Enum(Name::new(name))),
        proptest::collection::vec(any::<u8>(), 0..4).prop_map(|bytes| Value::Binary(bytes.into())),
    ];
    plain.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::List),
            proptest::collection::vec((texts(), inner), 0..8).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(name, value)| (Name::new(name), value)).collect())
            }),
        ]
    })
}

/// Strings of any characters, and long ones with an escape at any position.
fn texts() -> impl Strategy<Value = String> {
    let escaped =
        prop::sample::select(vec!["", "\"", "\\", "\n", "\0", "\u{1f}", "\u{7f}", "\u{2028}", "й", "😀"]);
    prop_oneof![
        any::<String>(),
        (0_usize..80, escaped, 0_usize..80)
            .prop_map(|(before, it, after)| "a".repeat(before) + it + &"я".repeat(after)),
    ]
}

proptest! {
    #[test]
    fn an_answer_is_written_as_serde_writes_it(
        data in values(),
        extensions in proptest::collection::btree_map(texts(), values(), 0..3),
        errors in proptest::collection::vec(texts(), 0..3),
        is_of_field in any::<bool>(),
    ) {
        let mut response = Response::new(data);
        response.extensions = extensions;
        let path = if is_of_field { vec![PathSegment::Field("page".into())] } else { Vec::new() };
        let error = |text| ServerError::new(text, None).with_path(path.clone());
        response.errors = errors.into_iter().map(error).collect();
        let mut expected = serde_json::to_string(&response).expect("JSON");
        // If nothing was executed, there is no `data`, not even null.
        if !is_of_field && !response.errors.is_empty() && response.data == Value::Null {
            expected = expected.replacen("\"data\":null,", "", 1);
        }
        let written = json::of_response(&response).expect("JSON");
        prop_assert_eq!(String::from_utf8(written).expect("UTF-8"), expected);
    }
}
