//! Places of leaderboards and published ratings, as the fields `leaderboard` and `rating` have them.

use registry::{
    analytics::{
        leaderboard::{Kind, RankedEntry},
        score::{Scored, kind_of},
    },
    parquet_writer::ColumnType::{self, Float, Integer, Text},
    view::View,
};

use super::{
    cell::Cell,
    column::{Column, fixed},
    list::{OfDays, Sources},
    options::{Options, bad, member, of_file},
    organization_rows::territory,
    rated_places::RatedPlaces,
    table::Rows,
};
use crate::graphql::{
    error::Error,
    kit::id,
    page::PageFilter,
    rating::{LeaderboardArguments, LeaderboardKind, methodology},
};

/// Most places of a leaderboard in one file, the highest ones.
const MAX_PLACES: usize = 200_000;
const COLUMNS: &[(&str, ColumnType)] =
    &[("rank", Integer), ("value", Float), ("formerRank", Integer), ("change", Integer)];
const OF_PAGE: &[(&str, ColumnType)] = &[
    ("subject.id", Text),
    ("subject.url", Text),
    ("subject.platformCode", Text),
    ("subject.title", Text),
    ("subject.lifecycle", Text),
    ("subject.owner.code", Text),
    ("subject.owner.name", Text),
    ("subject.owner.kind", Text),
    ("subject.owner.territory.code", Text),
    ("subject.owner.territory.name", Text),
];
const OF_ORGANIZATION: &[(&str, ColumnType)] = &[
    ("subject.id", Text),
    ("subject.code", Text),
    ("subject.kind", Text),
    ("subject.name", Text),
    ("subject.territory.code", Text),
    ("subject.territory.name", Text),
];
const OF_REGION: &[(&str, ColumnType)] =
    &[("subject.id", Text), ("subject.code", Text), ("subject.name", Text)];

/// Places of a leaderboard.
pub(super) async fn leaderboard(options: &Options, view: &View, sources: &Sources) -> Result<OfDays, Error> {
    let arguments = LeaderboardArguments {
        metric: options.metric()?,
        period: options.period()?,
        filter: options.filter::<PageFilter>()?,
        kind: member("kind", &options.kind)?.unwrap_or(LeaderboardKind::Page),
    };
    let question = arguments.check(view).map_err(of_file)?;
    let mut entries = match sources.is_head {
        true => Vec::new(),
        false => question.entries(view, &sources.months).await?,
    };
    entries.truncate(MAX_PLACES);
    let kind = Kind::from(question.kind);
    let columns = [COLUMNS, subject_columns(kind)].concat();
    Ok((fixed(&columns), Rows::Places(kind, entries), question.days))
}

/// Places of a published rating: that of a period, or the one published last.
pub(super) fn rating(options: &Options, view: &View, sources: &Sources) -> Result<OfDays, Error> {
    let code = options.methodology_code.as_deref();
    let code = code.ok_or_else(|| bad("`methodologyCode` is required: the code of a methodology."))?;
    let method = methodology(view, code)?;
    let published = match (&options.from, &options.to) {
        (None, None) => view.ratings().rev().find(|rating| rating.methodology_id == method.id),
        _ => {
            let (from, to) = options.period()?.span(view.day()).map_err(of_file)?;
            view.rating_of(method, from, to)
        }
    };
    let unknown = || match (&options.from, &options.to) {
        (None, None) => bad("No rating by this methodology is published; `publishedRatings` lists all."),
        _ => bad("No rating by this methodology is published for this period; `publishedRatings` lists all."),
    };
    let rating = published.ok_or_else(unknown)?;
    let kind = kind_of(method);
    let mut columns = fixed(&[("rank", Integer), ("score", Float)]);
    columns.extend(fixed(subject_columns(kind)));
    columns.extend(method.terms.components.iter().flat_map(|component| {
        let name = camel_case(&component.metric);
        ["value", "share"].map(|field| Column::new(format!("{name}.{field}"), Float))
    }));
    let places = RatedPlaces::new(sources.database.clone(), rating.clone(), method.clone());
    Ok((columns, Rows::Rated(Box::new(places)), (rating.from, rating.to)))
}

/// Row of a place of a leaderboard; `None` if the viewer may not see its subject.
pub(super) fn row(view: &View, kind: Kind, entry: &RankedEntry) -> Option<Vec<Cell>> {
    let mut row = vec![
        Cell::Whole(entry.rank),
        Cell::Decimal(entry.value),
        entry.former_rank.into(),
        entry.change().map_or(Cell::Empty, Cell::Signed),
    ];
    row.extend(subject(view, kind, entry.id)?);
    Some(row)
}

/// Row of a place of a rating; without a subject if the viewer may no longer see it.
pub(super) fn rated_row(view: &View, kind: Kind, scored: &Scored) -> Vec<Cell> {
    let mut row = vec![Cell::Whole(scored.rank), Cell::Decimal(scored.score)];
    let unknown = || subject_columns(kind).iter().map(|_| Cell::Empty).collect::<Vec<_>>();
    row.extend(subject(view, kind, scored.id).unwrap_or_else(unknown));
    row.extend(
        scored
            .parts
            .iter()
            .flat_map(|part| [part.value.map_or(Cell::Empty, Cell::Decimal), Cell::Decimal(part.share)]),
    );
    row
}

/// Columns of a ranked subject, named as the fields of its type.
fn subject_columns(kind: Kind) -> &'static [(&'static str, ColumnType)] {
    match kind {
        Kind::Page => OF_PAGE,
        Kind::Organization(_) => OF_ORGANIZATION,
        Kind::Region => OF_REGION,
    }
}

/// Cells of a ranked subject; `None` if the viewer may not see it.
fn subject(view: &View, kind: Kind, id: i64) -> Option<Vec<Cell>> {
    let global = |kind: &str| Cell::Text(id::global(kind, id).to_string());
    Some(match kind {
        Kind::Page => {
            let page = view.page(id)?;
            let owner = page.owner();
            let mut cells = vec![
                global("Page"),
                page.url().into(),
                page.platform_code().into(),
                (&*page.title).into(),
                Cell::member(&page.lifecycle),
                (&*owner.code).into(),
                (&*owner.name).into(),
                Cell::member(&owner.kind),
            ];
            cells.extend(territory(&owner));
            cells
        }
        Kind::Organization(_) => {
            let found = view.organization(id)?;
            let mut cells = vec![
                global("Organization"),
                (&*found.code).into(),
                Cell::member(&found.kind),
                (&*found.name).into(),
            ];
            cells.extend(territory(&found));
            cells
        }
        Kind::Region => {
            let region = view.territory(id)?;
            vec![global("Territory"), (&*region.code).into(), (&*region.name).into()]
        }
    })
}

/// Name of a metric as the name of a field: `ENGAGEMENT_RATE` is `engagementRate`.
fn camel_case(metric: &str) -> String {
    let mut name = String::with_capacity(metric.len());
    for (number, word) in metric.split('_').enumerate() {
        let mut letters = word.chars();
        if number > 0 {
            name.extend(letters.next());
        }
        name.push_str(&letters.as_str().to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn a_metric_is_named_as_a_field() {
        for (metric, name) in
            [("VIEWS", "views"), ("ENGAGEMENT_RATE", "engagementRate"), ("GROWTH_30D", "growth30d")]
        {
            assert_eq!(camel_case(metric), name);
        }
    }
}
