//! A country, district, region, municipality or settlement.

use sea_orm::entity::prelude::*;

crate::closed_set! {
    /// Kind of a territory, from the largest to the smallest.
    Kind { Country, District, Region, Municipality, Settlement, }
}

/// Row of `territory`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "territory")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub kind: Kind,
    pub name: String,
    /// JSON object: language tag to name.
    pub names: String,
    pub parent_id: Option<i64>,
    pub timezone: Option<String>,
    pub population: Option<i64>,
    pub population_date: Option<Date>,
    pub population_source: Option<String>,
    pub coordinating_centre: Option<String>,
    /// JSON object: classification code to the territory's code in it.
    pub scheme_codes: String,
    pub source: String,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
