//! Bulk writes of records.

use std::collections::BTreeSet;

use anyhow::Result;
use entities::{
    change::SubjectType, client_key, former_key, mark_record, organization_identifier, page, page_alias,
    page_co_owner,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, prelude::Expr};

use crate::{
    database::bulk::{self, MAX_VALUES},
    model::{Page, Record, record_kinds},
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
        expires_on: page.mark.expires_on,
    }
}

/// Deletes the child rows of subjects that will be rewritten.
pub(super) async fn clear_children(db: &DatabaseTransaction, subjects: &[&(SubjectType, i64)]) -> Result<()> {
    let ids_of = |subject: SubjectType| -> Vec<i64> {
        subjects.iter().filter(|(subject_type, _)| *subject_type == subject).map(|(_, id)| *id).collect()
    };
    for ids in ids_of(SubjectType::Organization).chunks(MAX_VALUES) {
        let owned = organization_identifier::Column::OrganizationId.is_in(ids.iter().copied());
        organization_identifier::Entity::delete_many().filter(owned).exec(db).await?;
    }
    for ids in ids_of(SubjectType::Client).chunks(MAX_VALUES) {
        let of_client = client_key::Column::ClientId.is_in(ids.iter().copied());
        client_key::Entity::delete_many().filter(of_client).exec(db).await?;
    }
    for ids in ids_of(SubjectType::Page).chunks(MAX_VALUES) {
        let of_page = page_co_owner::Column::PageId.is_in(ids.iter().copied());
        page_co_owner::Entity::delete_many().filter(of_page).exec(db).await?;
        let of_page = page_alias::Column::PageId.is_in(ids.iter().copied());
        page_alias::Entity::delete_many().filter(of_page).exec(db).await?;
    }
    Ok(())
}

/// Clears the keys of pages that release them, so that other pages can take them in any order.
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

/// Writes the keys that subjects lost; an upsert, because a key may be lost more than once.
pub(super) async fn insert_former_keys(db: &DatabaseTransaction, keys: &BTreeSet<FormerKey>) -> Result<()> {
    let rows = keys.iter().map(|former| former_key::Model {
        space: former.space,
        key: former.key.clone(),
        subject_id: former.subject_id,
    });
    bulk::upsert::<former_key::Entity>(db, rows.collect()).await
}

macro_rules! rows {
    ($($kind:ident($model:ident) $id:ident $($stamped:ident)? [$($table:ident)?]
        [$($row:ident $write:ident $($alone:ident)?)?];)*) => {
        /// Rows of records, by table.
        #[derive(Default)]
        struct Rows {
            $($($row: Vec<entities::$row::Model>,)?)*
            children: ChildRows,
        }

        impl Rows {
            fn add(&mut self, record: &Record) {
                match record {
                    // Rows of other kinds are written elsewhere.
                    $(Record::$kind(_record) => { $(self.$row.push((&**_record).into());)? })*
                }
                self.children.add(record);
            }

            async fn write(self, db: &DatabaseTransaction) -> Result<()> {
                $($(bulk::$write::<entities::$row::Entity>(db, self.$row).await?;)?)*
                self.children.write(db).await
            }
        }
    };
}
record_kinds!(rows);

/// Rows of records that take more than one.
#[derive(Default)]
struct ChildRows {
    identifiers: Vec<organization_identifier::Model>,
    co_owners: Vec<page_co_owner::Model>,
    aliases: Vec<page_alias::Model>,
    client_keys: Vec<client_key::Model>,
}

impl ChildRows {
    fn add(&mut self, record: &Record) {
        match record {
            Record::Organization(organization) => self.identifiers.extend(organization.identifier_rows()),
            Record::Client(client) => self.client_keys.extend(client.key_rows()),
            Record::Page(page) => {
                self.co_owners.extend(page.co_owner_rows());
                self.aliases.extend(page.alias_rows());
            }
            _ => {}
        }
    }

    async fn write(self, db: &DatabaseTransaction) -> Result<()> {
        bulk::insert::<organization_identifier::Entity>(db, self.identifiers).await?;
        bulk::insert::<page_co_owner::Entity>(db, self.co_owners).await?;
        bulk::insert::<page_alias::Entity>(db, self.aliases).await?;
        bulk::insert::<client_key::Entity>(db, self.client_keys).await
    }
}

/// Inserts or updates the rows of records.
pub(super) async fn upsert(db: &DatabaseTransaction, records: impl Iterator<Item = &Record>) -> Result<()> {
    let mut rows = Rows::default();
    records.for_each(|record| rows.add(record));
    rows.write(db).await
}
