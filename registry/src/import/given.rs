//! Fields for which a row has a value.

use super::{
    file::Row,
    identity::Identity,
    mapping::{OrganizationMapping, PageMapping},
    page_address::PageKeys,
    row::Import,
    value::Value,
};
use crate::{
    model::{Organization, Page},
    provenance::{OrganizationFieldName, PageFieldName, RecordField},
};

/// Fields that the second pass over a file sets.
const RELATIONS: [OrganizationFieldName; 3] =
    [OrganizationFieldName::Parent, OrganizationFieldName::Founder, OrganizationFieldName::Successors];

impl Import {
    /// Fields of a page for which a row has a value; none if no field has a source of its own.
    pub(super) fn given_page_fields(
        &self,
        row: &Row,
        mapping: &PageMapping,
        keys: &PageKeys,
        known: &Page,
    ) -> Vec<PageFieldName> {
        use PageFieldName as Field;
        if known.field_sources.is_empty() {
            return Vec::new();
        }
        let has = |value: &Option<Value>| self.text(row, value).is_some();
        let is_given = |field: &Field| match field {
            // A file of pages lists registered pages with their owners.
            Field::Owner | Field::Lifecycle => true,
            Field::Handle => keys.handle.is_some(),
            Field::NativeId => keys.native_id.is_some(),
            Field::Title => has(&mapping.title),
            Field::PageType => has(&mapping.page_type),
            Field::CoOwners => has(&mapping.co_owners),
            Field::OfficeTitle => has(&mapping.office_title),
            Field::Languages => has(&mapping.languages),
            Field::Category => has(&mapping.category),
            Field::Mark => has(&mapping.mark),
            Field::Widget => has(&mapping.widget),
            Field::ValidFrom => has(&mapping.valid_from),
            Field::Availability => false,
        };
        Field::EACH.iter().copied().filter(is_given).collect()
    }

    /// Fields of an organization for which a row has a value, in the pass that sets relations or in the other one; none
    /// if no field has a source of its own.
    pub(super) fn given_fields(
        &self,
        row: &Row,
        mapping: &OrganizationMapping,
        (identity, known): (&Identity, &Organization),
        is_of_relations: bool,
    ) -> Vec<OrganizationFieldName> {
        use OrganizationFieldName as Field;
        if known.field_sources.is_empty() {
            return Vec::new();
        }
        let has = |value: &Option<Value>| self.text(row, value).is_some();
        let names = || mapping.names.values().chain(mapping.former_names.iter().map(|former| &former.name));
        let is_given = |field: &Field| match field {
            Field::Name => mapping.name.text(row, &self.columns).is_some(),
            Field::OtherNames => names().any(|name| name.text(row, &self.columns).is_some()),
            Field::Identifiers => !identity.identifiers.is_empty(),
            Field::Code => identity.code.is_some(),
            Field::ShortName => has(&mapping.short_name),
            Field::Kind => has(&mapping.kind),
            Field::Level => has(&mapping.level),
            Field::Branch => has(&mapping.branch),
            Field::Sector => has(&mapping.sector),
            Field::Founder => has(&mapping.founder),
            Field::Territory => has(&mapping.territory),
            Field::Parent => has(&mapping.parent),
            Field::Website => has(&mapping.website),
            Field::Status => has(&mapping.status),
            Field::Successors => has(&mapping.successors),
            Field::ValidFrom => has(&mapping.valid_from),
            Field::ValidTo => has(&mapping.valid_to),
        };
        let of_pass =
            Field::EACH.iter().copied().filter(|field| RELATIONS.contains(field) == is_of_relations);
        of_pass.filter(is_given).collect()
    }
}
