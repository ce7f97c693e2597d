//! Root fields of federation.

use async_graphql::{Any, Context, Object};

use super::{
    object::{Entity, Service},
    representation::find,
};
use crate::graphql::kit::{context::Pinned, sequential::SequentialList};

/// Root fields of federation. The library would resolve them, too, but fails all representations for one.
#[derive(Default)]
pub struct FederationQuery;

#[Object]
impl FederationQuery {
    /// Entities by key, in the order of `representations`; null where the registry has none. A representation without a
    /// known type and a complete key is null with an error.
    #[graphql(name = "_entities")]
    async fn entities<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Types and keys of the entities, at most 1,000.")] representations: Vec<Any>,
    ) -> SequentialList<Option<Entity<'a>>> {
        let found = representations.iter().enumerate().map(|(index, Any(representation))| {
            find(ctx.view(), representation).unwrap_or_else(|error| {
                let error = async_graphql::Error::new_with_source(error).into_server_error(ctx.item.pos);
                ctx.add_error(ctx.with_index(index).set_error_path(error));
                None
            })
        });
        SequentialList(found.collect())
    }

    /// The registry as a subgraph.
    #[graphql(name = "_service")]
    async fn service(&self, ctx: &Context<'_>) -> Service {
        *ctx.data_unchecked::<Service>()
    }
}
