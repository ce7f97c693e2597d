//! From the tables to a snapshot, in one consistent read.

use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::{
    abbreviation, change, client, exemption, former_key, identifier_scheme, obligation_rule, organization,
    page, page_alias, page_co_owner, page_latest, platform, sector, territory,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, FromQueryResult, JoinType,
    QueryFilter, QueryOrder, QuerySelect, RelationDef, prelude::Expr,
};

use tokio::sync::mpsc;

use super::{Figures, FormerKey, Identifier, Organization, Page, Record, Snapshot};
use crate::database::{Database, begin_read, detached};

/// Rows read at once: enough to be quick, few enough to stay small beside the snapshot itself.
const BATCH: u64 = 2_000;

/// Loads the registry as it stands.
///
/// # Errors
/// When the database does not answer, or a row does not hold what it should.
pub async fn load(database: &Database) -> Result<Snapshot> {
    let started = std::time::Instant::now();
    let database = database.clone();
    let (batches, mut received) = mpsc::channel(2);
    // One task reads and makes records while the other takes them in.
    let reading = tokio::spawn(detached(async move {
        let transaction = begin_read(&database).await?;
        let seq = head(&transaction).await?;
        batches.send(Batch::Records(read_reference(&transaction).await?)).await?;
        read_organizations(&transaction, &batches).await?;
        batches.send(Batch::Records(read_exemptions(&transaction).await?)).await?;
        read_pages(&transaction, &batches).await?;
        batches.send(Batch::FormerKeys(former_key::Entity::find().all(&transaction).await?)).await?;
        transaction.commit().await?;
        Ok(seq)
    }));
    let taking = tokio::spawn(async move {
        let mut snapshot = Snapshot::default();
        while let Some(batch) = received.recv().await {
            take(&mut snapshot, batch)?;
        }
        anyhow::Ok(snapshot)
    });
    let snapshot = taking.await?;
    // A reader that fails tells more than the half-taken snapshot it leaves.
    let seq = reading.await??;
    let mut snapshot = snapshot?;
    snapshot.advance(seq);
    let loaded = started.elapsed();
    snapshot.derive();
    let total_ms = started.elapsed().as_millis();
    tracing::debug!(seq, loaded_ms = loaded.as_millis(), total_ms, "the snapshot is loaded");
    Ok(snapshot)
}

/// What was read at once.
enum Batch {
    Records(Vec<Record>),
    Figures(Vec<(i64, Figures)>),
    FormerKeys(Vec<former_key::Model>),
}

fn take(snapshot: &mut Snapshot, batch: Batch) -> Result<()> {
    match batch {
        Batch::Records(records) => records.into_iter().try_for_each(|record| snapshot.apply(record)),
        Batch::Figures(rows) => {
            rows.into_iter().for_each(|(page_id, figures)| snapshot.record_figures(page_id, figures));
            Ok(())
        }
        Batch::FormerKeys(rows) => {
            for former_key::Model { space, key, subject_id } in rows {
                snapshot.remember(&FormerKey { space, key, subject_id });
            }
            Ok(())
        }
    }
}

/// Where batches go.
type Batches = mpsc::Sender<Batch>;

async fn head(db: &impl ConnectionTrait) -> Result<i64> {
    let last = change::Entity::find().select_only().column(change::Column::Seq);
    let last: Option<i64> = last.order_by_desc(change::Column::Seq).into_tuple().one(db).await?;
    Ok(last.unwrap_or(0))
}

async fn read_reference(db: &DatabaseTransaction) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for row in territory::Entity::find().order_by_asc(territory::Column::Id).all(db).await? {
        records.push(Record::Territory(Arc::new(row.try_into()?)));
    }
    for row in sector::Entity::find().all(db).await? {
        records.push(Record::Sector(Arc::new(row.try_into()?)));
    }
    for row in identifier_scheme::Entity::find().all(db).await? {
        records.push(Record::IdentifierScheme(Arc::new(row.try_into()?)));
    }
    for row in platform::Entity::find().all(db).await? {
        records.push(Record::Platform(Arc::new(row.try_into()?)));
    }
    for row in client::Entity::find().all(db).await? {
        records.push(Record::Client(Arc::new(row.try_into()?)));
    }
    for row in obligation_rule::Entity::find().all(db).await? {
        records.push(Record::ObligationRule(Arc::new(row.try_into()?)));
    }
    for row in abbreviation::Entity::find().all(db).await? {
        records.push(Record::Abbreviation(Arc::new(row.try_into()?)));
    }
    Ok(records)
}

async fn read_exemptions(db: &DatabaseTransaction) -> Result<Vec<Record>> {
    let rows = exemption::Entity::find().order_by_asc(exemption::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(|row| Record::Exemption(Arc::new(row.into()))).collect())
}

/// An organization with its identifiers as a JSON array: a row for each of them would take longer than all else.
#[derive(FromQueryResult)]
struct OrganizationRow {
    #[sea_orm(nested)]
    organization: organization::Model,
    identifiers: Option<String>,
}

/// A page with its latest figures.
#[derive(FromQueryResult)]
struct PageRow {
    #[sea_orm(nested)]
    page: page::Model,
    subscribers: Option<i64>,
    last_post_at: Option<DateTime<Utc>>,
    recorded_at: Option<DateTime<Utc>>,
}

impl PageRow {
    fn figures(&self) -> Option<Figures> {
        let subscribers = self.subscribers.and_then(|number| u32::try_from(number).ok());
        let recorded_at = self.recorded_at?;
        Some(Figures { subscribers, last_post_at: self.last_post_at, recorded_at })
    }
}

fn identifiers_of(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "(SELECT json_agg(json_build_array(scheme, value, state))::text FROM organization_identifier \
             WHERE organization_id = organization.id)"
        }
        _ => {
            "(SELECT json_group_array(json_array(scheme, value, state)) FROM organization_identifier \
             WHERE organization_id = organization.id)"
        }
    }
}

/// Sends all organizations, by id.
async fn read_organizations(db: &DatabaseTransaction, batches: &Batches) -> Result<()> {
    let identifiers = identifiers_of(db.get_database_backend());
    let mut after = 0;
    loop {
        let batch = organization::Entity::find().filter(organization::Column::Id.gt(after));
        let batch = batch.order_by_asc(organization::Column::Id).limit(BATCH);
        let batch = batch.expr_as(Expr::cust(identifiers), "identifiers");
        let rows = batch.into_model::<OrganizationRow>().all(db).await?;
        let Some(last) = rows.last().map(|row| row.organization.id) else { return Ok(()) };
        let mut records = Vec::with_capacity(rows.len());
        for OrganizationRow { organization, identifiers } in rows {
            let mut identifiers: Vec<Identifier> = match identifiers {
                Some(text) => serde_json::from_str(&text)?,
                None => Vec::new(),
            };
            // Databases disagree on the order of text; records do not.
            identifiers.sort();
            records.push(Record::Organization(Arc::new(Organization::from_rows(organization, identifiers)?)));
        }
        batches.send(Batch::Records(records)).await?;
        after = last;
    }
}

/// Sends all pages, by id.
async fn read_pages(db: &DatabaseTransaction, batches: &Batches) -> Result<()> {
    let mut after = 0;
    loop {
        let latest: RelationDef = page::Entity::belongs_to(page_latest::Entity)
            .from(page::Column::Id)
            .to(page_latest::Column::PageId)
            .into();
        use page_latest::Column::{LastPostAt, RecordedAt, Subscribers};
        let batch = page::Entity::find().join(JoinType::LeftJoin, latest);
        let batch = batch.columns([Subscribers, LastPostAt, RecordedAt]).filter(page::Column::Id.gt(after));
        let batch = batch.order_by_asc(page::Column::Id).limit(BATCH);
        let rows = batch.into_model::<PageRow>().all(db).await?;
        let Some(last) = rows.last().map(|row| row.page.id) else { return Ok(()) };
        let (owner, alias) = (page_co_owner::Column::PageId, page_alias::Column::PageId);
        let co_owners = page_co_owner::Entity::find().filter(owner.between(after + 1, last));
        let co_owners = co_owners.order_by_asc(owner).all(db).await?;
        let aliases = page_alias::Entity::find().filter(alias.between(after + 1, last));
        let aliases = aliases.order_by_asc(alias).all(db).await?;
        let mut co_owners = Children::new(co_owners, |row| row.page_id);
        let mut aliases = Children::new(aliases, |row| row.page_id);
        let (mut records, mut figures) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in rows {
            let id = row.page.id;
            figures.extend(row.figures().map(|figures| (id, figures)));
            let mut page = Page::from_rows(row.page, co_owners.of(id), aliases.of(id))?;
            // Databases disagree on the order of text; records do not.
            page.co_owners.sort_unstable();
            page.aliases.sort_by(|left, right| left.handle.cmp(&right.handle));
            records.push(Record::Page(Arc::new(page)));
        }
        batches.send(Batch::Records(records)).await?;
        batches.send(Batch::Figures(figures)).await?;
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
