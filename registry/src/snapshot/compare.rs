//! States of subjects whatever their kind, and in what two snapshots differ.

use std::sync::Arc;

use entities::change::SubjectType;

use super::{Snapshot, Table};
use crate::model::Record;

impl Snapshot {
    /// State of a subject; none where there is no such one, and of imports and batches of figures, which are not kept here.
    pub fn record(&self, subject_type: SubjectType, id: i64) -> Option<Record> {
        fn of<T>(table: &Table<T>, id: i64, record: fn(Arc<T>) -> Record) -> Option<Record> {
            table.get(&id).cloned().map(record)
        }
        match subject_type {
            SubjectType::Territory => of(&self.territories, id, Record::Territory),
            SubjectType::Sector => of(&self.sectors, id, Record::Sector),
            SubjectType::IdentifierScheme => of(&self.schemes, id, Record::IdentifierScheme),
            SubjectType::Platform => of(&self.platforms, id, Record::Platform),
            SubjectType::Organization => of(&self.organizations, id, Record::Organization),
            SubjectType::Page => of(&self.pages, id, Record::Page),
            SubjectType::Client => of(&self.clients, id, Record::Client),
            SubjectType::ObligationRule => of(&self.obligation_rules, id, Record::ObligationRule),
            SubjectType::Exemption => of(&self.exemptions, id, Record::Exemption),
            SubjectType::Abbreviation => of(&self.abbreviations, id, Record::Abbreviation),
            SubjectType::Indicator => of(&self.indicators, id, Record::Indicator),
            SubjectType::Methodology => of(&self.methodologies, id, Record::Methodology),
            SubjectType::Rating => of(&self.ratings, id, Record::Rating),
            SubjectType::Pack => of(&self.packs, id, Record::Pack),
            SubjectType::Statistics | SubjectType::ImportJob => None,
        }
    }

    /// First subject in which two snapshots differ, such as `Page 42`.
    pub fn first_difference(&self, other: &Self) -> Option<String> {
        fn differs<T: PartialEq>(kind: &str, left: &Table<T>, right: &Table<T>) -> Option<String> {
            let mut ids = left.keys().chain(right.keys());
            ids.find(|&id| left.get(id) != right.get(id)).map(|id| format!("{kind} {id}"))
        }
        differs("Territory", &self.territories, &other.territories)
            .or_else(|| differs("Sector", &self.sectors, &other.sectors))
            .or_else(|| differs("IdentifierScheme", &self.schemes, &other.schemes))
            .or_else(|| differs("Platform", &self.platforms, &other.platforms))
            .or_else(|| differs("Organization", &self.organizations, &other.organizations))
            .or_else(|| differs("Page", &self.pages, &other.pages))
            .or_else(|| differs("Client", &self.clients, &other.clients))
            .or_else(|| differs("ObligationRule", &self.obligation_rules, &other.obligation_rules))
            .or_else(|| differs("Exemption", &self.exemptions, &other.exemptions))
            .or_else(|| differs("Abbreviation", &self.abbreviations, &other.abbreviations))
            .or_else(|| differs("Indicator", &self.indicators, &other.indicators))
            .or_else(|| differs("Methodology", &self.methodologies, &other.methodologies))
            .or_else(|| differs("Rating", &self.ratings, &other.ratings))
            .or_else(|| differs("Pack", &self.packs, &other.packs))
    }
}
