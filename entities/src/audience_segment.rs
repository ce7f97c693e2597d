//! Statistics segments: the dimensions by which statistics are aggregated.

use sea_orm::entity::prelude::*;

use crate::organization;

crate::closed_set! {
    /// Dimensions that a segment distinguishes; the others are unset.
    Grain {
        /// All: platform, region, kind, level, branch and sector.
        Full,
        /// Platform and region.
        Region,
        /// Platform, kind, level, branch and sector.
        Class,
        /// Platform alone.
        Platform,
    }
}

/// Row of `audience_segment`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audience_segment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub grain: Grain,
    pub platform_id: i64,
    /// Region of the owner, or its territory when that is above regions; null without a territory.
    pub region_id: Option<i64>,
    pub kind: Option<organization::Kind>,
    pub level: Option<organization::Level>,
    pub branch: Option<organization::Branch>,
    pub sector_id: Option<i64>,
    /// Coarser segments of a segment of the full grain; null for coarser grains.
    pub region_segment_id: Option<i32>,
    pub class_segment_id: Option<i32>,
    pub platform_segment_id: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}
