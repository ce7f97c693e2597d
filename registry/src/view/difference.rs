//! Field-by-field differences between two states of a subject, with the field names of the API.

use super::View;
use crate::{
    model::{Exemption, FieldSource, Names, Organization, Page, Record, SourceRank, Territory},
    snapshot::member_text,
};

/// A field name of the API and its value in one state, as text.
pub type Field = (&'static str, Option<String>);

/// Fields that differ between two states: name, value before, value after. Without a state before: all fields
/// that have a value.
pub fn differences(
    view: &View,
    before: Option<&Record>,
    after: &Record,
) -> Vec<(&'static str, Option<String>, Option<String>)> {
    let earlier = before.map(|before| fields(view, before)).unwrap_or_default();
    let value_before =
        |name: &str| earlier.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.clone());
    let pairs = fields(view, after).into_iter().map(|(name, value)| (name, value_before(name), value));
    pairs.filter(|(_, before, after)| before != after).collect()
}

/// A mark with its method and date.
const MARK: [&str; 3] = ["mark", "markMethod", "markAt"];

/// Value of a field of a record as text; `None` for no value. A mark has its method and date.
pub fn field_text(view: &View, record: &Record, field: &str) -> Option<String> {
    let (fields, own) = (fields(view, record), [field]);
    let names: &[&str] = if field == MARK[0] { &MARK } else { &own };
    let values = names.iter().filter_map(|name| fields.iter().find(|(known, _)| known == name)?.1.clone());
    list(values)
}

fn fields(view: &View, record: &Record) -> Vec<Field> {
    match record {
        Record::Page(page) => of_page(view, page),
        Record::Organization(organization) => of_organization(view, organization),
        Record::Territory(territory) => of_territory(view, territory),
        Record::Exemption(exemption) => of_exemption(view, exemption),
        _ => Vec::new(),
    }
}

fn text(value: &Option<Box<str>>) -> Option<String> {
    value.as_deref().map(str::to_owned)
}

fn list(values: impl Iterator<Item = String>) -> Option<String> {
    let joined = values.collect::<Vec<_>>().join(", ");
    (!joined.is_empty()).then_some(joined)
}

/// Codes of those organizations that the viewer may see.
fn codes<'a>(view: &'a View, ids: &'a [i64]) -> impl Iterator<Item = String> + 'a {
    ids.iter().filter_map(|id| view.organization(*id)).map(|found| found.code.to_string())
}

fn of_page(view: &View, page: &Page) -> Vec<Field> {
    vec![
        ("nativeId", text(&page.native_id)),
        ("handle", text(&page.handle)),
        ("aliases", list(page.aliases.iter().map(|alias| alias.handle.to_string()))),
        ("title", Some(page.title.to_string())),
        ("pageType", text(&page.page_type)),
        ("owner", codes(view, &[page.owner_id]).next()),
        ("coOwners", list(codes(view, &page.co_owners))),
        ("officeTitle", text(&page.office_title)),
        ("languages", list(page.languages.iter().map(|language| language.to_string()))),
        ("category", page.category.map(|category| member_text(&category))),
        ("lifecycle", Some(member_text(&page.lifecycle))),
        ("rejectionCode", page.rejection.map(|rejection| member_text(&rejection))),
        ("availability", Some(member_text(&page.availability))),
        ("availabilityCheckedAt", page.availability_checked_at.map(|at| at.to_rfc3339())),
        ("mark", Some(member_text(&page.mark.state))),
        ("markMethod", text(&page.mark.method)),
        ("markAt", page.mark.at.map(|at| at.to_rfc3339())),
        ("markExpiresOn", page.mark.expires_on.map(|day| day.to_string())),
        ("widget", Some(member_text(&page.widget))),
        ("widgetCheckedAt", page.widget_checked_at.map(|at| at.to_rfc3339())),
        ("registeredAt", page.registered_at.map(|at| at.to_rfc3339())),
        ("validFrom", page.valid_from.map(|day| day.to_string())),
        ("fieldSources", sources(&page.field_sources)),
    ]
}

/// Fields that imports do not overwrite, with the ranks of their sources.
fn sources(sources: &[FieldSource]) -> Option<String> {
    let pinned = sources.iter().filter(|source| source.rank > SourceRank::Import);
    list(pinned.map(|source| format!("{} {}", source.field, source.rank.name())))
}

fn of_organization(view: &View, organization: &Organization) -> Vec<Field> {
    let above = |id: Option<i64>| codes(view, id.as_slice()).next();
    let territory = organization.territory_id.and_then(|id| view.territory(id));
    let identifiers = organization.identifiers.iter().map(|it| format!("{} {}", it.scheme, it.value));
    vec![
        ("code", Some(organization.code.to_string())),
        ("kind", Some(member_text(&organization.kind))),
        ("name", Some(organization.name.to_string())),
        ("shortName", text(&organization.short_name)),
        ("otherNames", list(organization.other_names.iter().map(|other| other.name.to_string()))),
        ("level", organization.authority_level().map(|level| member_text(&level))),
        ("branch", organization.authority_branch().map(|branch| member_text(&branch))),
        ("sector", organization.institution_sector().map(str::to_owned)),
        ("territory", territory.map(|territory| territory.code.to_string())),
        ("parent", above(organization.parent_id)),
        ("founder", above(organization.founder_id)),
        ("website", text(&organization.website)),
        ("status", Some(member_text(&organization.status))),
        ("successors", list(codes(view, &organization.successors))),
        ("identifiers", list(identifiers)),
        ("validFrom", organization.valid_from.map(|day| day.to_string())),
        ("validTo", organization.valid_to.map(|day| day.to_string())),
        ("fieldSources", sources(&organization.field_sources)),
    ]
}

fn of_territory(view: &View, territory: &Territory) -> Vec<Field> {
    let parent = territory.parent_id.and_then(|id| view.territory(id));
    let named = |names: &Names| list(names.iter().map(|(key, text)| format!("{key} {text}")));
    vec![
        ("kind", Some(member_text(&territory.kind))),
        ("name", Some(territory.name.to_string())),
        ("names", named(&territory.names)),
        ("parent", parent.map(|parent| parent.code.to_string())),
        ("timeZone", text(&territory.timezone)),
        ("population", territory.population.map(|people| people.to_string())),
        ("populationDate", territory.population_date.map(|day| day.to_string())),
        ("populationSource", text(&territory.population_source)),
        ("coordinatingCentre", text(&territory.coordinating_centre)),
        ("codes", named(&territory.scheme_codes)),
    ]
}

fn of_exemption(view: &View, exemption: &Exemption) -> Vec<Field> {
    let rule = exemption.rule_id.and_then(|id| view.obligation_rule(id));
    vec![
        ("rule", rule.map(|rule| rule.code.to_string())),
        ("reason", Some(exemption.reason.to_string())),
        ("basis", text(&exemption.basis)),
        ("decidedBy", text(&exemption.decided_by)),
        ("validFrom", Some(exemption.valid_from.to_string())),
        ("validTo", exemption.valid_to.map(|day| day.to_string())),
    ]
}
