//! Rows of pages.

use registry::{
    parquet_writer::ColumnType::{self, Day, Integer, Text, Texts, Timestamp},
    view::View,
};

use super::{
    cell::Cell,
    organization_rows::{codes, list, territory},
};
use crate::graphql::kit::id;

pub(super) const COLUMNS: &[(&str, ColumnType)] = &[
    ("id", Text),
    ("url", Text),
    ("platformCode", Text),
    ("nativeId", Text),
    ("handle", Text),
    ("aliases", Texts),
    ("title", Text),
    ("pageType", Text),
    ("languages", Texts),
    ("lifecycle", Text),
    ("mark.state", Text),
    ("mark.method", Text),
    ("mark.at", Timestamp),
    ("widget", Text),
    ("availability", Text),
    ("category", Text),
    ("officeTitle", Text),
    ("owner.code", Text),
    ("owner.name", Text),
    ("owner.kind", Text),
    ("owner.territory.code", Text),
    ("owner.territory.name", Text),
    ("coOwners", Texts),
    ("subscribers", Integer),
    ("lastPostAt", Timestamp),
    ("recordedAt", Timestamp),
    ("registeredAt", Timestamp),
    ("validFrom", Day),
    ("updatedAt", Timestamp),
    ("source", Text),
];

pub(super) fn row(view: &View, id: i64) -> Option<Vec<Cell>> {
    let page = view.page(id)?;
    let owner = page.owner();
    let [territory_code, territory_name] = territory(&owner);
    let figures = page.figures();
    Some(vec![
        Cell::Text(id::global("Page", id).to_string()),
        page.url().into(),
        page.platform_code().into(),
        page.native_id.as_deref().into(),
        page.handle.as_deref().into(),
        list(page.aliases.iter().map(|alias| alias.handle.to_string())),
        (&*page.title).into(),
        page.page_type.as_deref().into(),
        list(page.languages.iter().map(|language| language.to_string())),
        Cell::member(&page.lifecycle),
        Cell::member(&page.mark.state),
        page.mark.method.as_deref().into(),
        Cell::exact(page.mark.at),
        Cell::member(&page.widget),
        Cell::member(&page.availability),
        page.category.as_ref().map(Cell::member).into(),
        page.office_title.as_deref().into(),
        (&*owner.code).into(),
        (&*owner.name).into(),
        Cell::member(&owner.kind),
        territory_code,
        territory_name,
        codes(&page.co_owners()),
        figures.and_then(|it| it.subscribers).map(u64::from).into(),
        Cell::exact(figures.and_then(|it| it.last_post_at)),
        Cell::exact(figures.map(|it| it.recorded_at)),
        page.registered_at.into(),
        page.valid_from.into(),
        page.updated_at.into(),
        (&*page.source).into(),
    ])
}
