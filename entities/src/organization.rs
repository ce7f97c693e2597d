//! An authority or a subordinate institution.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Type of the organization in the API.
    Kind { Authority, Institution, }
}
crate::closed_set! {
    /// Level of power of an authority.
    Level { Federal, Regional, Municipal, }
}
crate::closed_set! {
    /// Branch of power of an authority.
    Branch { Executive, Legislative, Judicial, Electoral, Oversight, Other, }
}
crate::closed_set! {
    /// Status of an organization; the last four are final.
    Status { Draft, Active, Suspended, Merged, Split, Liquidated, Withdrawn, }
}

/// Row of `organization`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub kind: Kind,
    pub name: String,
    pub short_name: Option<String>,
    /// JSON array of other names with kind, language and dates.
    pub other_names: String,
    pub level: Option<Level>,
    pub branch: Option<Branch>,
    pub sector: Option<String>,
    pub founder_id: Option<i64>,
    pub territory_id: Option<i64>,
    pub parent_id: Option<i64>,
    pub website: Option<String>,
    pub status: Status,
    /// Timestamp of the last status change.
    pub status_at: Option<DateTimeUtc>,
    /// JSON array of the ids of the successors of a merged or split organization.
    pub successors: String,
    /// First and last day of the organization according to its source.
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub source: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
