//! For whom introspection shows fields: those that need a scope, for clients that have it. Introspection only hides: resolvers
//! check the scopes themselves.

use async_graphql::{
    Context,
    registry::{MetaType, Registry},
};
use registry::model::Scope;

use crate::graphql::kit::{context::Caller, field_policy::TypePolicy};

/// Whether a field is shown in the introspection of a request.
type IsShown = fn(&Context<'_>) -> bool;

/// Sets for whom each field with a scope is shown, and shows the type of mutations to those who see one of its fields.
pub fn set(registry: &mut Registry, policies: impl Iterator<Item = &'static TypePolicy>) {
    for of_type in policies {
        let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(of_type.name) else { continue };
        for policy in of_type.policies() {
            if let Some(field) = fields.get_mut(policy.name).filter(|_| !policy.scopes.is_empty()) {
                field.visible = shown_with(policy.scopes);
            }
        }
    }
    let mutations = registry.mutation_type.clone().and_then(|name| registry.types.get_mut(&name));
    if let Some(MetaType::Object { visible, .. }) = mutations {
        *visible = Some(sees_a_mutation);
    }
}

/// Whether a field that needs one of these scopes is shown; `None` if it always is. The library takes functions without state,
/// so each combination that fields need has its own.
fn shown_with(scopes: &[Scope]) -> Option<IsShown> {
    let is_shown: IsShown = match scopes {
        [scope] => shown_with_one(*scope),
        [Scope::Write, Scope::Review] => |ctx| has(ctx, Scope::Write) || has(ctx, Scope::Review),
        [Scope::Write, Scope::Review, Scope::Submit] => {
            |ctx| [Scope::Write, Scope::Review, Scope::Submit].into_iter().any(|scope| has(ctx, scope))
        }
        _ => return None,
    };
    Some(is_shown)
}

fn shown_with_one(scope: Scope) -> IsShown {
    match scope {
        Scope::Read => |ctx| has(ctx, Scope::Read),
        Scope::Submit => |ctx| has(ctx, Scope::Submit),
        Scope::Statistics => |ctx| has(ctx, Scope::Statistics),
        Scope::Review => |ctx| has(ctx, Scope::Review),
        Scope::Write => |ctx| has(ctx, Scope::Write),
        Scope::Ratings => |ctx| has(ctx, Scope::Ratings),
        Scope::Audit => |ctx| has(ctx, Scope::Audit),
        Scope::Clients => |ctx| has(ctx, Scope::Clients),
        Scope::Internal => |ctx| has(ctx, Scope::Internal),
    }
}

fn has(ctx: &Context<'_>, scope: Scope) -> bool {
    ctx.data_opt::<Caller>().is_some_and(|Caller(client)| client.has(scope))
}

fn sees_a_mutation(ctx: &Context<'_>) -> bool {
    let registry = &ctx.schema_env.registry;
    let mutations = registry.mutation_type.as_ref().and_then(|name| registry.types.get(name));
    let Some(MetaType::Object { fields, .. }) = mutations else { return false };
    fields.values().any(|field| field.visible.is_none_or(|is_visible| is_visible(ctx)))
}
