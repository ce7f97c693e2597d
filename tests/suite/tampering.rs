//! Every alteration outside the program is reported by a check.

use registry::{
    change_log::{Verdict, verify},
    import::Kind,
    statistics,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use serde_json::json;

use super::{
    harness::{
        TestApp,
        behind::{intruder, rows, tables},
        program,
    },
    import::Case,
    rating::{publish, three_bodies},
    receipts::signer,
    statistics::{day, old_page, submit},
};

/// A registry with rows in every table.
pub async fn full() -> TestApp {
    let app = three_bodies().await;
    let operator = app.key("operator", registry::model::Scope::Ratings).await;
    publish(&app, &operator, json!({ "methodology": "open-regional-body-1" })).await;
    let school = app.organization("school", "School 1").await;
    let other = app.organization("other", "Other").await;
    app.change_organization(school, move |it| {
        it.founder_id = Some(other);
        it.website = Some("https://school.example".into());
        it.short_name = Some("S1".into());
    })
    .await;
    app.change_organization(school, |it| it.founder_id = None).await;
    let page = old_page(&app, school, "vk", "77").await;
    app.change_page(page, move |page, change_set| {
        page.handle = Some("school".into());
        page.mark.state = entities::page::Mark::Confirmed;
        page.mark.at = Some(change_set.now());
        page.co_owners.push(other);
    })
    .await;
    app.change_page(page, |page, _| page.handle = Some("school1".into())).await;
    let key = app.key("sender", registry::model::Scope::Statistics).await;
    let row = |ago: u64, subscribers: i64| json!({ "page": { "native": { "platformCode": "vk", "nativeId": "77" } }, "day": day(ago), "subscribers": subscribers, "views": 7 });
    submit(&app, &key, json!([row(3, 10), row(2, 500)])).await;
    let mapping = "[organization]\ncode = \"id\"\nname = \"o\"\nterritory = \"t\"\n[[pages]]\nurl = \"u\"\n";
    let file = "id,o,t,u\na,Alpha,ru-28,vk.com/one\nb,Beta,ru-28,nothing\na,Alfa,ru-28,vk.com/one1\n";
    let case = Case::new("p.csv", file, mapping);
    case.run(&app, Kind::Pages).await;
    app.registry.sign(&signer()).await.expect("a receipt");
    app
}

/// Output of a check of the registry; `None` if all is sound.
pub async fn fault(app: &TestApp) -> Option<String> {
    let log = match verify(&app.registry, |_| {}).await {
        Ok(Verdict::Sound { .. }) => None,
        Ok(other) => Some(format!("{other:?}")),
        Err(error) => Some(format!("{error:#}")),
    };
    if log.is_some() {
        return log;
    }
    let figures = statistics::check(app.registry.database(), app.registry.snapshot(), |_| ()).await;
    match figures {
        Ok(checked) if checked.faults.is_empty() => {}
        Ok(checked) => return checked.faults.first().cloned(),
        Err(error) => return Some(format!("{error:#}")),
    }
    match registry::analytics::altered(&app.registry).await {
        Ok(altered) => altered.first().map(|id| format!("rating {id}")),
        Err(error) => Some(format!("{error:#}")),
    }
}

#[tokio::test]
async fn twelve_ways_of_tampering_are_reported() {
    let cases = [
        ("UPDATE change SET audience = 'INTERNAL' WHERE seq = 9", "Broken { seq: 9 }"),
        ("UPDATE change SET audience = NULL, former_territory_id = 5494759135626153545", "Broken { seq: 1 }"),
        ("DELETE FROM change WHERE seq > (SELECT max(seq) - 3 FROM change)", "Contradicted"),
        ("UPDATE change SET at = '2026-01-01T00:00:00Z' WHERE seq = 12", "Broken { seq: 12 }"),
        ("UPDATE page SET title = 'Another' WHERE id = 1", "Page 1"),
        ("UPDATE mark_record SET method = 'ESIA'", "the mark of change"),
        ("DELETE FROM former_key WHERE space = 'HANDLE'", "the former key Handle"),
        ("UPDATE page_latest SET subscribers = 1000000", "the latest figures of the pages on vk"),
        ("UPDATE import_job SET source = 'somebody else'", "import 1"),
        ("DELETE FROM import_row_error", "import 1"),
        ("UPDATE statistics_batch SET source = 'somebody else'", "the batch of figures 1"),
        ("UPDATE pack SET version = version + 1 WHERE code = 'ru'", "Pack"),
        ("UPDATE rating_entry SET score = 100 WHERE rank = 3", "rating 1"),
        ("UPDATE page_statistics SET batch_id = 2 WHERE batch_id = 1", "the daily rows do not match"),
        (
            "INSERT INTO import_job (id, fingerprint, source, file_name, kind, state, counts, rows_done, started_at, finished_at, first_seq, last_seq) \
             SELECT id + 1, 'x', source, file_name, kind, state, counts, rows_done, started_at, finished_at, 1, 5 FROM import_job",
            "import 2",
        ),
        ("UPDATE receipt SET at = '2026-01-01T00:00:00Z'", "its signature does not match its key"),
    ];
    for (sql, expected) in cases {
        let app = full().await;
        assert_eq!(fault(&app).await, None, "before");
        intruder(&app).await.execute_unprepared(sql).await.expect("the change behind the back");
        let fault = fault(&app).await.unwrap_or_default();
        assert!(fault.contains(expected), "{sql}: {fault}");
    }
}

/// Tables that the log does not seal: last use of keys, idempotency keys, timeline breaks, and tables of older versions.
const NOT_SEALED: [&str; 8] = [
    "client_key_use",
    "idempotency_key",
    "idempotent_request",
    "idempotent_result",
    "timeline",
    "seaql_migrations",
    "registry_meta",
    "sqlite_sequence",
];

/// Columns of a table, and whether they hold text, bytes, timestamps, days, booleans or numbers.
async fn columns(db: &DatabaseConnection, table: &str) -> Vec<(String, String)> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => format!(
            "SELECT column_name::text AS name, data_type::text AS type FROM information_schema.columns WHERE table_name = '{table}'"
        ),
        _ => format!("SELECT name, type FROM pragma_table_info('{table}')"),
    };
    let columns = rows(db, &sql).await;
    let text =
        |row: &sea_orm::QueryResult, name| row.try_get::<String>("", name).expect("a text").to_lowercase();
    columns.iter().map(|row| (text(row, "name"), text(row, "type"))).collect()
}

/// SQL expression for a value other than that of the column.
fn another(column: &str, kind: &str, backend: DbBackend) -> String {
    match kind {
        _ if kind.contains("blob") => format!("x'00' || {column}"),
        _ if kind.contains("bytea") => format!("'\\x00'::bytea || {column}"),
        _ if kind.contains("bool") => format!("NOT {column}"),
        _ if kind.contains("timestamp") && backend == DbBackend::Postgres => {
            format!("{column} - INTERVAL '1 microsecond'")
        }
        _ if kind.contains("timestamp") => format!("replace({column}, '20', '19')"),
        _ if kind.contains("date") && backend == DbBackend::Postgres => format!("{column} - 1"),
        _ if kind.contains("date") => format!("date({column}, '-1 day')"),
        _ if kind.contains("text") || kind.contains("char") => format!("{column} || 'x'"),
        _ => format!("{column} + 1"),
    }
}

#[tokio::test]
async fn no_column_of_any_table_can_be_altered_unseen() {
    let app = full().await;
    assert_eq!(fault(&app).await, None, "before");
    let db = intruder(&app).await;
    let mut unseen = Vec::new();
    let (mut altered, mut seen_tables) = (0, 0);
    for table in tables(&db).await {
        if NOT_SEALED.contains(&table.as_str())
            || rows(&db, &format!("SELECT 1 FROM {table} LIMIT 1")).await.is_empty()
        {
            continue;
        }
        seen_tables += 1;
        for (column, kind) in columns(&db, &table).await {
            if rows(&db, &format!("SELECT 1 FROM {table} WHERE {column} IS NOT NULL LIMIT 1"))
                .await
                .is_empty()
            {
                continue;
            }
            // The last row of the table that has a value.
            let key = match db.get_database_backend() {
                DbBackend::Postgres => "ctid",
                _ => "rowid",
            };
            let last =
                format!("(SELECT {key} FROM {table} WHERE {column} IS NOT NULL ORDER BY {key} DESC LIMIT 1)");
            let another = another(&column, &kind, db.get_database_backend());
            let copy = format!("CREATE TABLE copy_of_table AS SELECT * FROM {table}");
            db.execute_unprepared(&copy).await.expect("a copy");
            let sql = format!("UPDATE {table} SET {column} = {another} WHERE {key} = {last}");
            if db.execute_unprepared(&sql).await.is_ok() {
                altered += 1;
                if fault(&app).await.is_none() {
                    unseen.push(format!("{table}.{column}"));
                }
            }
            db.execute_unprepared(&format!("DELETE FROM {table}")).await.expect("an empty table");
            let back = format!("INSERT INTO {table} SELECT * FROM copy_of_table");
            db.execute_unprepared(&back).await.expect("the table as it was");
            db.execute_unprepared("DROP TABLE copy_of_table").await.expect("no copy");
        }
    }
    assert_eq!(unseen, Vec::<String>::new());
    assert!(altered > 150 && seen_tables > 24, "{altered} columns of {seen_tables} tables");
    assert_eq!(fault(&app).await, None, "after");
}

#[tokio::test]
async fn a_row_more_or_less_in_any_table_is_reported() {
    let app = full().await;
    let db = intruder(&app).await;
    let mut unseen = Vec::new();
    for table in tables(&db).await {
        if NOT_SEALED.contains(&table.as_str()) || table == "receipt" {
            continue;
        }
        let copy = format!("CREATE TABLE copy_of_table AS SELECT * FROM {table}");
        db.execute_unprepared(&copy).await.expect("a copy");
        let deleted = db.execute_unprepared(&format!("DELETE FROM {table}")).await.expect("an empty table");
        if deleted.rows_affected() > 0 && fault(&app).await.is_none() {
            unseen.push(table.clone());
        }
        let back = format!("INSERT INTO {table} SELECT * FROM copy_of_table");
        db.execute_unprepared(&back).await.expect("the table as it was");
        db.execute_unprepared("DROP TABLE copy_of_table").await.expect("no copy");
    }
    assert_eq!(unseen, Vec::<String>::new());
    assert_eq!(fault(&app).await, None, "after");
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_reported_with_its_row() {
    let app = full().await;
    let db = intruder(&app).await;
    let mut cases = vec![
        ("page", "lifecycle", "id = 1", "check", "page (id 1): "),
        ("organization", "status", "id = 1", "check", "organization (id 1): "),
        ("change", "audience", "seq = 9", "check", "change (seq 9): "),
    ];
    if db.get_database_backend() == DbBackend::Sqlite {
        // Columns of Postgres hold only values of their type.
        cases.push(("page_latest", "subscribers", "subscribers > 0", "check", "page_latest (page_id "));
        cases.push((
            "page_statistics",
            "views",
            "views = 7",
            "check --statistics",
            "page_statistics (page_id ",
        ));
        cases.push(("page", "created_at", "id = 1", "serve", "page (id 1): "));
    }
    let directory = tempfile::TempDir::new().expect("a directory");
    for (table, column, row, command, expected) in cases {
        let copy = format!("CREATE TABLE copy_of_table AS SELECT * FROM {table}");
        db.execute_unprepared(&copy).await.expect("a copy");
        let sql = format!("UPDATE {table} SET {column} = 'nonsense' WHERE {row}");
        db.execute_unprepared(&sql).await.expect("the change behind the back");
        let arguments: Vec<&str> = command.split(' ').collect();
        let url = app.database.url.clone();
        let output = program::run(&url, directory.path(), &arguments);
        assert!(!output.status.success(), "{sql}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(expected) && stderr.contains("from a backup"), "{sql}: {stderr}");
        db.execute_unprepared(&format!("DELETE FROM {table}")).await.expect("an empty table");
        let back = format!("INSERT INTO {table} SELECT * FROM copy_of_table");
        db.execute_unprepared(&back).await.expect("the table as it was");
        db.execute_unprepared("DROP TABLE copy_of_table").await.expect("no copy");
    }
}
