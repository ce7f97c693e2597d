//! Second pass over organizations: parents, founders and successors.

use entities::change::SubjectType;

use super::{
    cell,
    file::Row,
    mapping::OrganizationMapping,
    row::Import,
    row_error::{Code, Problem, RowResult},
};
use crate::{
    change_log::ChangeSet,
    model::Organization,
    provenance::OrganizationFieldName,
    snapshot::{MAX_DEPTH, Snapshot},
};

impl Import {
    /// Second pass, after all rows are imported: parents, founders and successors. Invalid ones are skipped with a
    /// warning.
    pub(super) fn set_relations(&mut self, change_set: &mut ChangeSet, row: &Row) -> RowResult<()> {
        let mapping = self.organization_mapping();
        let Ok(identity) = self.identity(change_set.snapshot(), row, &mapping) else { return Ok(()) };
        let Ok(Some(known)) = self.find(change_set.snapshot(), &identity, mapping.units) else {
            return Ok(());
        };
        if self.seen_organizations.get(&known.id) != Some(&row.number) {
            return Ok(());
        }
        // A file of pages only adds to records of other sources.
        let is_another_s = !self.mapping.pages.is_empty() && known.source != self.source;
        let mut organization = self.pinned.as_given::<OrganizationFieldName>(&known);
        if !is_another_s && self.waits_for_successor(change_set.snapshot(), row, &mapping, &organization) {
            self.deferred.insert(row.number);
            return Ok(());
        }
        self.set_parent_and_founder(change_set.snapshot(), row, &mapping, &mut organization, is_another_s);
        if !is_another_s {
            self.set_successors(change_set.snapshot(), row, &mapping, &mut organization)?;
        }
        self.ending.remove(&organization.id);
        let given = self.given_fields(row, &mapping, (&identity, &known), true);
        let (organization, held) = self.hold(change_set, row, (&known, &organization), &given)?;
        let subject = (SubjectType::Organization, organization.id);
        if self.is_current(
            change_set,
            row,
            subject,
            &organization,
            "The parent, founder and successors were not changed.",
        )? {
            change_set.upsert(organization, None)?;
            self.pinned.note(held);
        }
        Ok(())
    }

    /// Sets the parent and the founder of a row's organization, except those already set that the mapping or another
    /// source keeps.
    fn set_parent_and_founder(
        &mut self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
        is_another_s: bool,
    ) {
        let keeps = |field: &str| mapping.keep.iter().any(|kept| kept == field);
        if let Some(parent) = self.text(row, &mapping.parent)
            && !(organization.parent_id.is_some() && (is_another_s || keeps("parent")))
        {
            match self.parent_of(snapshot, organization, &parent) {
                Ok(Some(parent)) => organization.parent_id = Some(parent),
                Ok(None) => _ = self.deferred.insert(row.number),
                Err(problem) => self.warned.push(problem),
            }
        }
        if let Some(founder) = self.text(row, &mapping.founder)
            && !(organization.founder_id.is_some() && (is_another_s || keeps("founder")))
        {
            match self.referred(snapshot, organization, &founder) {
                Ok(founder) => organization.founder_id = Some(founder.id),
                Err(problem) => self.warned.push(problem),
            }
        }
    }

    /// An organization by its code in the registry or in the file, or by its identifier with its scheme.
    pub(super) fn referred<'a>(
        &self,
        snapshot: &'a Snapshot,
        organization: &Organization,
        code: &str,
    ) -> Result<&'a Organization, Problem> {
        let code = cell::unspoilt_code(code);
        self.meant(snapshot, &code).map(|found| &**found).ok_or_else(|| {
            Problem::new(
                Code::ParentNotFound,
                format!(
                    "There is no organization `{code}`; “{}” was imported without it.",
                    organization.name
                ),
                "Add it to the file or to the registry, and import again.",
            )
        })
    }

    /// The parent; `None` while other organizations must move first.
    fn parent_of(
        &self,
        snapshot: &Snapshot,
        organization: &Organization,
        code: &str,
    ) -> Result<Option<i64>, Problem> {
        let parent = self.referred(snapshot, organization, code)?;
        // The ancestors after the whole file is imported, and the current ones.
        let by_file = |id: &i64| match self.parents.get(id) {
            Some(code) => self.referred(snapshot, organization, code).ok().map(|it| it.id),
            None => snapshot.organization(*id)?.parent_id,
        };
        let now = |id: &i64| snapshot.organization(*id)?.parent_id;
        let will_be: Vec<i64> = std::iter::successors(Some(parent.id), by_file).take(MAX_DEPTH + 1).collect();
        let above: Vec<i64> = std::iter::successors(Some(parent.id), now).take(MAX_DEPTH + 1).collect();
        if will_be.contains(&organization.id) {
            let text = format!(
                "“{}” would be its own ancestor; it was imported without a parent.",
                organization.name
            );
            return Err(Problem::new(Code::TreeCycle, text, "Correct the parent."));
        }
        if above.contains(&organization.id) {
            return Ok(None);
        }
        // Its descendants move with it.
        let below = snapshot.height_of_organization(organization.id, MAX_DEPTH);
        if above.len() + below > MAX_DEPTH {
            let text = format!(
                "“{}” would be deeper than {MAX_DEPTH} levels; it was imported without a parent.",
                organization.name
            );
            return Err(Problem::new(Code::TreeTooDeep, text, "Correct the parent."));
        }
        Ok(Some(parent.id))
    }
}
