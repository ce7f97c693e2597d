//! The fields of pages and of organizations that have sources, by their names in the API.

use std::{fmt::Debug, sync::Arc};

use entities::change::SubjectType;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    model::{FieldSource, Organization, Page, Record, SourceRank},
    snapshot::Snapshot,
};

/// Ranks of sources in descending order of precedence.
pub(super) type Order = [SourceRank; 4];

const AUTHORITY_FIRST: Order =
    [SourceRank::Operator, SourceRank::Authority, SourceRank::Platform, SourceRank::Import];
/// What a platform shows or grants, it knows better than the owner of the page.
const PLATFORM_FIRST: Order =
    [SourceRank::Operator, SourceRank::Platform, SourceRank::Authority, SourceRank::Import];

/// A field of pages or of organizations.
pub trait RecordField: Copy + Debug + Eq + Ord + Send + Sync + 'static {
    /// Records that have the field.
    type Of: Clone + PartialEq + Into<Record>;
    /// Type of these records.
    const SUBJECT: SubjectType;
    /// All fields.
    const EACH: &'static [Self];

    /// Name of the field in the API.
    fn name(self) -> &'static str;
    /// Ranks of sources in descending order, unless a pack changes it.
    fn default_order(self) -> [SourceRank; 4];
    /// Whether two records differ in the field.
    fn differs(self, one: &Self::Of, other: &Self::Of) -> bool;
    /// Value of the field, as in the record's JSON.
    fn value(self, record: &Self::Of) -> Value;
    /// Sets the value of the field; nothing that follows from it.
    ///
    /// # Errors
    /// When the value is not one of this field.
    fn put(self, record: &mut Self::Of, value: &Value) -> serde_json::Result<()>;
    /// Sets the field, and what changes with it, as in another record.
    fn copy(self, from: &Self::Of, to: &mut Self::Of);
    /// Sources of the record's fields.
    fn sources(record: &Self::Of) -> &[FieldSource];
    /// The same, to change them.
    fn sources_mut(record: &mut Self::Of) -> &mut Vec<FieldSource>;
    /// Source of the record.
    fn source(record: &Self::Of) -> &str;
    /// Primary key of the record.
    fn id(record: &Self::Of) -> i64;
    /// Record with this id.
    fn find(snapshot: &Snapshot, id: i64) -> Option<&Arc<Self::Of>>;

    /// Field with this name.
    fn parse(name: &str) -> Option<Self> {
        Self::EACH.iter().copied().find(|field| field.name() == name)
    }
}

/// Declares the fields of a kind of records. Columns: field and its name; member of the record, `and` others that
/// change with it; default order of sources.
macro_rules! record_fields {
    ($(#[$doc:meta])* $fields:ident of $record:ident by $find:ident {
        $($field:ident $name:literal: $member:ident $(and $($also:ident)+)?, $order:ident;)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum $fields { $($field,)+ }

        impl RecordField for $fields {
            type Of = $record;
            const SUBJECT: SubjectType = SubjectType::$record;
            const EACH: &'static [Self] = &[$(Self::$field,)+];

            fn name(self) -> &'static str {
                match self { $(Self::$field => $name,)+ }
            }

            fn default_order(self) -> Order {
                match self { $(Self::$field => $order,)+ }
            }

            fn differs(self, one: &$record, other: &$record) -> bool {
                match self { $(Self::$field => one.$member != other.$member,)+ }
            }

            fn value(self, record: &$record) -> Value {
                match self { $(Self::$field => to_value(&record.$member),)+ }
            }

            fn put(self, record: &mut $record, value: &Value) -> serde_json::Result<()> {
                match self { $(Self::$field => record.$member = from_value(value)?,)+ }
                Ok(())
            }

            fn copy(self, from: &$record, to: &mut $record) {
                match self {
                    $(Self::$field => {
                        to.$member.clone_from(&from.$member);
                        $($(to.$also.clone_from(&from.$also);)+)?
                    })+
                }
            }

            fn sources(record: &$record) -> &[FieldSource] {
                &record.field_sources
            }

            fn sources_mut(record: &mut $record) -> &mut Vec<FieldSource> {
                &mut record.field_sources
            }

            fn source(record: &$record) -> &str {
                &record.source
            }

            fn id(record: &$record) -> i64 {
                record.id
            }

            fn find(snapshot: &Snapshot, id: i64) -> Option<&Arc<$record>> {
                snapshot.$find(id)
            }
        }
    };
}

record_fields! {
    /// Field of a page.
    PageFieldName of Page by page {
        Title "title": title, AUTHORITY_FIRST;
        PageType "pageType": page_type, PLATFORM_FIRST;
        Owner "owner": owner_id, AUTHORITY_FIRST;
        CoOwners "coOwners": co_owners, AUTHORITY_FIRST;
        OfficeTitle "officeTitle": office_title, AUTHORITY_FIRST;
        Languages "languages": languages, AUTHORITY_FIRST;
        Category "category": category, AUTHORITY_FIRST;
        Lifecycle "lifecycle": lifecycle and rejection, AUTHORITY_FIRST;
        Availability "availability": availability and availability_checked_at, PLATFORM_FIRST;
        Mark "mark": mark, PLATFORM_FIRST;
        Widget "widget": widget and widget_checked_at, PLATFORM_FIRST;
        Handle "handle": handle and aliases, PLATFORM_FIRST;
        NativeId "nativeId": native_id, PLATFORM_FIRST;
        ValidFrom "validFrom": valid_from, AUTHORITY_FIRST;
    }
}

record_fields! {
    /// Field of an organization.
    OrganizationFieldName of Organization by organization {
        Name "name": name, AUTHORITY_FIRST;
        ShortName "shortName": short_name, AUTHORITY_FIRST;
        OtherNames "otherNames": other_names, AUTHORITY_FIRST;
        Kind "kind": kind, AUTHORITY_FIRST;
        Code "code": code and code_origin former_codes, AUTHORITY_FIRST;
        Level "level": level, AUTHORITY_FIRST;
        Branch "branch": branch, AUTHORITY_FIRST;
        Sector "sector": sector, AUTHORITY_FIRST;
        Founder "founder": founder_id, AUTHORITY_FIRST;
        Territory "territory": territory_id, AUTHORITY_FIRST;
        Parent "parent": parent_id, AUTHORITY_FIRST;
        Website "website": website, AUTHORITY_FIRST;
        Status "status": status, AUTHORITY_FIRST;
        Successors "successors": successors, AUTHORITY_FIRST;
        Identifiers "identifiers": identifiers, AUTHORITY_FIRST;
        ValidFrom "validFrom": valid_from, AUTHORITY_FIRST;
        ValidTo "validTo": valid_to, AUTHORITY_FIRST;
    }
}

fn to_value<T: Serialize>(member: &T) -> Value {
    serde_json::to_value(member).expect("a record is a plain tree of values")
}

fn from_value<T: DeserializeOwned>(value: &Value) -> serde_json::Result<T> {
    T::deserialize(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Names;

    #[test]
    fn names_are_unique_and_lead_back_to_their_fields() {
        fn check<F: RecordField>() {
            for field in F::EACH {
                assert_eq!(F::parse(field.name()), Some(*field));
                let mut ranks = field.default_order();
                ranks.sort();
                assert_eq!(ranks, SourceRank::ALL);
            }
        }
        check::<PageFieldName>();
        check::<OrganizationFieldName>();
        assert_eq!(PageFieldName::parse("website"), None);
    }

    #[test]
    fn a_value_is_put_as_it_was_read() {
        let names = Names::from([("en".into(), "x".into())]);
        assert_eq!(from_value::<Names>(&to_value(&names)).ok(), Some(names));
        assert!(from_value::<Names>(&Value::Bool(true)).is_err());
    }
}
