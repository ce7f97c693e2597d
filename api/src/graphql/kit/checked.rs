//! Values of inputs that stand for themselves: one that cannot be read fails its own item, not the whole request.

use std::borrow::Cow;

use async_graphql::{InputType, InputValueError, InputValueResult, Value, registry::Registry};

use super::scalar;

/// A value of a scalar, or the value that is none.
pub struct Checked<T>(pub Result<T, Value>);

impl<T: InputType> InputType for Checked<T> {
    type RawValueType = T::RawValueType;

    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let value = value.unwrap_or_default();
        if !scalar::can_read(&T::type_name(), &value) {
            return Ok(Self(Err(value)));
        }
        T::parse(Some(value)).map(|read| Self(Ok(read))).map_err(InputValueError::propagate)
    }

    fn to_value(&self) -> Value {
        match &self.0 {
            Ok(value) => value.to_value(),
            Err(value) => value.clone(),
        }
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.0.as_ref().ok()?.as_raw_value()
    }
}
