//! Loads a snapshot from the tables in one consistent read.

use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use entities::{
    audience_segment, change, client, client_key, former_key, organization, organization_identifier, page,
    page_alias, page_co_owner, page_latest,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use tokio::sync::mpsc;

use super::{FormerKey, Snapshot, timeline::MAX_TRAIL};
use crate::{
    database::{Database, begin_read, detached},
    model::{Client, Organization, Page, Record, record_kinds},
    worker_pool,
};

/// Rows per query: enough to be fast, few enough to be small compared with the snapshot.
const BATCH: u64 = 2_000;

/// Loads the current state of the registry.
///
/// # Errors
/// When the database does not answer, or a row is invalid.
pub async fn load(database: &Database) -> Result<Snapshot> {
    let started = std::time::Instant::now();
    let database = database.clone();
    detached(async move {
        let transaction = Arc::new(begin_read(&database).await?);
        let mut snapshot = load_within(transaction).await?;
        snapshot.begin_at_present();
        let loaded_ms = started.elapsed().as_millis();
        snapshot.derive();
        let total_ms = started.elapsed().as_millis();
        tracing::debug!(seq = snapshot.seq(), loaded_ms, total_ms, "snapshot loaded");
        Ok(snapshot)
    })
    .await
}

/// Loads the registry within an open read transaction, without derived data.
///
/// # Errors
/// When the database does not answer, or a row is invalid.
pub async fn load_within(transaction: Arc<DatabaseTransaction>) -> Result<Snapshot> {
    let (batches, received) = mpsc::channel(2);
    // One task reads rows and builds records while the other applies them.
    let reading = tokio::spawn(detached(read_all(transaction, batches)));
    let taking = worker_pool::spawn(apply_all(received));
    let snapshot = taking.await?;
    // The reader's error comes first: it is the cause of an incomplete snapshot.
    let mut positions = reading.await??;
    let mut snapshot = snapshot?;
    let (seq, hash, at) = positions.pop().unwrap_or_default();
    snapshot.set_trail(positions.into_iter().map(|(seq, hash, _)| (seq, hash)));
    snapshot.advance(seq, &hash, at);
    Ok(snapshot)
}

/// One batch of rows.
enum Batch {
    Records(Vec<Record>),
    Figures(Vec<page_latest::Model>),
    Segments(Vec<audience_segment::Model>),
    FormerKeys(Vec<former_key::Model>),
}

impl Batch {
    fn apply_to(self, snapshot: &mut Snapshot) -> Result<()> {
        match self {
            Self::Records(records) => {
                for record in records {
                    snapshot.apply(record)?;
                }
            }
            Self::Figures(rows) => {
                rows.into_iter().for_each(|row| snapshot.record_figures(row.page_id, row.into()));
            }
            Self::Segments(rows) => {
                rows.iter().for_each(|row| _ = snapshot.add_segment(row.into()));
            }
            Self::FormerKeys(rows) => rows.into_iter().for_each(|row| {
                snapshot.remember(&FormerKey { space: row.space, key: row.key, subject_id: row.subject_id });
            }),
        }
        Ok(())
    }
}

type Batches = mpsc::Sender<Batch>;

/// Sequence number, hash and timestamp of a change.
type Position = (i64, Vec<u8>, DateTime<Utc>);

/// Sends all rows; returns the last positions of the log, ascending.
async fn read_all(transaction: Arc<DatabaseTransaction>, batches: Batches) -> Result<Vec<Position>> {
    let transaction = &*transaction;
    let positions = last_positions(transaction).await?;
    batches.send(Batch::Records(read_single_rows(transaction).await?)).await?;
    batches.send(Batch::Records(read_clients(transaction).await?)).await?;
    read_organizations(transaction, &batches).await?;
    read_pages(transaction, &batches).await?;
    read_figures(transaction, &batches).await?;
    let segments = audience_segment::Entity::find().order_by_asc(audience_segment::Column::Id);
    batches.send(Batch::Segments(segments.all(transaction).await?)).await?;
    batches.send(Batch::FormerKeys(former_key::Entity::find().all(transaction).await?)).await?;
    Ok(positions)
}

/// The snapshot of all rows that are sent.
async fn apply_all(mut received: mpsc::Receiver<Batch>) -> Result<Snapshot> {
    let mut snapshot = Snapshot::default();
    while let Some(batch) = received.recv().await {
        batch.apply_to(&mut snapshot)?;
    }
    Ok(snapshot)
}

/// The last positions of the log, ascending.
async fn last_positions(db: &impl ConnectionTrait) -> Result<Vec<Position>> {
    let columns = [change::Column::Seq, change::Column::Hash, change::Column::At];
    let last = change::Entity::find().select_only().columns(columns);
    let last = last.order_by_desc(change::Column::Seq).limit(MAX_TRAIL as u64).into_tuple();
    let mut last: Vec<Position> = last.all(db).await?;
    last.reverse();
    Ok(last)
}

/// Converts a row to a record.
fn read<R, T>(table: &str, id: i64, row: R) -> Result<T>
where
    T: TryFrom<R>,
    anyhow::Error: From<T::Error>,
{
    T::try_from(row).map_err(anyhow::Error::from).with_context(|| damaged(table, id))
}

fn damaged(table: &str, id: i64) -> String {
    format!("the database has an unreadable row in {table} (id {id}): restore it from a backup")
}

macro_rules! rows {
    ($($kind:ident($model:ident) $id:ident $($stamped:ident)? [$($table:ident)?]
        [$($row:ident $write:ident $($alone:ident)?)?];)*) => {
        /// Reads all records that are one row each.
        async fn read_single_rows(db: &DatabaseTransaction) -> Result<Vec<Record>> {
            let mut records = Vec::new();
            $($($(rows!(@$alone $kind $row db records);)?)?)*
            Ok(records)
        }
    };
    (@alone $kind:ident $row:ident $db:ident $records:ident) => {
        for row in entities::$row::Entity::find().order_by_asc(entities::$row::Column::Id).all($db).await? {
            $records.push(Record::$kind(Arc::new(read(stringify!($row), row.id, row)?)));
        }
    };
}
record_kinds!(rows);

/// Reads all clients with their keys.
async fn read_clients(db: &DatabaseTransaction) -> Result<Vec<Record>> {
    use client_key::Column::{ClientId, Id};
    let rows = client::Entity::find().order_by_asc(client::Column::Id).all(db).await?;
    let keys = client_key::Entity::find().order_by_asc(ClientId).order_by_asc(Id).all(db).await?;
    let mut keys = Children::new(keys, |key| key.client_id);
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.id;
        let client = Client::from_rows(row, keys.of(id)).with_context(|| damaged("client", id))?;
        records.push(Record::Client(Arc::new(client)));
    }
    Ok(records)
}

/// Sends the latest statistics of all pages.
async fn read_figures(db: &DatabaseTransaction, batches: &Batches) -> Result<()> {
    use page_latest::Column::PageId;
    let mut after = 0;
    loop {
        let batch = page_latest::Entity::find().filter(PageId.gt(after));
        let rows = batch.order_by_asc(PageId).limit(BATCH).all(db).await?;
        let Some(last) = rows.last().map(|row| row.page_id) else { return Ok(()) };
        batches.send(Batch::Figures(rows)).await?;
        after = last;
    }
}

/// Sends all organizations, by id.
async fn read_organizations(db: &DatabaseTransaction, batches: &Batches) -> Result<()> {
    use organization_identifier::Column as Identifier;
    let mut after = 0;
    loop {
        let batch = organization::Entity::find().filter(organization::Column::Id.gt(after));
        let rows = batch.order_by_asc(organization::Column::Id).limit(BATCH).all(db).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(()) };
        let identifiers = organization_identifier::Entity::find();
        let identifiers = identifiers.filter(Identifier::OrganizationId.between(after + 1, last));
        let identifiers = identifiers.order_by_asc(Identifier::OrganizationId).all(db).await?;
        let mut identifiers = Children::new(identifiers, |row| row.organization_id);
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.id;
            let organization = Organization::from_rows(row, identifiers.of(id));
            let mut organization = organization.with_context(|| damaged("organization", id))?;
            organization.identifiers.sort();
            records.push(Record::Organization(Arc::new(organization)));
        }
        batches.send(Batch::Records(records)).await?;
        after = last;
    }
}

/// Sends all pages, by id.
async fn read_pages(db: &DatabaseTransaction, batches: &Batches) -> Result<()> {
    let mut after = 0;
    loop {
        let batch = page::Entity::find().filter(page::Column::Id.gt(after));
        let rows = batch.order_by_asc(page::Column::Id).limit(BATCH).all(db).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(()) };
        let (owner, alias) = (page_co_owner::Column::PageId, page_alias::Column::PageId);
        let co_owners = page_co_owner::Entity::find().filter(owner.between(after + 1, last));
        let co_owners = co_owners.order_by_asc(owner).all(db).await?;
        let aliases = page_alias::Entity::find().filter(alias.between(after + 1, last));
        let aliases = aliases.order_by_asc(alias).all(db).await?;
        let mut co_owners = Children::new(co_owners, |row| row.page_id);
        let mut aliases = Children::new(aliases, |row| row.page_id);
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.id;
            let page = Page::from_rows(row, co_owners.of(id), aliases.of(id));
            let mut page = page.with_context(|| damaged("page", id))?;
            // Databases sort text differently; records must be equal.
            page.co_owners.sort_unstable();
            page.aliases.sort_by(|left, right| left.handle.cmp(&right.handle));
            records.push(Record::Page(Arc::new(page)));
        }
        batches.send(Batch::Records(records)).await?;
        after = last;
    }
}

/// Rows of a child table, sorted by parent and returned parent by parent.
struct Children<T, K: Fn(&T) -> i64> {
    rows: std::iter::Peekable<std::vec::IntoIter<T>>,
    parent: K,
}

impl<T, K: Fn(&T) -> i64> Children<T, K> {
    fn new(rows: Vec<T>, parent: K) -> Self {
        Self { rows: rows.into_iter().peekable(), parent }
    }

    fn of(&mut self, parent: i64) -> Vec<T> {
        let mut children = Vec::new();
        while let Some(row) = self.rows.next_if(|row| (self.parent)(row) <= parent) {
            children.push(row);
        }
        children
    }
}
