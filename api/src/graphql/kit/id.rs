//! Ids as the GraphQL type `ID`.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, ID, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry,
};

/// Global id of an object.
pub fn global(kind: &str, id: i64) -> ID {
    ID(registry::global_id::encode(kind, id))
}

/// Permanent id on a platform, borrowed: [`ID`] would copy it twice.
pub struct NativeId<'a>(pub &'a str);

impl OutputType for NativeId<'_> {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.0.to_owned()))
    }
}
