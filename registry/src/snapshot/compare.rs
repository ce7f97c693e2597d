//! Look-up of subjects of any kind, and comparison of two snapshots.

use std::sync::Arc;

use entities::change::SubjectType;

use super::{Snapshot, Table};
use crate::model::{Record, record_kinds};

macro_rules! tables {
    ($($kind:ident($model:ident) $id:ident $($stamped:ident)? [$($table:ident)?] [$($_:tt)*];)*) => {
        impl Snapshot {
            /// State of a subject. `None` if it does not exist, and for imports and batches of statistics, which are not in
            /// the snapshot.
            pub fn record(&self, subject_type: SubjectType, id: i64) -> Option<Record> {
                match subject_type {
                    $(SubjectType::$kind => None$(.or_else(|| of(&self.$table, id, Record::$kind)))?,)*
                }
            }

            /// First subject in which two snapshots differ, such as `Page 42`.
            pub fn first_difference(&self, other: &Self) -> Option<String> {
                None$($(.or_else(|| differs(stringify!($kind), &self.$table, &other.$table)))?)*
            }
        }
    };
}
record_kinds!(tables);

fn of<T>(table: &Table<T>, id: i64, record: fn(Arc<T>) -> Record) -> Option<Record> {
    table.get(&id).cloned().map(record)
}

fn differs<T: PartialEq>(kind: &str, left: &Table<T>, right: &Table<T>) -> Option<String> {
    let mut ids = left.keys().chain(right.keys());
    ids.find(|&id| left.get(id) != right.get(id)).map(|id| format!("{kind} {id}"))
}
