//! Conditions on the change log, for the feed and for histories.

use entities::change::{Audience, Column, SubjectType};
use sea_orm::{ActiveEnum, ColumnTrait, Condition, prelude::Expr};

use crate::view::{FeedScope, Viewer};

/// Changes that a viewer may see.
pub(super) fn visible_to(viewer: Viewer) -> Condition {
    if viewer.is_reviewer() {
        return Condition::all();
    }
    let of_operators = [Audience::Internal, Audience::Unchanged];
    let is_shown =
        Condition::any().add(Column::Audience.is_null()).add(Column::Audience.is_not_in(of_operators));
    Condition::all().add(is_shown).add(Column::SubjectType.ne(SubjectType::Client))
}

impl FeedScope {
    /// Changes of the scope that a viewer may see; with owners, those of all organizations.
    pub(super) fn condition(&self, viewer: Viewer) -> Condition {
        let mut all = visible_to(viewer);
        if !self.kinds.is_empty() {
            all = all.add(read_along("kind", &self.kinds));
        }
        if !self.with_owners || self.is_whole() {
            return self.add_to(all);
        }
        let owners = read_along("subject_type", &[SubjectType::Organization]);
        all.add(Condition::any().add(self.add_to(Condition::all())).add(owners))
    }

    /// Adds the conditions on the subject.
    fn add_to(&self, mut all: Condition) -> Condition {
        if !self.subjects.is_empty() {
            all = all.add(read_along("subject_type", &self.subjects));
        }
        if !self.platform_ids.is_empty() {
            all = all.add(Column::PlatformId.is_in(self.platform_ids.iter().copied()));
        }
        if !self.territory_ids.is_empty() {
            // Written out: a country has more territories than a statement may have parameters.
            let ids: Vec<String> = self.territory_ids.iter().map(i64::to_string).collect();
            let ids = ids.join(", ");
            let touches = format!("(territory_id IN ({ids}) OR former_territory_id IN ({ids}))");
            all = all.add(Expr::cust(touches));
        }
        all
    }
}

/// Condition on members, as an expression: it keeps the planner from choosing the column's own index, so the
/// log is read in order.
pub(super) fn read_along<E: ActiveEnum<Value = String>>(column: &str, members: &[E]) -> Expr {
    // Imported locally: the trait also defines `min`.
    use sea_orm::ExprTrait;
    Expr::cust(format!("{column} || ''")).is_in(members.iter().map(ActiveEnum::to_value))
}
