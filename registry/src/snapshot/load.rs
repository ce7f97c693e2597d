//! From the tables to a snapshot, in one consistent read.

use std::sync::Arc;

use anyhow::{Context, Result};
use entities::{
    abbreviation, audience_segment, change, client, exemption, former_key, identifier_scheme, indicator,
    methodology, obligation_rule, organization, organization_identifier, pack, page, page_alias,
    page_co_owner, page_latest, platform, rating, sector, territory,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use tokio::sync::mpsc;

use super::{FormerKey, Snapshot, timeline::LONGEST_TRAIL};
use crate::{
    database::{Database, begin_read, detached},
    model::{Organization, Page, Record},
    worker_pool,
};

/// Rows read at once: enough to be quick, few enough to stay small beside the snapshot itself.
const BATCH: u64 = 2_000;

/// Loads the registry as it stands.
///
/// # Errors
/// When the database does not answer, or a row does not hold what it should.
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
        tracing::debug!(seq = snapshot.seq(), loaded_ms, total_ms, "the snapshot is loaded");
        Ok(snapshot)
    })
    .await
}

/// Loads the registry within a read that goes on; nothing is derived from it.
///
/// # Errors
/// When the database does not answer, or a row does not hold what it should.
pub async fn load_within(transaction: Arc<DatabaseTransaction>) -> Result<Snapshot> {
    let (batches, mut received) = mpsc::channel(2);
    // One task reads and makes records while the other takes them in.
    let reading = tokio::spawn(detached(async move {
        let transaction = &*transaction;
        let places = last_places(transaction).await?;
        batches.send(Batch::Records(read_reference(transaction).await?)).await?;
        read_organizations(transaction, &batches).await?;
        batches.send(Batch::Records(read_exemptions(transaction).await?)).await?;
        read_pages(transaction, &batches).await?;
        read_figures(transaction, &batches).await?;
        let segments = audience_segment::Entity::find().order_by_asc(audience_segment::Column::Id);
        batches.send(Batch::Segments(segments.all(transaction).await?)).await?;
        batches.send(Batch::FormerKeys(former_key::Entity::find().all(transaction).await?)).await?;
        Ok(places)
    }));
    let taking = worker_pool::spawn(async move {
        let mut snapshot = Snapshot::default();
        while let Some(batch) = received.recv().await {
            match batch {
                Batch::Records(records) => {
                    for record in records {
                        snapshot.apply(record)?;
                    }
                }
                Batch::Figures(rows) => {
                    rows.into_iter().for_each(|row| snapshot.record_figures(row.page_id, row.into()));
                }
                Batch::Segments(rows) => {
                    rows.iter().for_each(|row| _ = snapshot.add_segment(row.into()));
                }
                Batch::FormerKeys(rows) => rows.into_iter().for_each(|row| {
                    snapshot.remember(&FormerKey {
                        space: row.space,
                        key: row.key,
                        subject_id: row.subject_id,
                    });
                }),
            }
        }
        anyhow::Ok(snapshot)
    });
    let snapshot = taking.await?;
    // A reader that fails tells more than the half-taken snapshot it leaves.
    let mut places = reading.await??;
    let mut snapshot = snapshot?;
    let (seq, hash) = places.pop().unwrap_or_default();
    snapshot.remember_places(places);
    snapshot.advance(seq, &hash);
    Ok(snapshot)
}

/// What was read at once.
enum Batch {
    Records(Vec<Record>),
    Figures(Vec<page_latest::Model>),
    Segments(Vec<audience_segment::Model>),
    FormerKeys(Vec<former_key::Model>),
}

/// Where batches go.
type Batches = mpsc::Sender<Batch>;

/// The last places of the log with their hashes, the oldest first.
async fn last_places(db: &impl ConnectionTrait) -> Result<Vec<(i64, Vec<u8>)>> {
    let last = change::Entity::find().select_only().columns([change::Column::Seq, change::Column::Hash]);
    let last = last.order_by_desc(change::Column::Seq).limit(LONGEST_TRAIL as u64).into_tuple();
    let mut last: Vec<(i64, Vec<u8>)> = last.all(db).await?;
    last.reverse();
    Ok(last)
}

/// Makes a record of a row.
fn read<R, T>(table: &str, id: i64, row: R) -> Result<T>
where
    T: TryFrom<R>,
    anyhow::Error: From<T::Error>,
{
    T::try_from(row).map_err(anyhow::Error::from).with_context(|| damaged(table, id))
}

fn damaged(table: &str, id: i64) -> String {
    format!("the database holds what cannot be read, in {table} (id {id}): restore it from a backup")
}

async fn read_reference(db: &DatabaseTransaction) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for row in territory::Entity::find().order_by_asc(territory::Column::Id).all(db).await? {
        records.push(Record::Territory(Arc::new(read("territory", row.id, row)?)));
    }
    for row in sector::Entity::find().all(db).await? {
        records.push(Record::Sector(Arc::new(read("sector", row.id, row)?)));
    }
    for row in identifier_scheme::Entity::find().all(db).await? {
        records.push(Record::IdentifierScheme(Arc::new(read("identifier_scheme", row.id, row)?)));
    }
    for row in platform::Entity::find().all(db).await? {
        records.push(Record::Platform(Arc::new(read("platform", row.id, row)?)));
    }
    for row in client::Entity::find().all(db).await? {
        records.push(Record::Client(Arc::new(read("client", row.id, row)?)));
    }
    for row in obligation_rule::Entity::find().all(db).await? {
        records.push(Record::ObligationRule(Arc::new(read("obligation_rule", row.id, row)?)));
    }
    for row in abbreviation::Entity::find().all(db).await? {
        records.push(Record::Abbreviation(Arc::new(read("abbreviation", row.id, row)?)));
    }
    for row in indicator::Entity::find().all(db).await? {
        records.push(Record::Indicator(Arc::new(read("indicator", row.id, row)?)));
    }
    for row in methodology::Entity::find().all(db).await? {
        records.push(Record::Methodology(Arc::new(read("methodology", row.id, row)?)));
    }
    for row in pack::Entity::find().all(db).await? {
        records.push(Record::Pack(Arc::new(row.into())));
    }
    for row in rating::Entity::find().all(db).await? {
        records.push(Record::Rating(Arc::new(row.into())));
    }
    Ok(records)
}

async fn read_exemptions(db: &DatabaseTransaction) -> Result<Vec<Record>> {
    let rows = exemption::Entity::find().order_by_asc(exemption::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(|row| Record::Exemption(Arc::new(row.into()))).collect())
}

/// Sends the latest figures of all pages.
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
            // Databases disagree on the order of text; records do not.
            page.co_owners.sort_unstable();
            page.aliases.sort_by(|left, right| left.handle.cmp(&right.handle));
            records.push(Record::Page(Arc::new(page)));
        }
        batches.send(Batch::Records(records)).await?;
        after = last;
    }
}

/// Rows of a child table in the order of their parents, handed out parent by parent.
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
