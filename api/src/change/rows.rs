//! Writing many rows with few statements.

use std::collections::BTreeSet;

use anyhow::Result;
use entities::{
    abbreviation, change::SubjectType, client, exemption, former_key, identifier_scheme, indicator,
    mark_record, methodology, obligation_rule, organization, organization_identifier, pack, page, page_alias,
    page_co_owner, platform, rating, sector, territory,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Iterable,
    PrimaryKeyToColumn, QueryFilter, prelude::Expr, sea_query::OnConflict,
};

use crate::snapshot::{FormerKey, Page, Record};

/// Values bound in one statement: SQLite takes 32,766, Postgres 65,535.
const MAX_VALUES: usize = 30_000;
/// Few, long statements: over TCP sqlx leaves Nagle on, and each statement may wait 40 ms for an acknowledgement.
const MAX_ROWS: usize = 2_000;

/// Row of a page's mark after a change.
pub(super) fn mark(seq: i64, page: &Page) -> mark_record::Model {
    mark_record::Model {
        seq,
        page_id: page.id,
        mark: page.mark.state,
        method: page.mark.method.as_deref().map(str::to_owned),
        at: page.mark.at,
    }
}

/// Removes the child rows of subjects that are about to be written anew.
pub(super) async fn clear_children(db: &DatabaseTransaction, subjects: &[&(SubjectType, i64)]) -> Result<()> {
    let ids_of = |subject: SubjectType| -> Vec<i64> {
        subjects.iter().filter(|(subject_type, _)| *subject_type == subject).map(|(_, id)| *id).collect()
    };
    for ids in ids_of(SubjectType::Organization).chunks(MAX_VALUES) {
        let owned = organization_identifier::Column::OrganizationId.is_in(ids.iter().copied());
        organization_identifier::Entity::delete_many().filter(owned).exec(db).await?;
    }
    for ids in ids_of(SubjectType::Page).chunks(MAX_VALUES) {
        let of_page = page_co_owner::Column::PageId.is_in(ids.iter().copied());
        page_co_owner::Entity::delete_many().filter(of_page).exec(db).await?;
        let of_page = page_alias::Column::PageId.is_in(ids.iter().copied());
        page_alias::Entity::delete_many().filter(of_page).exec(db).await?;
    }
    Ok(())
}

/// Takes their keys from pages that give them up, so that others can take them in any order.
pub(super) async fn free_keys(db: &DatabaseTransaction, pages: &[i64]) -> Result<()> {
    let nothing = || Expr::value(Option::<String>::None);
    for ids in pages.chunks(MAX_VALUES) {
        page::Entity::update_many()
            .col_expr(page::Column::NativeId, nothing())
            .col_expr(page::Column::Handle, nothing())
            .filter(page::Column::Id.is_in(ids.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Writes the rows of records, new or changed.
pub(super) async fn upsert(db: &DatabaseTransaction, records: impl Iterator<Item = &Record>) -> Result<()> {
    let mut rows = Rows::default();
    records.for_each(|record| rows.add(record));
    write::<territory::Entity>(db, rows.territories, true).await?;
    write::<sector::Entity>(db, rows.sectors, true).await?;
    write::<identifier_scheme::Entity>(db, rows.schemes, true).await?;
    write::<platform::Entity>(db, rows.platforms, true).await?;
    write::<client::Entity>(db, rows.clients, true).await?;
    write::<organization::Entity>(db, rows.organizations, true).await?;
    write::<organization_identifier::Entity>(db, rows.identifiers, false).await?;
    write::<page::Entity>(db, rows.pages, true).await?;
    write::<page_co_owner::Entity>(db, rows.co_owners, false).await?;
    write::<page_alias::Entity>(db, rows.aliases, false).await?;
    write::<obligation_rule::Entity>(db, rows.rules, true).await?;
    write::<exemption::Entity>(db, rows.exemptions, true).await?;
    write::<abbreviation::Entity>(db, rows.abbreviations, true).await?;
    write::<indicator::Entity>(db, rows.indicators, true).await?;
    write::<methodology::Entity>(db, rows.methodologies, true).await?;
    write::<rating::Entity>(db, rows.ratings, false).await?;
    write::<pack::Entity>(db, rows.packs, true).await
}

/// Writes keys that subjects lost; most were lost for the first time.
pub(super) async fn insert_former_keys(db: &DatabaseTransaction, keys: &BTreeSet<FormerKey>) -> Result<()> {
    let rows = keys.iter().map(|former| former_key::Model {
        space: former.space,
        key: former.key.clone(),
        subject_id: former.subject_id,
    });
    write::<former_key::Entity>(db, rows.collect(), true).await
}

/// Writes rows that are new.
pub(super) async fn insert<E>(db: &DatabaseTransaction, rows: Vec<E::Model>) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    write::<E>(db, rows, false).await
}

/// Writes rows in the place of those with the same keys.
pub(super) async fn replace<E>(db: &DatabaseTransaction, rows: Vec<E::Model>) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    write::<E>(db, rows, true).await
}

async fn write<E>(db: &DatabaseTransaction, rows: Vec<E::Model>, may_exist: bool) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    let columns = E::Column::iter().count();
    let size = (MAX_VALUES / columns).min(MAX_ROWS);
    let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
    while rows.peek().is_some() {
        let mut statement = E::insert_many(rows.by_ref().take(size));
        if may_exist {
            let key = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
            statement =
                statement.on_conflict(OnConflict::columns(key).update_columns(E::Column::iter()).to_owned());
        }
        statement.exec_without_returning(db).await?;
    }
    Ok(())
}

#[derive(Default)]
struct Rows {
    territories: Vec<territory::Model>,
    sectors: Vec<sector::Model>,
    schemes: Vec<identifier_scheme::Model>,
    platforms: Vec<platform::Model>,
    clients: Vec<client::Model>,
    organizations: Vec<organization::Model>,
    identifiers: Vec<organization_identifier::Model>,
    pages: Vec<page::Model>,
    co_owners: Vec<page_co_owner::Model>,
    aliases: Vec<page_alias::Model>,
    rules: Vec<obligation_rule::Model>,
    exemptions: Vec<exemption::Model>,
    abbreviations: Vec<abbreviation::Model>,
    indicators: Vec<indicator::Model>,
    methodologies: Vec<methodology::Model>,
    ratings: Vec<rating::Model>,
    packs: Vec<pack::Model>,
}

impl Rows {
    fn add(&mut self, record: &Record) {
        match record {
            Record::Territory(record) => self.territories.push((&**record).into()),
            Record::Sector(record) => self.sectors.push((&**record).into()),
            Record::IdentifierScheme(record) => self.schemes.push((&**record).into()),
            Record::Platform(record) => self.platforms.push((&**record).into()),
            Record::Client(record) => self.clients.push((&**record).into()),
            Record::Organization(record) => {
                self.organizations.push((&**record).into());
                self.identifiers.extend(record.identifier_rows());
            }
            Record::Page(record) => {
                self.pages.push((&**record).into());
                self.co_owners.extend(record.co_owner_rows());
                self.aliases.extend(record.alias_rows());
            }
            Record::ObligationRule(record) => self.rules.push((&**record).into()),
            Record::Exemption(record) => self.exemptions.push((&**record).into()),
            Record::Abbreviation(record) => self.abbreviations.push((&**record).into()),
            Record::Indicator(record) => self.indicators.push((&**record).into()),
            Record::Methodology(record) => self.methodologies.push((&**record).into()),
            Record::Rating(record) => self.ratings.push((&**record).into()),
            Record::Pack(record) => self.packs.push((&**record).into()),
            // Their rows are written beside them.
            Record::Statistics(_) | Record::ImportJob(_) => {}
        }
    }
}
