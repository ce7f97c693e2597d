//! Precedence of sources by field: the order of packs, or else the default one.

use std::sync::Arc;

use super::field::{Order, OrganizationFieldName, PageFieldName, RecordField};
use crate::{
    model::{Pack, SourceRank, rank_of},
    snapshot::{Snapshot, Table},
};

/// Precedence of sources in a registry.
#[derive(Clone, Copy)]
pub struct Precedence<'a> {
    packs: &'a Table<Pack>,
}

impl<'a> Precedence<'a> {
    /// Precedence of the packs of a registry.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        Self { packs: snapshot.packs() }
    }

    /// Ranks of sources of a field in descending order: that of the pack added last among those that have one for it.
    fn order<F: RecordField>(self, field: F) -> Order {
        let of_pack = |pack: &Arc<Pack>| pack.precedence.as_ref()?.order(F::SUBJECT, field.name());
        self.packs.values().rev().find_map(of_pack).unwrap_or_else(|| field.default_order())
    }

    /// Whether a source of the first rank outranks one of the second.
    pub fn outranks<F: RecordField>(self, field: F, one: SourceRank, other: SourceRank) -> bool {
        let order = self.order(field);
        let place = |rank| order.iter().position(|known| *known == rank);
        place(one) < place(other)
    }

    /// Whether the source of a field outranks this rank, so that sources of this rank may not overwrite it.
    pub fn pins<F: RecordField>(self, field: F, record: &F::Of, rank: SourceRank) -> bool {
        let sources = F::sources(record);
        !sources.is_empty() && self.outranks(field, rank_of(sources, field.name()), rank)
    }
}

/// Whether imports may not overwrite a field of a record.
pub fn is_pinned<F: RecordField>(snapshot: &Snapshot, field: F, record: &F::Of) -> bool {
    Precedence::of(snapshot).pins(field, record, SourceRank::Import)
}

/// The default precedence as a table in Markdown.
pub fn table() -> String {
    fn rows<F: RecordField>(record: &str) -> String {
        let row = |field: &F| {
            let order = field.default_order().map(|rank| format!("`{}`", rank.name())).join(", ");
            format!("| {record} | `{}` | {order} |\n", field.name())
        };
        F::EACH.iter().map(row).collect()
    }
    let (pages, organizations) =
        (rows::<PageFieldName>("page"), rows::<OrganizationFieldName>("organization"));
    format!(
        "| record | field | sources, those that outrank the others first |\n|---|---|---|\n{pages}{organizations}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PrecedenceTerms;

    #[test]
    fn the_order_of_the_last_pack_that_has_one_counts() {
        use SourceRank::{Authority, Import, Operator, Platform};
        let mut snapshot = Snapshot::default();
        let outranks = |snapshot: &Snapshot, one, other| {
            Precedence::of(snapshot).outranks(PageFieldName::Handle, one, other)
        };
        assert!(outranks(&snapshot, Operator, Platform) && outranks(&snapshot, Platform, Authority));
        assert!(!outranks(&snapshot, Import, Import));
        let pack = |id, order| Pack {
            id,
            code: format!("pack-{id}").into(),
            version: 1,
            time_zone: None,
            precedence: Some(PrecedenceTerms {
                pages: [("handle".into(), order)].into(),
                organizations: Default::default(),
            }),
        };
        for pack in [
            pack(1, [Import, Operator, Platform, Authority]),
            pack(2, [Platform, Operator, Authority, Import]),
        ] {
            snapshot.apply(pack.into()).expect("the pack is applied");
        }
        assert!(outranks(&snapshot, Platform, Operator) && outranks(&snapshot, Operator, Import));
        assert!(Precedence::of(&snapshot).outranks(PageFieldName::Title, Operator, Platform), "the default");
    }
}
