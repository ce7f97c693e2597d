//! Root fields of clients.

use async_graphql::{Context, ID, Object};
use registry::{
    change_log::Registry,
    model::{Reach, Scope},
    snapshot::{Filter, Place},
    view::{Slice, Window},
};

use super::{input::client_id, key_use::KeyUses, object::Client};
use crate::graphql::{
    error::Result,
    kit::{
        connection::{Connection, List},
        context::Pinned,
        part::Part,
        sequential::SequentialObject,
    },
};

/// Root fields of clients.
#[derive(Default)]
pub struct ClientQuery;

#[Object]
impl ClientQuery {
    /// Clients of the API, the oldest first, also revoked ones. A key with limits sees the clients that reach no more than it
    /// does. Requires a key with the scope `clients:admin`, else `FORBIDDEN`.
    async fn clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Client>> {
        let reach = Reach::from(ctx.client(Scope::Clients)?);
        let (view, uses) = (ctx.view(), KeyUses::new(ctx.data_unchecked::<Registry>()));
        let ids: Vec<i64> = view.clients(reach).map(|client| client.id).collect();
        let window = |Slice { from, count, .. }: Slice| {
            let begin = from.map_or(0, |after| ids.partition_point(|id| *id <= after.id));
            let end = (begin + count).min(ids.len());
            Window {
                items: ids[begin..end].iter().copied().map(Place::from).collect(),
                has_previous: begin > 0,
                has_next: end < ids.len(),
                total: ids.len() as u64,
            }
        };
        let list = List::new("clients", &Filter::default(), "");
        list.connection(Part::forward(first, after), window, |id| {
            Some(Client::new(view, view.client(id, reach)?.clone(), uses.clone()))
        })
    }

    /// Client with this global id; null if there is none that the key may see. Requires a key with the scope `clients:admin`,
    /// else `FORBIDDEN`.
    async fn client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the client.")] id: ID,
    ) -> Result<Option<SequentialObject<Client>>> {
        let reach = Reach::from(ctx.client(Scope::Clients)?);
        let (view, uses) = (ctx.view(), KeyUses::new(ctx.data_unchecked::<Registry>()));
        let record = view.client(client_id(&id), reach).cloned();
        Ok(record.map(|record| SequentialObject(Client::new(view, record, uses))))
    }
}
