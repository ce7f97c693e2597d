//! Removes the statistics of non-public pages from the sums.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const FIGURES: [&str; 12] = [
    "subscribers",
    "views",
    "reach",
    "posts",
    "reactions",
    "comments",
    "shares",
    "messages_received",
    "messages_answered",
    "videos",
    "shorts",
    "streams",
];

const HIDDEN: &str = "SELECT p.id FROM page p JOIN organization o ON o.id = p.owner_id \
    WHERE p.lifecycle NOT IN ('REGISTERED', 'ARCHIVED', 'COMPROMISED') OR o.status IN ('DRAFT', 'WITHDRAWN')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let each = |write: fn(&str) -> String| FIGURES.map(write).concat();
        let of_facts =
            each(|it| format!(", CAST(sum(f.{it}) AS BIGINT) AS {it}, count(f.{it}) AS {it}_pages"));
        let of_sums = each(|it| format!(", CAST(sum(h.{it}) AS BIGINT), CAST(sum(h.{it}_pages) AS BIGINT)"));
        let without = each(|it| {
            format!(
                ", {it} = CASE WHEN r.{it}_pages > h.{it}_pages THEN r.{it} - coalesce(h.{it}, 0) END, \
                 {it}_pages = NULLIF(r.{it}_pages - h.{it}_pages, 0)"
            )
        });
        let coarser = ["region", "class", "platform"].map(|grain| {
            format!("SELECT id, {grain}_segment_id AS part_of FROM audience_segment WHERE grain = 'FULL'")
        });
        for statement in [
            format!(
                "CREATE TEMPORARY TABLE hidden_sum AS SELECT f.day, f.segment_id, count(*) AS pages{of_facts} \
                 FROM page_statistics f WHERE f.page_id IN ({HIDDEN}) GROUP BY f.day, f.segment_id"
            ),
            format!(
                "INSERT INTO hidden_sum SELECT h.day, s.part_of, CAST(sum(h.pages) AS BIGINT){of_sums} \
                 FROM hidden_sum h JOIN ({}) s ON s.id = h.segment_id GROUP BY h.day, s.part_of",
                coarser.join(" UNION ALL ")
            ),
            format!(
                "UPDATE audience_rollup AS r SET pages = r.pages - h.pages{without} FROM hidden_sum h \
                 WHERE r.segment_id = h.segment_id AND r.day = h.day"
            ),
            "DELETE FROM audience_rollup WHERE pages = 0".to_owned(),
            "DROP TABLE hidden_sum".to_owned(),
        ] {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
