//! Representations: objects with the type and a key of an entity, sent by routers.

use std::borrow::Cow;

use async_graphql::{Name, OutputType, Value, indexmap::IndexMap};
use registry::{verification, view::View};

use super::object::{Entity, PlatformAccount};
use crate::graphql::{
    error::{Error, Result},
    node::{self, Node},
    page::Page,
    platform::Platform,
    territory::Territory,
};

/// Interface of authorities and institutions: its entities are those of both types.
const ORGANIZATION: &str = "Organization";
/// Types of entities and their keys; of several keys in a representation, the first one counts.
pub(super) const KEYS: &[(&str, &[KeyFields])] = &[
    ("Authority", &[KeyFields::Id, KeyFields::Code]),
    ("Institution", &[KeyFields::Id, KeyFields::Code]),
    (ORGANIZATION, &[KeyFields::Id, KeyFields::Code]),
    ("Page", &[KeyFields::Id, KeyFields::NativeId, KeyFields::Handle]),
    ("Platform", &[KeyFields::Id, KeyFields::Code]),
    ("PlatformAccount", &[KeyFields::NativeId]),
    ("Territory", &[KeyFields::Id, KeyFields::Code]),
];

/// Fields of a key.
#[derive(Clone, Copy)]
pub(super) enum KeyFields {
    Id,
    Code,
    NativeId,
    Handle,
}

/// A key with its values.
enum Key<'a> {
    Id(Cow<'a, str>),
    Code(&'a str),
    NativeId(&'a str, Cow<'a, str>),
    Handle(&'a str, &'a str),
}

impl KeyFields {
    /// The fields as in `@key`.
    pub(super) const fn names(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Code => "code",
            Self::NativeId => "platformCode nativeId",
            Self::Handle => "platformCode handle",
        }
    }

    /// The key in a representation; `None` if a field is missing, null or of another type.
    fn read(self, fields: &IndexMap<Name, Value>) -> Option<Key<'_>> {
        Some(match self {
            Self::Id => Key::Id(id(fields.get("id")?)?),
            Self::Code => Key::Code(text(fields.get("code")?)?),
            Self::NativeId => Key::NativeId(text(fields.get("platformCode")?)?, id(fields.get("nativeId")?)?),
            Self::Handle => Key::Handle(text(fields.get("platformCode")?)?, text(fields.get("handle")?)?),
        })
    }
}

/// Value of the type `String`.
fn text(value: &Value) -> Option<&str> {
    if let Value::String(text) = value { Some(text) } else { None }
}

/// Value of the type `ID`: a string or an integer.
fn id(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Number(number) if number.is_i64() => Some(number.to_string().into()),
        other => text(other).map(Cow::Borrowed),
    }
}

/// Entity of a representation; `None` if the registry has none with its key that the viewer may see.
///
/// # Errors
/// When it is not an object with a known type and a complete key of it, or was replaced by the reason why it is not accepted.
pub fn find<'a>(view: &'a View, representation: &Value) -> Result<Option<Entity<'a>>> {
    let fields = match representation {
        Value::Object(fields) => fields,
        // Not an enum value of a document: those have no spaces.
        Value::Enum(reason) if reason.contains(' ') => return Err(Error::BadInput(reason.to_string())),
        _ => {
            let text = "A representation must be an object with `__typename` and a key.";
            return Err(Error::BadInput(text.into()));
        }
    };
    let Some(name) = fields.get("__typename").and_then(text) else {
        return Err(Error::BadInput("A representation must have its type in `__typename`.".into()));
    };
    let Some((name, keys)) = KEYS.iter().find(|(known, _)| *known == name) else {
        return Err(Error::BadInput(format!("There are no entities of the type `{name}`.")));
    };
    let Some(key) = keys.iter().find_map(|key| key.read(fields)) else {
        return Err(Error::BadInput(incomplete(name, keys, fields)));
    };
    Ok(look_up(view, name, key))
}

/// Why a representation has no complete key. Of its fields, only those of keys are named: others are whatever was sent.
fn incomplete(name: &str, keys: &[KeyFields], fields: &IndexMap<Name, Value>) -> String {
    let needed = keys.iter().map(|key| format!("`{}`", key.names())).collect::<Vec<_>>().join(" or ");
    let mut received = Vec::new();
    for field in keys.iter().flat_map(|key| key.names().split(' ')) {
        let shown = match fields.get(field) {
            None => continue,
            Some(Value::Null) => format!("`{field}`, which is null"),
            Some(_) => format!("`{field}`"),
        };
        if !received.contains(&shown) {
            received.push(shown);
        }
    }
    let received =
        if received.is_empty() { "none of these fields".to_owned() } else { received.join(" and ") };
    let hint = if keys.len() > 1 {
        " A subgraph that declares two `@key`s of the type has this effect: declare one."
    } else {
        ""
    };
    format!(
        "A `{name}` needs {needed}; received: {received}. No field of a key may be null, and an integer \
         beyond 2^63-1 is written in quotes.{hint}"
    )
}

fn look_up<'a>(view: &'a View, name: &str, key: Key<'_>) -> Option<Entity<'a>> {
    let node = match key {
        Key::NativeId(platform_code, native_id) if name == "PlatformAccount" => {
            let (verdict, page) = verification::verify_account(view, platform_code, &native_id);
            let (platform_code, native_id) = (platform_code.to_owned(), native_id.into_owned());
            return Some(PlatformAccount { platform_code, native_id, verdict, page }.into());
        }
        Key::NativeId(platform_code, native_id) => {
            let platform = view.platform_by_code(platform_code)?;
            view.page_by_native_id(platform.id, &native_id).map(Page).map(Node::Page)
        }
        // The page that has the handle now: one that had it before may be another.
        Key::Handle(platform_code, handle) => {
            let platform = view.platform_by_code(platform_code)?;
            let folded = view.address_book().platform(platform.id)?.fold(handle);
            view.page_by_handle(platform.id, &folded).map(Page).map(Node::Page)
        }
        Key::Id(id) => node::find(view, &id),
        Key::Code(code) => match name {
            "Platform" => view.platform_by_code(code).map(Platform).map(Node::Platform),
            "Territory" => view.territory_by_code(code).map(Territory).map(Node::Territory),
            _ => view.organization_by_code(code).map(node::of_organization),
        },
    };
    // An organization with the code or the id may be of the other type.
    let is_of_type = |node: &Node<'_>| match node {
        Node::Authority(_) | Node::Institution(_) if name == ORGANIZATION => true,
        node => node.introspection_type_name() == name,
    };
    node.filter(is_of_type).map(Entity::from)
}
