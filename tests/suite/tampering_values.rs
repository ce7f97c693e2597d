//! Altered values that databases or readers take for the same, and days that cannot be, are reported by a check.

use sea_orm::{ConnectionTrait, DbBackend};

use super::{
    harness::behind::intruder,
    tampering::{fault, full},
};

#[tokio::test]
async fn values_that_are_read_as_equal_and_impossible_days_are_reported() {
    let app = full().await;
    let db = intruder(&app).await;
    let mut cases = vec![
        (
            "page_month",
            "INSERT INTO page_month SELECT CAST('0001-01-01' AS DATE), block, slot, packed FROM page_month LIMIT 1",
            "page_month: 1 rows of days before",
        ),
        (
            "page_statistics",
            "UPDATE page_statistics SET page_id = page_id + 4294967296",
            "the month of pages",
        ),
    ];
    if db.get_database_backend() == DbBackend::Sqlite {
        cases[0].1 = "INSERT INTO page_month (month, block, slot, packed) SELECT '0001-01-01', block, slot, packed FROM page_month LIMIT 1";
        cases.extend([
            // A leap second (:60) is read as the first second of the next minute.
            (
                "timeline",
                "INSERT INTO timeline (common_seq, epoch, at, reason) VALUES (1, 'x', '2026-11-26T10:59:60+00:00', 'x')",
                "timeline.at, which",
            ),
            (
                "page_statistics",
                "UPDATE page_statistics SET is_jump = 2 WHERE is_jump = 1",
                "page_statistics.is_jump",
            ),
            ("receipt", "UPDATE receipt SET hash = CAST(hash AS TEXT)", "receipt"),
        ]);
    }
    for (table, sql, expected) in cases {
        let copy = format!("CREATE TABLE copy_of_table AS SELECT * FROM {table}");
        db.execute_unprepared(&copy).await.expect("a copy");
        db.execute_unprepared(sql).await.expect("the change behind the back");
        let fault = fault(&app).await.unwrap_or_default();
        assert!(fault.contains(expected), "{sql}: {fault}");
        db.execute_unprepared(&format!("DELETE FROM {table}")).await.expect("an empty table");
        let back = format!("INSERT INTO {table} SELECT * FROM copy_of_table");
        db.execute_unprepared(&back).await.expect("the table as it was");
        db.execute_unprepared("DROP TABLE copy_of_table").await.expect("no copy");
    }
    assert_eq!(fault(&app).await, None, "after");
}
