//! Places of organizations in the tree: a second pass, once all of the file is known.

use super::{
    file::Row,
    refusal::{Code, Problem, RowResult},
    row::Import,
};
use crate::{
    change::Draft,
    snapshot::{MAX_DEPTH, Organization, Snapshot},
};

impl Import {
    /// Second pass: parents, founders and successors, once all of the file is known. What cannot be set is left out,
    /// and told.
    pub(super) fn place_organization(&mut self, draft: &mut Draft, row: &Row) -> RowResult<()> {
        let mapping = self.organization_mapping();
        let Ok(identity) = self.identity(draft.snapshot(), row, &mapping) else { return Ok(()) };
        let Ok(Some(known)) = self.find(draft.snapshot(), &identity, mapping.units) else { return Ok(()) };
        if self.seen_organizations.get(&known.id) != Some(&row.number) {
            return Ok(());
        }
        // A file of pages adds to what another source says, and changes nothing of it.
        let is_another_s = !self.mapping.pages.is_empty() && known.source != self.source;
        let mut organization = known;
        let keeps = |field: &str| mapping.keep.iter().any(|kept| kept == field);
        if let Some(parent) = self.text(row, &mapping.parent)
            && !(organization.parent_id.is_some() && (is_another_s || keeps("parent")))
        {
            match parent_of(draft.snapshot(), &organization, &parent) {
                Ok(parent) => organization.parent_id = Some(parent),
                Err(problem) => self.warned.push(problem),
            }
        }
        if let Some(founder) = self.text(row, &mapping.founder)
            && !(organization.founder_id.is_some() && (is_another_s || keeps("founder")))
        {
            match referred(draft.snapshot(), &organization, &founder) {
                Ok(founder) => organization.founder_id = Some(founder.id),
                Err(problem) => self.warned.push(problem),
            }
        }
        if !is_another_s {
            self.place_successors(draft.snapshot(), row, &mapping, &mut organization)?;
        }
        draft.put(organization, None)?;
        Ok(())
    }
}

pub(super) fn referred<'a>(
    snapshot: &'a Snapshot,
    organization: &Organization,
    code: &str,
) -> Result<&'a Organization, Problem> {
    snapshot.organization_by_code(code).map(|found| &**found).ok_or_else(|| {
        Problem::new(
            Code::ParentNotFound,
            format!("There is no organization `{code}`; “{}” was taken in without it.", organization.name),
            "Add it to the file or to the registry, and import again.",
        )
    })
}

fn parent_of(snapshot: &Snapshot, organization: &Organization, code: &str) -> Result<i64, Problem> {
    let parent = referred(snapshot, organization, code)?;
    let above = std::iter::successors(Some(parent), |here| Some(&**snapshot.organization(here.parent_id?)?));
    let above: Vec<i64> = above.take(MAX_DEPTH + 1).map(|here| here.id).collect();
    if above.contains(&organization.id) {
        let text =
            format!("“{}” would stand below itself; it was taken in without a parent.", organization.name);
        return Err(Problem::new(Code::TreeCycle, text, "Correct the parent."));
    }
    // What stands below it already comes along.
    let below = snapshot.height_of_organization(organization.id, MAX_DEPTH);
    if above.len() + below > MAX_DEPTH {
        let text = format!(
            "“{}” would stand more than {MAX_DEPTH} steps deep; it was taken in without a parent.",
            organization.name
        );
        return Err(Problem::new(Code::TreeTooDeep, text, "Correct the parent."));
    }
    Ok(parent.id)
}
