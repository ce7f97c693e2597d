//! Writing many rows with few statements.

use std::collections::BTreeSet;

use anyhow::Result;
use entities::{
    abbreviation, change::SubjectType, client, exemption, former_key, identifier_scheme, indicator,
    mark_record, methodology, obligation_rule, organization, organization_identifier, pack, page, page_alias,
    page_co_owner, platform, rating, sector, territory,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, prelude::Expr};

use crate::{
    database::bulk::{self, MAX_VALUES},
    model::{Page, Record},
    snapshot::FormerKey,
};

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
    bulk::upsert::<territory::Entity>(db, rows.territories).await?;
    bulk::upsert::<sector::Entity>(db, rows.sectors).await?;
    bulk::upsert::<identifier_scheme::Entity>(db, rows.schemes).await?;
    bulk::upsert::<platform::Entity>(db, rows.platforms).await?;
    bulk::upsert::<client::Entity>(db, rows.clients).await?;
    bulk::upsert::<organization::Entity>(db, rows.organizations).await?;
    bulk::insert::<organization_identifier::Entity>(db, rows.identifiers).await?;
    bulk::upsert::<page::Entity>(db, rows.pages).await?;
    bulk::insert::<page_co_owner::Entity>(db, rows.co_owners).await?;
    bulk::insert::<page_alias::Entity>(db, rows.aliases).await?;
    bulk::upsert::<obligation_rule::Entity>(db, rows.rules).await?;
    bulk::upsert::<exemption::Entity>(db, rows.exemptions).await?;
    bulk::upsert::<abbreviation::Entity>(db, rows.abbreviations).await?;
    bulk::upsert::<indicator::Entity>(db, rows.indicators).await?;
    bulk::upsert::<methodology::Entity>(db, rows.methodologies).await?;
    bulk::insert::<rating::Entity>(db, rows.ratings).await?;
    bulk::upsert::<pack::Entity>(db, rows.packs).await
}

/// Writes keys that subjects lost; most were lost for the first time.
pub(super) async fn insert_former_keys(db: &DatabaseTransaction, keys: &BTreeSet<FormerKey>) -> Result<()> {
    let rows = keys.iter().map(|former| former_key::Model {
        space: former.space,
        key: former.key.clone(),
        subject_id: former.subject_id,
    });
    bulk::upsert::<former_key::Entity>(db, rows.collect()).await
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
