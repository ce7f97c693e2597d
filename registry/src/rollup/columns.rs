//! SQL columns of the sums by day and segment.

use entities::page_statistics::Metric;

/// Columns of the sums and numbers of pages, in the order of [`Metric::ALL`].
pub fn columns() -> String {
    for_each_column(|column| format!("{column}, {column}_pages"))
}

/// The same, aggregated from rows `f` of `page_statistics`.
pub fn sums_of_daily_rows() -> String {
    for_each_column(|column| format!("sum(f.{column}), NULLIF(count(f.{column}), 0)"))
}

/// The same, aggregated from rows `r` of `audience_rollup`.
pub fn sums_of_sums() -> String {
    for_each_column(|column| format!("sum(r.{column}), sum(r.{column}_pages)"))
}

/// Segments of the full grain, each with the coarser segments that contain it.
pub fn coarser() -> String {
    ["region_segment_id", "class_segment_id", "platform_segment_id"]
        .map(|part_of| format!("SELECT id, {part_of} AS part_of FROM audience_segment WHERE grain = 'FULL'"))
        .join(" UNION ALL ")
}

fn for_each_column(write: impl Fn(&str) -> String) -> String {
    Metric::ALL.map(|metric| write(metric.column())).join(", ")
}
