//! Rows that queries ignore or misread: outside the log, without their parents, of a wrong type or format.

use std::collections::BTreeMap;

use anyhow::Result;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

/// Queries that must return nothing, and what they find.
const STRAYS: [(&str, &str); 11] = [
    ("a change before the first", "SELECT seq AS id FROM change WHERE seq < 1"),
    ("an organization with an id below 1", "SELECT id FROM organization WHERE id < 1"),
    ("a page with an id below 1", "SELECT id FROM page WHERE id < 1"),
    ("a batch of figures with an id below 1", "SELECT id FROM statistics_batch WHERE id < 1"),
    ("an import with an id below 1", "SELECT id FROM import_job WHERE id < 1"),
    (
        "an identifier of no organization",
        "SELECT organization_id AS id FROM organization_identifier WHERE organization_id NOT IN (SELECT id FROM organization)",
    ),
    (
        "a co-owner of no page",
        "SELECT page_id AS id FROM page_co_owner WHERE page_id NOT IN (SELECT id FROM page)",
    ),
    (
        "an alias of no page",
        "SELECT page_id AS id FROM page_alias WHERE page_id NOT IN (SELECT id FROM page)",
    ),
    (
        "a key of no client",
        "SELECT client_id AS id FROM client_key WHERE client_id NOT IN (SELECT id FROM client)",
    ),
    (
        "an entry of no rating",
        "SELECT rating_id AS id FROM rating_entry WHERE rating_id NOT IN (SELECT id FROM rating)",
    ),
    (
        "an error or warning of no import",
        "SELECT job_id AS id FROM import_row_error WHERE job_id NOT IN (SELECT id FROM import_job) \
         UNION ALL SELECT job_id AS id FROM import_row_warning WHERE job_id NOT IN (SELECT id FROM import_job)",
    ),
];

/// The first stray row.
pub(super) async fn find(db: &DatabaseTransaction) -> Result<Option<String>> {
    for (what, sql) in STRAYS {
        let statement = Statement::from_string(db.get_database_backend(), format!("{sql} LIMIT 1"));
        if let Some(row) = db.query_one_raw(statement).await? {
            let id: i64 = row.try_get("", "id").or_else(|_| row.try_get::<i32>("", "id").map(i64::from))?;
            return Ok(Some(format!("{what} ({id})")));
        }
    }
    match db.get_database_backend() {
        DbBackend::Sqlite => match damaged(db).await? {
            Some(damage) => Ok(Some(damage)),
            None => misspelt(db).await,
        },
        // Its columns are typed.
        _ => Ok(None),
    }
}

/// What SQLite's integrity check reports, such as rows missing from an index.
async fn damaged(db: &DatabaseTransaction) -> Result<Option<String>> {
    let check = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check(1)");
    let row = db.query_one_raw(check).await?;
    let answer: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    Ok((answer != "ok").then(|| format!("the SQLite file ({})", answer.lines().next().unwrap_or_default())))
}

/// The first SQLite column with a value of a wrong type, or with a date or timestamp in another format than
/// the registry writes: such values are read as equal, but compare as text.
async fn misspelt(db: &DatabaseTransaction) -> Result<Option<String>> {
    let columns = "SELECT m.name AS name, c.name AS part, lower(c.type) AS kind FROM sqlite_master m, pragma_table_info(m.name) c \
                   WHERE m.type = 'table' AND m.name <> 'seaql_migrations' ORDER BY m.name, c.cid";
    let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in db.query_all_raw(Statement::from_string(DbBackend::Sqlite, columns)).await? {
        let (column, kind): (String, String) = (row.try_get("", "part")?, row.try_get("", "kind")?);
        if let Some(is_ours) = is_ours(&column, &kind) {
            let odd = format!("({column} IS NOT NULL AND NOT ({is_ours}))");
            tables.entry(row.try_get("", "name")?).or_default().push((column, odd));
        }
    }
    for (table, columns) in tables {
        // One scan per table.
        let any = columns.iter().map(|(_, odd)| odd.as_str()).collect::<Vec<_>>().join(" OR ");
        let which = columns.iter().map(|(column, odd)| format!("WHEN {odd} THEN '{column}'"));
        let which = which.collect::<Vec<_>>().join(" ");
        let sql = format!("SELECT CASE {which} END AS part FROM {table} WHERE {any} LIMIT 1");
        if let Some(row) = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await? {
            let column: String = row.try_get("", "part")?;
            return Ok(Some(format!("{table}.{column}, which has a value of another type or format")));
        }
    }
    Ok(None)
}

/// Condition that all values written by the registry meet in a column of this type.
fn is_ours(column: &str, kind: &str) -> Option<String> {
    let of = |name: &str| format!("typeof({column}) = '{name}'");
    Some(match kind {
        "integer" | "bigint" | "smallint" => of("integer"),
        "boolean" => format!("{} AND {column} IN (0, 1)", of("integer")),
        "double" | "real" => of("real"),
        "text" => of("text"),
        _ if kind.starts_with("blob") => of("blob"),
        _ if kind.starts_with("timestamp") => format!("{} AND ({})", of("text"), timestamp_is_ours(column)),
        _ if kind.starts_with("date") => format!("{} AND date({column}) IS {column}", of("text")),
        _ => return None,
    })
}

/// Whether a text is a timestamp as written by the registry: RFC 3339 in UTC, with 0, 3, 6 or 9 fractional
/// digits and no trailing group of zeros.
fn timestamp_is_ours(column: &str) -> String {
    let second = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]";
    let (digits, end) = ("[0-9][0-9][0-9]", "+00:00");
    format!(
        "{column} GLOB '{second}{end}' \
         OR ({column} GLOB '{second}.{digits}{end}' AND {column} NOT GLOB '*.000{end}') \
         OR ({column} GLOB '{second}.{digits}{digits}{end}' AND {column} NOT GLOB '*000{end}')"
    )
}
