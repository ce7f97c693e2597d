//! The header `Idempotency-Key`, and the fingerprint of a request that has it.

use async_graphql::{Request as GraphqlRequest, Value, parser::types::OperationType};
use axum::http::{HeaderMap, HeaderName, request::Parts};
use blake3::Hasher;
use registry::{
    api_client::AuthenticatedClient,
    idempotency::requests::KeyedRequest,
    model::{Client, Reach},
};

use super::{
    request::{self, ParsedRequest},
    request_error::RequestError,
};
use crate::{error_code::ErrorCode, graphql::kit::context::IdempotencyKey};

/// Header with the idempotency key of a write.
pub(crate) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Header of a response that was sent before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Maximum number of characters of a key.
const MAX_KEY: usize = 255;

/// The idempotency key of a request, if it has one.
///
/// # Errors
/// When it is not a valid key, or there are several.
pub(crate) fn read(headers: &HeaderMap) -> Result<Option<Box<str>>, RequestError> {
    let mut values = headers.get_all(KEY).iter();
    let (Some(first), others) = (values.next(), values.count()) else { return Ok(None) };
    let is_key = |text: &&str| {
        (1..=MAX_KEY).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    };
    let key = std::str::from_utf8(first.as_bytes()).ok().filter(|text| others == 0 && is_key(text));
    key.map(|key| Some(key.into())).ok_or_else(|| {
        let text =
            "Send one `Idempotency-Key` of 1 to 255 printable ASCII characters, such as a random UUID.";
        RequestError::new(ErrorCode::BadRequest, text)
    })
}

/// Hash of what a request asks for. Each part has its length, so that no two requests have the same parts.
#[derive(Default)]
pub(crate) struct Fingerprint(Hasher);

impl Fingerprint {
    /// The fingerprint of the method and the address.
    pub(crate) fn of(head: &Parts) -> Self {
        let mut fingerprint = Self::default();
        for part in [head.method.as_str(), head.uri.path(), head.uri.query().unwrap_or_default()] {
            fingerprint.add(part.as_bytes());
        }
        fingerprint
    }

    /// Adds a part.
    pub(crate) fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes()).update(part);
    }

    /// Adds a value: the order of the fields of objects does not matter.
    fn add_value(&mut self, value: &Value) {
        match value {
            Value::Null => self.add(b"null"),
            Value::Boolean(is_so) => self.add(if *is_so { b"true" } else { b"false" }),
            Value::Number(number) => self.add_kind(b"number", number.to_string().as_bytes()),
            Value::String(text) => self.add_kind(b"string", text.as_bytes()),
            Value::Enum(name) => self.add_kind(b"enum", name.as_bytes()),
            Value::Binary(bytes) => self.add_kind(b"binary", bytes),
            Value::List(items) => {
                self.add_kind(b"list", &(items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| self.add_value(item));
            }
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_unstable_by_key(|(name, _)| *name);
                self.add_kind(b"object", &(fields.len() as u64).to_le_bytes());
                for (name, value) in fields {
                    self.add(name.as_bytes());
                    self.add_value(value);
                }
            }
        }
    }

    /// Adds the scopes and the limits of a client.
    fn add_rights(&mut self, client: &Client) {
        let mut scopes: Vec<&str> = client.scopes.iter().map(|scope| scope.name()).collect();
        scopes.sort_unstable();
        scopes.into_iter().for_each(|scope| self.add(scope.as_bytes()));
        let reach = Reach::from(client);
        for id in [reach.platform_id, reach.organization_id, reach.territory_id] {
            self.add(&id.map(i64::to_le_bytes).unwrap_or_default());
        }
    }

    fn add_kind(&mut self, kind: &[u8], value: &[u8]) {
        self.add(kind);
        self.add(value);
    }

    /// The hash.
    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// The idempotency key of a mutation, before its fingerprint is computed.
pub(crate) struct MutationKey {
    client: AuthenticatedClient,
    key: Box<str>,
    /// Hash of the method and the address.
    target: [u8; 32],
}

/// A mutation with an idempotency key.
pub(crate) struct KeyedMutation {
    pub(crate) client: AuthenticatedClient,
    pub(crate) request: KeyedRequest,
}

impl MutationKey {
    /// The key of a request of a client, if it is a mutation and has one: queries need none.
    ///
    /// # Errors
    /// When it is not a valid key, or there are several.
    pub(crate) fn of(
        client: &AuthenticatedClient,
        head: &Parts,
        read: &ParsedRequest,
    ) -> Result<Option<Self>, RequestError> {
        let operation = read.request.operation_name.as_deref();
        if request::operation_type(&read.document.parsed, operation) != Some(OperationType::Mutation) {
            return Ok(None);
        }
        let key = self::read(&head.headers)?;
        Ok(key.map(|key| Self { client: client.clone(), key, target: Fingerprint::of(head).finish() }))
    }

    /// The mutation with its fingerprint, which resolvers get as request data: document, operation and variables.
    pub(super) fn complete(self, request: &mut GraphqlRequest, document: &blake3::Hash) -> KeyedMutation {
        let Self { client, key, target } = self;
        let mut fingerprint = Fingerprint::default();
        fingerprint.add(&target);
        fingerprint.add(document.as_bytes());
        fingerprint.add(request.operation_name.as_deref().unwrap_or_default().as_bytes());
        for (name, value) in request.variables.iter() {
            fingerprint.add(name.as_bytes());
            fingerprint.add_value(value);
        }
        let request_hash = fingerprint.finish();
        request.data.insert(IdempotencyKey { key: key.clone(), request_hash });
        // The stored response shows what the client was allowed to see.
        let mut of_response = Fingerprint::default();
        of_response.add(&request_hash);
        of_response.add_rights(&client);
        let request_hash = of_response.finish();
        KeyedMutation { request: KeyedRequest { client_id: client.id, key, request_hash }, client }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use axum::http::{HeaderValue, Request};
    use serde_json::json;

    use super::*;

    fn key(values: &[&[u8]]) -> Result<Option<Box<str>>, ErrorCode> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(KEY, HeaderValue::from_bytes(value).expect("a value"));
        }
        read(&headers).map_err(|error| error.code())
    }

    #[test]
    fn a_key_is_one_text_of_printable_ascii() {
        assert_eq!(key(&[]), Ok(None));
        let longest = "k".repeat(MAX_KEY);
        for text in ["k", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "a b~", &longest] {
            assert_eq!(key(&[text.as_bytes()]), Ok(Some(text.into())), "{text}");
        }
        for wrong in [b"".as_slice(), "k".repeat(MAX_KEY + 1).as_bytes(), "ключ".as_bytes(), b"a\tb", b"\xff"]
        {
            assert_eq!(key(&[wrong]), Err(ErrorCode::BadRequest), "{}", wrong.escape_ascii());
        }
        assert_eq!(key(&[b"k", b"k"]), Err(ErrorCode::BadRequest), "two headers");
    }

    fn fingerprint(variables: serde_json::Value) -> [u8; 32] {
        let (head, ()) = Request::post("/graphql").body(()).expect("a request").into_parts();
        let mut fingerprint = Fingerprint::of(&head);
        for (name, value) in Variables::from_json(variables).iter() {
            fingerprint.add(name.as_bytes());
            fingerprint.add_value(value);
        }
        fingerprint.finish()
    }

    #[test]
    fn the_order_of_fields_does_not_matter_and_every_value_does() {
        let first = fingerprint(json!({ "a": { "b": 1, "c": [1, 2] }, "d": null }));
        assert_eq!(first, fingerprint(json!({ "d": null, "a": { "c": [1, 2], "b": 1 } })));
        for other in [
            json!({ "a": { "b": 1, "c": [2, 1] }, "d": null }),
            json!({ "a": { "b": 1, "c": [1, 2] } }),
            json!({ "a": { "b": "1", "c": [1, 2] }, "d": null }),
            json!({ "a": { "b": 1, "c": [1], "e": 2 }, "d": null }),
            json!({ "a": { "b": 1, "c": [[1, 2]] }, "d": null }),
            json!({ "a": { "b": 1, "c": [1, 2] }, "d": "null" }),
            json!({ "a": { "b": 1, "c": [1, 2] }, "d": false }),
        ] {
            assert_ne!(first, fingerprint(other.clone()), "{other}");
        }
    }
}
