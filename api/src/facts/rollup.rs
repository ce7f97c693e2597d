//! Sums of a day by segment, made anew from the facts of that day and of the platforms that changed.

use anyhow::Result;
use chrono::NaiveDate;
use entities::page_statistics::Metric;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

/// Makes the sums of a day anew for these platforms.
pub(super) async fn make(
    db: &DatabaseTransaction,
    day: NaiveDate,
    platforms: impl Iterator<Item = i64>,
) -> Result<()> {
    let platforms = platforms.map(|id| id.to_string()).collect::<Vec<_>>().join(", ");
    let of_platforms = format!("SELECT id FROM audience_segment WHERE platform_id IN ({platforms})");
    let backend = db.get_database_backend();
    let forget =
        format!("DELETE FROM audience_rollup WHERE segment_id IN ({of_platforms}) AND day = '{day}'");
    for statement in
        [forget, from_facts(backend, day, &platforms, &of_platforms), from_rollup(day, &of_platforms)]
    {
        db.execute_raw(Statement::from_string(backend, statement)).await?;
    }
    Ok(())
}

/// Sums of the full grain, from facts.
fn from_facts(backend: DbBackend, day: NaiveDate, platforms: &str, of_platforms: &str) -> String {
    // Facts of SQLite lie in the order of pages, those of Postgres in the order of days.
    let facts = match backend {
        DbBackend::Postgres => {
            format!("page_statistics f WHERE f.day = '{day}' AND f.segment_id IN ({of_platforms})")
        }
        _ => format!(
            "page p CROSS JOIN page_statistics f ON f.page_id = p.id AND f.day = '{day}' \
             WHERE p.platform_id IN ({platforms})"
        ),
    };
    format!(
        "INSERT INTO audience_rollup (day, segment_id, pages, {}) SELECT f.day, f.segment_id, count(*), {} FROM {facts} \
         GROUP BY f.day, f.segment_id",
        columns(),
        sums_of_facts(),
    )
}

/// Sums of the coarser grains, from those of the full one.
fn from_rollup(day: NaiveDate, of_platforms: &str) -> String {
    format!(
        "INSERT INTO audience_rollup (day, segment_id, pages, {}) SELECT r.day, s.part_of, sum(r.pages), {} \
         FROM audience_rollup r JOIN ({}) s ON s.id = r.segment_id \
         WHERE r.day = '{day}' AND r.segment_id IN ({of_platforms}) GROUP BY r.day, s.part_of",
        columns(),
        sums_of_sums(),
        coarser(),
    )
}

/// Columns of sums and of numbers of pages, in the order of [`Metric::ALL`].
pub(super) fn columns() -> String {
    for_each_column(|column| format!("{column}, {column}_pages"))
}

/// The same from facts `f`.
pub(super) fn sums_of_facts() -> String {
    for_each_column(|column| format!("sum(f.{column}), NULLIF(count(f.{column}), 0)"))
}

/// The same from sums `r`.
pub(super) fn sums_of_sums() -> String {
    for_each_column(|column| format!("sum(r.{column}), sum(r.{column}_pages)"))
}

/// Segments of the full grain, each with every coarser one that it is part of.
pub(super) fn coarser() -> String {
    ["region_segment_id", "class_segment_id", "platform_segment_id"]
        .map(|part_of| format!("SELECT id, {part_of} AS part_of FROM audience_segment WHERE grain = 'FULL'"))
        .join(" UNION ALL ")
}

fn for_each_column(write: impl Fn(&str) -> String) -> String {
    Metric::ALL.map(|metric| write(metric.column())).join(", ")
}
