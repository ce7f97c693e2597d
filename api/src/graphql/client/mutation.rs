//! Mutations of clients and keys. Each needs the scope `clients:admin`; nobody gives a scope or a limit that it lacks itself.

use async_graphql::{Context, Object};
use registry::{api_client, change_log::Registry, model::Scope};

use super::{
    input::{
        self, ClientCreateInput, ClientEditInput, ClientKeyCreateInput, ClientKeyRevokeInput,
        ClientRevokeInput,
    },
    payload::{
        ClientCreatePayload, ClientEditPayload, ClientKeyCreatePayload, ClientKeyRevokePayload,
        ClientRevokePayload, Outcome,
    },
};
use crate::graphql::{error::Result, kit::write::write_request};

/// Mutations of clients and keys.
#[derive(Default)]
pub struct ClientMutation;

#[Object]
impl ClientMutation {
    /// Creates a client without a key; `clientKeyCreate` creates one. A client cannot have scopes that your key lacks, nor reach
    /// more records. Requires a key with the scope `clients:admin`, else `FORBIDDEN`.
    async fn client_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Client to create.")] input: ClientCreateInput,
    ) -> Result<ClientCreatePayload> {
        let request = match write_request(ctx, Scope::Clients, &input.reason, None, None)? {
            Ok(request) => request,
            Err(fault) => return Ok(Outcome::refused(fault).into()),
        };
        let written = api_client::create_client(ctx.data_unchecked::<Registry>(), request, input.into());
        Ok(Outcome::of(ctx, written.await?, |_, _| None).into())
    }

    /// Changes the scopes and limits of a client. Requires a key with the scope `clients:admin`, else `FORBIDDEN`.
    async fn client_edit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Changes of a client.")] input: ClientEditInput,
    ) -> Result<ClientEditPayload> {
        let request = match write_request(ctx, Scope::Clients, &input.reason, None, input.if_seq)? {
            Ok(request) => request,
            Err(fault) => return Ok(Outcome::refused(fault).into()),
        };
        let (id, client) = (input::client_id(&input.id), input::client(&input.id));
        let registry = ctx.data_unchecked::<Registry>();
        let written = api_client::edit_client(registry, request, client, input.into()).await?;
        Ok(Outcome::of(ctx, written, |_, _| Some(id)).into())
    }

    /// Revokes a client and all its keys, for ever: every server rejects them within a second. Requires a key with the scope
    /// `clients:admin`, else `FORBIDDEN`.
    async fn client_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Client to revoke.")] input: ClientRevokeInput,
    ) -> Result<ClientRevokePayload> {
        let request = match write_request(ctx, Scope::Clients, &input.reason, None, input.if_seq)? {
            Ok(request) => request,
            Err(fault) => return Ok(Outcome::refused(fault).into()),
        };
        let (id, client) = (input::client_id(&input.id), input::client(&input.id));
        let registry = ctx.data_unchecked::<Registry>();
        let written = api_client::revoke_client(registry, request, client).await?;
        Ok(Outcome::of(ctx, written, |_, _| Some(id)).into())
    }

    /// Creates another key of a client, of which at most 10 are valid at a time. The key itself is shown once, in the response,
    /// and not stored: a repeated request with the same idempotency key has everything but the key (`KEY_SHOWN_ONCE`).
    /// Requires a key with the scope `clients:admin`, else `FORBIDDEN`.
    async fn client_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Key to create.")] input: ClientKeyCreateInput,
    ) -> Result<ClientKeyCreatePayload> {
        let request = match write_request(ctx, Scope::Clients, &input.reason, None, input.if_seq)? {
            Ok(request) => request,
            Err(fault) => {
                return Ok(ClientKeyCreatePayload { outcome: Outcome::refused(fault), key: None });
            }
        };
        let (id, client) = (input::client_id(&input.id), input::client(&input.id));
        let registry = ctx.data_unchecked::<Registry>();
        let created = api_client::create_key(registry, request, client, input.into()).await?;
        Ok(match created {
            Ok(created) => {
                let outcome = Outcome::of(ctx, Ok(created.written), |_, _| None);
                let outcome = if created.key.is_some() { outcome } else { outcome.without_key() };
                ClientKeyCreatePayload { outcome, key: created.key }
            }
            Err(error) => {
                ClientKeyCreatePayload { outcome: Outcome::of(ctx, Err(error), |_, _| Some(id)), key: None }
            }
        })
    }

    /// Revokes a key, for ever: every server rejects it within a second. Requires a key with the scope `clients:admin`, else
    /// `FORBIDDEN`.
    async fn client_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Key to revoke.")] input: ClientKeyRevokeInput,
    ) -> Result<ClientKeyRevokePayload> {
        let request = match write_request(ctx, Scope::Clients, &input.reason, None, input.if_seq)? {
            Ok(request) => request,
            Err(fault) => return Ok(ClientKeyRevokePayload(Outcome::refused(fault))),
        };
        let (registry, key_id) = (ctx.data_unchecked::<Registry>(), input::key_id(&input.id));
        let written = api_client::revoke_key(registry, request, key_id).await?;
        let outcome = Outcome::of(ctx, written, |view, reach| {
            view.client_with_key(key_id, reach).map(|client| client.id)
        });
        Ok(ClientKeyRevokePayload(outcome))
    }
}
