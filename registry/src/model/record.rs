//! The table of record kinds, and a record of any kind.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::change::SubjectType;
use serde::de::DeserializeOwned;

use super::{
    Abbreviation, Client, Exemption, IdentifierScheme, ImportJob, Indicator, Methodology, ObligationRule,
    Organization, Pack, Page, Platform, Proposal, Rating, Sector, StatisticsBatch, Territory,
};

/// The table of record kinds. Parsing, ids, look-up and comparison in the snapshot, timestamps, loading and writing of rows
/// follow from it.
///
/// Columns: kind and its model; field of the primary key; `stamped` if the model has `updated_at`; table of the snapshot, if
/// it is there; table of the database, with the function that writes its rows. `alone` is a kind whose record is one row.
macro_rules! record_kinds {
    ($apply:ident) => {
        $apply! {
            Territory(Territory) id stamped [territories] [territory upsert alone];
            Sector(Sector) id stamped [sectors] [sector upsert alone];
            IdentifierScheme(IdentifierScheme) id stamped [schemes] [identifier_scheme upsert alone];
            Platform(Platform) id stamped [platforms] [platform upsert alone];
            Organization(Organization) id stamped [organizations] [organization upsert];
            Page(Page) id stamped [pages] [page upsert];
            Client(Client) id [clients] [client upsert];
            ObligationRule(ObligationRule) id stamped [obligation_rules] [obligation_rule upsert alone];
            Exemption(Exemption) id stamped [exemptions] [exemption upsert alone];
            Abbreviation(Abbreviation) id stamped [abbreviations] [abbreviation upsert alone];
            Statistics(StatisticsBatch) platform_id [] [];
            Indicator(Indicator) id stamped [indicators] [indicator upsert alone];
            Methodology(Methodology) id stamped [methodologies] [methodology upsert alone];
            Rating(Rating) id [ratings] [rating insert alone];
            Pack(Pack) id [packs] [pack upsert alone];
            ImportJob(ImportJob) id [] [];
            Proposal(Proposal) id stamped [proposals] [proposal upsert alone];
        }
    };
}
pub(crate) use record_kinds;

macro_rules! records {
    ($($kind:ident($model:ident) $id:ident $($stamped:ident)? [$($_:tt)*] [$($__:tt)*];)*) => {
        /// State of any subject.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs)]
        pub enum Record {
            $($kind(Arc<$model>),)*
        }

        impl Record {
            /// Parses a record from the column `after` of a change.
            ///
            /// # Errors
            /// When the text is not a state of that subject type.
            pub fn parse(subject_type: SubjectType, after: &str) -> serde_json::Result<Self> {
                fn read<T: DeserializeOwned>(text: &str) -> serde_json::Result<Arc<T>> {
                    serde_json::from_str(text).map(Arc::new)
                }
                match subject_type {
                    $(SubjectType::$kind => read(after).map(Self::$kind),)*
                }
            }

            /// Serializes the record for the column `after` of a change.
            ///
            /// # Errors
            /// Never in practice: every record is a plain tree of values.
            pub fn to_json(&self) -> serde_json::Result<String> {
                match self {
                    $(Self::$kind(record) => serde_json::to_string(record),)*
                }
            }

            /// Type of the subject.
            pub fn subject_type(&self) -> SubjectType {
                match self {
                    $(Self::$kind(_) => SubjectType::$kind,)*
                }
            }

            /// Primary key of the subject.
            pub fn id(&self) -> i64 {
                match self {
                    $(Self::$kind(record) => record.$id,)*
                }
            }

            /// Timestamp of the last write; `None` for kinds without one.
            pub fn updated_at(&self) -> Option<DateTime<Utc>> {
                match self {
                    $(Self::$kind(_record) => None$(.or(records!(@$stamped _record)))?,)*
                }
            }

            /// The record with this timestamp of its last write; unchanged for kinds without one.
            pub fn updated_on(self, at: DateTime<Utc>) -> Self {
                match self {
                    $(Self::$kind(_record) => records!(@$kind $($stamped)? _record at),)*
                }
            }
        }

        $(impl From<$model> for Record {
            fn from(record: $model) -> Self {
                Self::$kind(Arc::new(record))
            }
        })*
    };
    (@stamped $record:ident) => { Some($record.updated_at) };
    (@$kind:ident stamped $record:ident $at:ident) => {
        Self::$kind({
            let mut record = $record;
            Arc::make_mut(&mut record).updated_at = $at;
            record
        })
    };
    (@$kind:ident $record:ident $at:ident) => { Self::$kind($record) };
}
record_kinds!(records);
