//! What the registry is: its name, licence, time zone and extent.

use async_graphql::{Context, Object};
use entities::change::SubjectType;
use registry::{
    attribution::{Attribution, NOT_STATED},
    change_log::Registry,
    snapshot::Kinds,
    view::View,
};

use crate::graphql::kit::{
    context::Pinned,
    field_policy::{FieldPolicy, TypePolicy},
    scalar::{DateTime, SafeInt},
};

/// Cost and dependencies of each field of this file.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::NONE, &["registry"]),
    TypePolicy::new("Registry", Kinds::NONE, &["name", "licence"]).and(&[
        FieldPolicy::new("timeZone", Kinds::of(&[SubjectType::Pack])),
        FieldPolicy::new("seq", Kinds::ALL),
        FieldPolicy::new("startedAt", Kinds::ALL),
    ]),
];

/// The registry itself.
pub struct RegistryInfo<'a> {
    attribution: Option<&'a Attribution>,
    registry: &'a Registry,
    view: &'a View,
}

/// The registry itself.
#[Object(name = "Registry")]
impl<'a> RegistryInfo<'a> {
    /// Name of the registry, to cite it by; a general one if its operator has set none.
    async fn name(&self) -> Option<&'a str> {
        self.attribution.map(|it| it.source.as_str()).filter(|name| !name.is_empty())
    }

    /// Licence of the data; null if its operator has set none.
    async fn licence(&self) -> Option<&'a str> {
        let licence = self.attribution.map(|it| it.licence.as_str());
        licence.filter(|licence| !licence.is_empty() && *licence != NOT_STATED)
    }

    /// Reporting time zone of the registry, in the IANA time zone database; its days begin and end there.
    async fn time_zone(&self) -> &'static str {
        self.view.time_zone().name()
    }

    /// Sequence number of the change log that the response reflects.
    async fn seq(&self) -> SafeInt {
        SafeInt(self.view.seq())
    }

    /// Timestamp of the registry's first record; null if it has none.
    async fn started_at(&self) -> Option<DateTime> {
        self.registry.started_at().map(DateTime)
    }
}

/// Root field of the registry itself.
#[derive(Default)]
pub struct RegistryInfoQuery;

#[Object]
impl RegistryInfoQuery {
    /// The registry itself: name, licence, time zone, extent.
    async fn registry<'a>(&self, ctx: &Context<'a>) -> RegistryInfo<'a> {
        RegistryInfo {
            attribution: ctx.data_opt::<Attribution>(),
            registry: ctx.data_unchecked::<Registry>(),
            view: ctx.view(),
        }
    }
}
