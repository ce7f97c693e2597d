//! From the tables to a snapshot, in one consistent read.

use std::sync::Arc;

use anyhow::{Context, Result};
use entities::{
    change, client, identifier_scheme, organization, organization_identifier, page, page_alias,
    page_co_owner, platform, sector, territory,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{Organization, Page, Record, Snapshot};
use crate::database::{Database, begin_read, detached};

/// Rows read at once: enough to be quick, few enough to stay small beside the snapshot itself.
const BATCH: u64 = 10_000;

/// Loads the registry as it stands.
///
/// # Errors
/// When the database does not answer, or a row does not hold what it should.
pub async fn load(database: &Database) -> Result<Snapshot> {
    let database = database.clone();
    detached(async move {
        let transaction = begin_read(&database).await?;
        let mut snapshot = Snapshot::default();
        snapshot.advance(head(&transaction).await?);
        load_reference(&transaction, &mut snapshot).await?;
        load_organizations(&transaction, &mut snapshot).await?;
        load_pages(&transaction, &mut snapshot).await?;
        transaction.commit().await?;
        Ok(snapshot)
    })
    .await
}

async fn head(db: &impl ConnectionTrait) -> Result<i64> {
    let last = change::Entity::find().select_only().column(change::Column::Seq);
    let last: Option<i64> = last.order_by_desc(change::Column::Seq).into_tuple().one(db).await?;
    Ok(last.unwrap_or(0))
}

async fn load_reference(db: &DatabaseTransaction, snapshot: &mut Snapshot) -> Result<()> {
    for row in territory::Entity::find().order_by_asc(territory::Column::Id).all(db).await? {
        snapshot.apply(Record::Territory(Arc::new(row.try_into()?)))?;
    }
    for row in sector::Entity::find().all(db).await? {
        snapshot.apply(Record::Sector(Arc::new(row.try_into()?)))?;
    }
    for row in identifier_scheme::Entity::find().all(db).await? {
        snapshot.apply(Record::IdentifierScheme(Arc::new(row.try_into()?)))?;
    }
    for row in platform::Entity::find().all(db).await? {
        let code = row.code.clone();
        let record = Record::Platform(Arc::new(row.try_into()?));
        snapshot.apply(record).with_context(|| format!("platform {code}"))?;
    }
    for row in client::Entity::find().all(db).await? {
        snapshot.apply(Record::Client(Arc::new(row.try_into()?)))?;
    }
    Ok(())
}

async fn load_organizations(db: &DatabaseTransaction, snapshot: &mut Snapshot) -> Result<()> {
    use organization_identifier::Column as Identifier;
    let mut after = 0;
    loop {
        let batch = organization::Entity::find().filter(organization::Column::Id.gt(after));
        let rows = batch.order_by_asc(organization::Column::Id).limit(BATCH).all(db).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(()) };
        let identifiers = organization_identifier::Entity::find()
            .filter(Identifier::OrganizationId.between(after + 1, last));
        let identifiers = identifiers.order_by_asc(Identifier::OrganizationId).all(db).await?;
        let mut identifiers = Children::new(identifiers, |row| row.organization_id);
        for row in rows {
            let id = row.id;
            let mut organization = Organization::from_rows(row, identifiers.of(id))?;
            organization.identifiers.sort();
            snapshot.apply(Record::Organization(Arc::new(organization)))?;
        }
        after = last;
    }
}

async fn load_pages(db: &DatabaseTransaction, snapshot: &mut Snapshot) -> Result<()> {
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
        for row in rows {
            let id = row.id;
            let mut page = Page::from_rows(row, co_owners.of(id), aliases.of(id))?;
            // Databases disagree on the order of text; records do not.
            page.co_owners.sort_unstable();
            page.aliases.sort_by(|left, right| left.handle.cmp(&right.handle));
            snapshot.apply(Record::Page(Arc::new(page)))?;
        }
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
