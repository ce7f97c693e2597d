//! Tables of the registry, one file each. No rules, no GraphQL, no HTTP.

#![allow(missing_docs, reason = "columns are named for what they hold; those that need a word have it")]

pub mod abbreviation;
pub mod audience_segment;
pub mod change;
pub mod client;
pub mod client_key;
pub mod client_key_use;
pub mod exemption;
pub mod former_key;
pub mod idempotent_request;
pub mod idempotent_result;
pub mod identifier_scheme;
pub mod import_job;
pub mod import_row_error;
pub mod import_row_warning;
pub mod indicator;
pub mod mark_record;
pub mod methodology;
pub mod obligation_rule;
pub mod organization;
pub mod organization_identifier;
pub mod pack;
pub mod page;
pub mod page_alias;
pub mod page_co_owner;
pub mod page_latest;
pub mod page_month;
pub mod page_statistics;
pub mod platform;
pub mod proposal;
pub mod rating;
pub mod rating_entry;
pub mod receipt;
pub mod registry_meta;
pub mod sector;
pub mod statistics_batch;
pub mod statistics_digest;
pub mod territory;
pub mod timeline;

/// Declares an enum that is stored by its `SCREAMING_SNAKE_CASE` name in the database and in JSON.
macro_rules! closed_set {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident,)+ }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            sea_orm::EnumIter, sea_orm::DeriveActiveEnum, serde::Serialize, serde::Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[allow(missing_docs)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// All variants, in this order.
            pub const EACH: &[Self] = &[$(Self::$variant,)+];

            /// Name of the variant.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)+
                }
            }
        }
    };
}
pub(crate) use closed_set;
