//! Finds the row that cannot be decoded.

use anyhow::Result;
use futures_util::StreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn,
    QueryOrder, RuntimeErr, Statement, sqlx::Error as SqlxError,
};

/// Returns the first undecodable row of the tables, in this order.
macro_rules! first_of {
    ($db:expr, $($table:ident)+) => {
        $(if let Some(row) = first::<entities::$table::Entity>($db).await? { return Ok(Some(row)); })+
    };
}

/// The first row with a value that its column type does not accept: table, key and error.
///
/// # Errors
/// When the database does not answer.
pub async fn unreadable(db: &DatabaseConnection) -> Result<Option<String>> {
    first_of!(
        db,
        platform territory sector identifier_scheme pack abbreviation obligation_rule indicator methodology
        organization organization_identifier exemption page page_alias page_co_owner page_latest former_key
        client client_key client_key_use change mark_record receipt registry_meta timeline
        idempotent_request idempotent_result
        import_job import_row_error import_row_warning proposal
        audience_segment statistics_batch statistics_digest rating rating_entry page_month page_statistics
    );
    for table in NUMBERED {
        let sql = format!("SELECT 1 FROM {table} WHERE id < 1 LIMIT 1");
        if db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?.is_some() {
            return Ok(Some(format!("{table}: an id below 1")));
        }
    }
    Ok(None)
}

/// Tables whose ids start at 1.
const NUMBERED: [&str; 11] = [
    "platform",
    "territory",
    "sector",
    "identifier_scheme",
    "abbreviation",
    "obligation_rule",
    "exemption",
    "client",
    "organization",
    "page",
    "proposal",
];

async fn first<E: EntityTrait>(db: &DatabaseConnection) -> Result<Option<String>> {
    let mut ordered = E::find();
    for key in E::PrimaryKey::iter() {
        ordered = ordered.order_by_asc(key.into_column());
    }
    let mut rows = ordered.stream(db).await?;
    let mut read = 0_usize;
    while let Some(row) = rows.next().await {
        match row {
            Ok(_) => read += 1,
            Err(error) if is_of_value(&error) => {
                drop(rows);
                return name::<E>(db, read, &error).await.map(Some);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Whether an error concerns a value that was read, and not the read itself.
fn is_of_value(error: &DbErr) -> bool {
    match error {
        DbErr::Type(_) | DbErr::Json(_) => true,
        DbErr::Query(RuntimeErr::SqlxError(error)) => {
            matches!(**error, SqlxError::ColumnDecode { .. } | SqlxError::Decode(_))
        }
        _ => false,
    }
}

/// Names a row by its position in key order; the key itself may be undecodable.
async fn name<E: EntityTrait>(db: &DatabaseConnection, offset: usize, error: &DbErr) -> Result<String> {
    let table = E::default().as_str().to_owned();
    let columns: Vec<String> =
        E::PrimaryKey::iter().map(|key| key.into_column().as_str().to_owned()).collect();
    let texts: Vec<String> =
        columns.iter().map(|column| format!("CAST({column} AS TEXT) AS {column}_text")).collect();
    let sql = format!(
        "SELECT {} FROM {table} ORDER BY {} LIMIT 1 OFFSET {offset}",
        texts.join(", "),
        columns.join(", ")
    );
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let mut key = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        let value = row.as_ref().map(|row| row.try_get_by_index::<Option<String>>(index)).transpose()?;
        key.push(format!("{column} {}", value.flatten().unwrap_or_else(|| "NULL".to_owned())));
    }
    Ok(format!("{table} ({}): {error}", key.join(", ")))
}
