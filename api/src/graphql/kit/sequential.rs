//! Sequential resolution of fields that do not wait.
//!
//! async-graphql creates a future for each field and each list item, so that they can wait concurrently. Most fields here
//! resolve from memory at once; for them these futures cost more than the resolution.

use std::{borrow::Cow, pin::Pin, sync::Arc};

use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value,
    indexmap::{IndexMap, map::Entry},
    parser::types::{Field, Selection, SelectionSet},
    registry::{MetaType, Registry},
    resolver_utils::ContainerType,
};
use futures_util::future::join_all;
use registry::worker_pool;

use super::async_fields::AsyncFields;

/// Future of a resolved value.
pub type ResolveFuture<'a> = Pin<Box<dyn Future<Output = ServerResult<Value>> + Send + 'a>>;

/// Type whose fields may be resolved sequentially. Fields return a member of a union as [`SequentialObject`] or
/// [`SequentialList`], since only these apply fragments on the union to it.
pub trait ResolveSequentially: OutputType {
    /// Resolves the selected fields on the concrete object.
    fn resolve_sequentially<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> ResolveFuture<'a>;
}

impl<T: ResolveSequentially> ResolveSequentially for &T {
    fn resolve_sequentially<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> ResolveFuture<'a> {
        T::resolve_sequentially(self, ctx)
    }
}

impl<T: ResolveSequentially> ResolveSequentially for Option<T> {
    fn resolve_sequentially<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> ResolveFuture<'a> {
        match self {
            Some(object) => object.resolve_sequentially(ctx),
            None => Box::pin(std::future::ready(Ok(Value::Null))),
        }
    }
}

/// Implements sequential resolution for object types.
macro_rules! resolve_sequentially {
    ($($object:ty $(where $parameter:ident)?),+ $(,)?) => {$(
        impl$(<$parameter: $crate::graphql::kit::sequential::ResolveSequentially>)? $crate::graphql::kit::sequential::ResolveSequentially for $object {
            fn resolve_sequentially<'turn>(
                &'turn self,
                ctx: &'turn async_graphql::ContextSelectionSet<'turn>,
            ) -> $crate::graphql::kit::sequential::ResolveFuture<'turn> {
                $crate::graphql::kit::sequential::resolve(ctx, self)
            }
        }
    )+};
}
pub(crate) use resolve_sequentially;

/// Resolves the selected fields of an object: sequentially, unless one of them waits.
pub fn resolve<'a, T: ContainerType + Sync>(
    ctx: &'a ContextSelectionSet<'a>,
    object: &'a T,
) -> ResolveFuture<'a> {
    worker_pool::yield_if_due();
    if worker_pool::is_over() {
        // Past the deadline: stop the execution, so that the thread is free for other requests.
        return Box::pin(std::future::pending());
    }
    let waits =
        ctx.data_opt::<Arc<AsyncFields>>().is_none_or(|async_fields| async_fields.holds(ctx.item.pos));
    let mut fields = Vec::with_capacity(ctx.item.node.items.len());
    collect(ctx, &T::type_name(), ctx.item, &mut fields);
    if waits {
        return resolve_concurrently(ctx, object, fields);
    }
    Box::pin(async move {
        let mut answer = IndexMap::with_capacity(fields.len());
        for field in fields {
            let value = value_of(ctx, object, field).await;
            add_field(ctx, &mut answer, field, value);
        }
        Ok(Value::Object(answer))
    })
}

/// Resolves fields of an object concurrently, so that what they wait for is loaded together.
///
/// Not by the library, which ignores fragments on a union that the object's type is a member of.
fn resolve_concurrently<'a, T: ContainerType + Sync>(
    ctx: &'a ContextSelectionSet<'a>,
    object: &'a T,
    fields: Vec<&'a Positioned<Field>>,
) -> ResolveFuture<'a> {
    let value =
        |field: &'a Positioned<Field>| -> ResolveFuture<'a> { Box::pin(value_of(ctx, object, field)) };
    let values = join_all(fields.iter().copied().map(value));
    Box::pin(async move {
        let mut answer = IndexMap::with_capacity(fields.len());
        for (field, value) in fields.into_iter().zip(values.await) {
            add_field(ctx, &mut answer, field, value);
        }
        Ok(Value::Object(answer))
    })
}

/// Value of a field of an object.
async fn value_of<'a, T: ContainerType + Sync>(
    ctx: &'a ContextSelectionSet<'a>,
    object: &'a T,
    field: &'a Positioned<Field>,
) -> ServerResult<Value> {
    if field.node.name.node == "__typename" {
        return Ok(Value::String(T::type_name().into_owned()));
    }
    let ctx = ctx.with_field(field);
    object.resolve_field(&ctx).await.map(Option::unwrap_or_default)
}

/// Adds a field to the result; if it failed, its error to the response.
fn add_field(
    ctx: &ContextSelectionSet<'_>,
    answer: &mut IndexMap<Name, Value>,
    field: &Positioned<Field>,
    value: ServerResult<Value>,
) {
    match value {
        Ok(value) => merge_field(answer, field.node.response_key().node.clone(), value),
        Err(error) => ctx.add_error(error),
    }
}

/// Fields of a selection set that apply to an object, including those of fragments.
fn collect<'a>(
    ctx: &ContextSelectionSet<'a>,
    object: &str,
    selections: &'a Positioned<SelectionSet>,
    fields: &mut Vec<&'a Positioned<Field>>,
) {
    for selection in &selections.node.items {
        let (condition, below) = match &selection.node {
            Selection::Field(field) => {
                fields.push(field);
                continue;
            }
            Selection::InlineFragment(fragment) => {
                (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
            }
            Selection::FragmentSpread(spread) => {
                match ctx.query_env.fragments.get(&spread.node.fragment_name.node) {
                    Some(fragment) => (Some(&fragment.node.type_condition), &fragment.node.selection_set),
                    None => continue,
                }
            }
        };
        if condition.is_none_or(|it| applies(&ctx.schema_env.registry, object, &it.node.on.node)) {
            collect(ctx, object, below, fields);
        }
    }
}

/// Whether the type condition of a fragment applies to an object: its type, or an interface or union of it.
fn applies(types: &Registry, object: &str, condition: &str) -> bool {
    object == condition
        || match types.types.get(condition) {
            Some(MetaType::Interface { possible_types, .. } | MetaType::Union { possible_types, .. }) => {
                possible_types.contains(object)
            }
            _ => false,
        }
}

/// Adds a field to the result; values of a field selected twice are merged.
fn merge_field(answer: &mut IndexMap<Name, Value>, name: Name, value: Value) {
    match answer.entry(name) {
        Entry::Vacant(entry) => _ = entry.insert(value),
        Entry::Occupied(mut known) => join(known.get_mut(), value),
    }
}

fn join(known: &mut Value, value: Value) {
    match (known, value) {
        (Value::Object(known), Value::Object(fields)) => {
            fields.into_iter().for_each(|(name, value)| merge_field(known, name, value));
        }
        (Value::List(known), Value::List(items)) => {
            known.iter_mut().zip(items).for_each(|(known, item)| join(known, item));
        }
        _ => {}
    }
}

/// Object whose fields are resolved sequentially, unless one waits.
pub struct SequentialObject<T>(pub T);

impl<T: ResolveSequentially> OutputType for SequentialObject<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        self.0.resolve_sequentially(ctx).await
    }
}

/// List whose items are resolved sequentially, unless one of their fields waits.
pub struct SequentialList<T>(pub Vec<T>);

impl<T: ResolveSequentially> OutputType for SequentialList<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let waits =
            ctx.data_opt::<Arc<AsyncFields>>().is_none_or(|async_fields| async_fields.holds(ctx.item.pos));
        if waits {
            return self.0.iter().map(SequentialObject).collect::<Vec<_>>().resolve(ctx, field).await;
        }
        let mut items = Vec::with_capacity(self.0.len());
        for (index, item) in self.0.iter().enumerate() {
            let ctx = ctx.with_index(index);
            items.push(item.resolve_sequentially(&ctx).await.map_err(|error| ctx.set_error_path(error))?);
        }
        Ok(Value::List(items))
    }
}
