//! Rows of pages.

use registry::{snapshot::member_text, view::View};

use super::organization_rows::{member, text, timestamp};
use crate::graphql::kit::id;

pub(super) const COLUMNS: &[&str] = &[
    "id",
    "url",
    "platform",
    "native_id",
    "handle",
    "title",
    "lifecycle",
    "mark",
    "mark_at",
    "widget",
    "availability",
    "category",
    "office_title",
    "owner_code",
    "owner_name",
    "owner_kind",
    "territory_code",
    "territory_name",
    "subscribers",
    "last_post_at",
    "figures_at",
    "registered_at",
    "updated_at",
    "source",
];

pub(super) fn row(view: &View, id: i64) -> Option<Vec<String>> {
    let page = view.page(id)?;
    let owner = page.owner();
    let territory = owner.territory();
    let figures = page.figures();
    Some(vec![
        id::global("Page", id).to_string(),
        page.url().unwrap_or_default(),
        page.platform_code().to_owned(),
        text(&page.native_id),
        text(&page.handle),
        page.title.to_string(),
        member_text(&page.lifecycle),
        member_text(&page.mark.state),
        timestamp(page.mark.at),
        member_text(&page.widget),
        member_text(&page.availability),
        member(page.category.as_ref()),
        text(&page.office_title),
        owner.code.to_string(),
        owner.name.to_string(),
        member_text(&owner.kind),
        territory.map(|it| it.code.to_string()).unwrap_or_default(),
        territory.map(|it| it.name.to_string()).unwrap_or_default(),
        figures.and_then(|it| it.subscribers).map(|it| it.to_string()).unwrap_or_default(),
        timestamp(figures.and_then(|it| it.last_post_at)),
        timestamp(figures.map(|it| it.recorded_at)),
        timestamp(page.registered_at),
        timestamp(Some(page.updated_at)),
        page.source.to_string(),
    ])
}
