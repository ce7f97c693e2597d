//! Fields that make sense only together: one may keep its value because another one is pinned.

use super::{
    field::{OrganizationFieldName, PageFieldName, RecordField},
    precedence::is_pinned,
};
use crate::{
    model::{Organization, Page},
    snapshot::Snapshot,
};

/// Fields that make sense only together.
pub trait Dependent: RecordField {
    /// Other fields because of which the field may keep its value.
    fn depends_on(self) -> &'static [Self];

    /// Fields that must keep their values because others keep theirs, each with the field that it depends on.
    fn dependents(
        known: &Self::Of,
        merged: &Self::Of,
        kept: &[(Self, Self)],
        pins: impl Fn(Self) -> bool,
    ) -> Vec<(Self, Self)>;

    /// Restores what must hold between fields.
    fn tidy(known: &Self::Of, incoming: &Self::Of, merged: &mut Self::Of);
}

/// Whether imports may be unable to overwrite a field: it is pinned, or one that it depends on.
pub(crate) fn may_be_kept<F: Dependent>(snapshot: &Snapshot, field: F, record: &F::Of) -> bool {
    let mut fields = std::iter::once(field).chain(field.depends_on().iter().copied());
    fields.any(|it| is_pinned(snapshot, it, record))
}

impl Dependent for PageFieldName {
    fn depends_on(self) -> &'static [Self] {
        match self {
            Self::Owner => &[Self::CoOwners],
            Self::Mark => &[Self::Owner, Self::CoOwners],
            _ => &[],
        }
    }

    fn dependents(
        known: &Page,
        merged: &Page,
        kept: &[(Self, Self)],
        pins: impl Fn(Self) -> bool,
    ) -> Vec<(Self, Self)> {
        let mut more = Vec::new();
        // An owner cannot be a co-owner, too.
        if merged.co_owners.contains(&merged.owner_id) && pins(Self::CoOwners) {
            more.push((Self::Owner, Self::CoOwners));
        }
        // A mark is confirmed for an owner.
        let owner = kept.iter().chain(&more).find(|(field, _)| *field == Self::Owner).copied();
        if let Some((_, pinned_by)) = owner.filter(|_| merged.mark != known.mark) {
            more.push((Self::Mark, pinned_by));
        }
        more
    }

    fn tidy(known: &Page, incoming: &Page, merged: &mut Page) {
        // A co-owner that did not become the owner stays a co-owner.
        let (owner_id, other) = (merged.owner_id, incoming.owner_id);
        if other != owner_id && known.co_owners.contains(&other) && !merged.co_owners.contains(&other) {
            merged.co_owners.push(other);
            merged.co_owners.sort_unstable();
        }
        merged.co_owners.retain(|id| *id != owner_id);
    }
}

impl Dependent for OrganizationFieldName {
    fn depends_on(self) -> &'static [Self] {
        match self {
            Self::Successors => &[Self::Status],
            Self::ValidFrom => &[Self::ValidTo],
            Self::ValidTo => &[Self::ValidFrom],
            _ => &[],
        }
    }

    fn dependents(
        _: &Organization,
        merged: &Organization,
        kept: &[(Self, Self)],
        pins: impl Fn(Self) -> bool,
    ) -> Vec<(Self, Self)> {
        let mut more = Vec::new();
        // Successors are those of an organization that has ended.
        if kept.iter().any(|(field, _)| *field == Self::Status) {
            more.push((Self::Successors, Self::Status));
        }
        // A first day is not after the last.
        if matches!((merged.valid_from, merged.valid_to), (Some(from), Some(to)) if from > to) {
            let (first, last) = (Self::ValidFrom, Self::ValidTo);
            let pinned_by = if pins(first) { first } else { last };
            more.extend([(first, pinned_by), (last, pinned_by)]);
        }
        more
    }

    fn tidy(_: &Organization, _: &Organization, _: &mut Organization) {}
}
