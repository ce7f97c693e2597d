//! Rows of organizations, and the owners that rows of pages name.

use entities::{
    change::SubjectType,
    organization::{Kind, Status},
};

use super::{
    file::Row,
    identity::Identity,
    mapping::{IfMissing, OrganizationMapping},
    organization_fields::{agrees, set_status},
    refusal::{Code, Problem, RowResult, Stop, refuse},
    row::Import,
};
use crate::{
    change::Draft,
    snapshot::{MAX_DEPTH, Organization, Snapshot},
};

/// An owner as its row leaves it; nothing of it is written yet.
pub(super) struct Owner {
    pub(super) state: Organization,
    pub(super) is_new: bool,
    /// Whether it goes on for the organization that the row is about.
    is_successor: bool,
    parent: Option<Box<str>>,
}

impl Import {
    /// First pass of a file of organizations: everything but the places in the tree.
    pub(super) fn take_organization(&mut self, draft: &mut Draft, row: &Row) -> RowResult<()> {
        let mapping = self.organization_mapping();
        let identity = self.identity(draft.snapshot(), row, &mapping)?;
        let known = self.find(draft.snapshot(), &identity, mapping.units)?;
        self.held_organizations.extend(known.as_ref().map(|known| known.id));
        if let Some(first) = known.as_ref().and_then(|known| self.seen_organizations.get(&known.id)) {
            let text = format!("Row {first} has the organization “{}” already.", identity.name);
            return refuse(Code::DuplicateInFile, text, "Keep one of the rows.");
        }
        let is_new = known.is_none();
        let state = match known {
            None => self.new_organization(draft, row, &mapping, &identity)?,
            Some(known) => {
                let mut state = known.clone();
                self.bring_back(&mut state);
                self.update_organization(draft.now(), row, &mapping, &identity, &mut state)?;
                self.fill(draft.snapshot(), row, &mapping, &mut state, false)?;
                if draft.would_change(&state) {
                    self.fresh(row, known.updated_at)?;
                }
                state
            }
        };
        self.put_owner(
            draft,
            row,
            Owner { state, is_new, is_successor: false, parent: identity.profile.parent },
        )
    }

    /// An organization that an undo withdrew, or that was gone from its list, works again.
    fn bring_back(&self, organization: &mut Organization) {
        if self.returning.contains(&(SubjectType::Organization, organization.id))
            && matches!(organization.status, Status::Withdrawn | Status::Suspended)
        {
            organization.status = Status::Active;
        }
    }

    /// Organization that answers for a row's pages: found, or made where the mapping allows it.
    pub(super) fn owner(&mut self, draft: &Draft, row: &Row) -> RowResult<Owner> {
        let mapping = self.organization_mapping();
        let identity = self.identity(draft.snapshot(), row, &mapping)?;
        let known = self.find(draft.snapshot(), &identity, mapping.units)?;
        let known_id = known.as_ref().map(|known| known.id);
        let state = match known {
            Some(mut known) => {
                self.bring_back(&mut known);
                let is_first = !self.seen_organizations.contains_key(&known.id);
                // What another source says of an organization is not this one's to change.
                if is_first && known.source == self.source {
                    self.update_organization(draft.now(), row, &mapping, &identity, &mut known)?;
                    self.fill(draft.snapshot(), row, &mapping, &mut known, false)?;
                } else {
                    agrees(&identity, &known)?;
                    self.learn(&identity, &mut known);
                }
                let says_status = self.text(row, &mapping.status).is_some();
                self.follow(draft.snapshot(), known, says_status)
            }
            None if mapping.if_missing == IfMissing::Refuse => {
                let text = format!("The registry has no organization “{}”.", identity.name);
                return refuse(
                    Code::OwnerNotFound,
                    text,
                    "Import the organization first, or correct its identifiers.",
                );
            }
            None => self.new_organization(draft, row, &mapping, &identity)?,
        };
        let is_successor = known_id.is_some_and(|id| id != state.id);
        Ok(Owner { state, is_new: known_id.is_none(), is_successor, parent: identity.profile.parent })
    }

    /// The one organization that goes on with what one that has ended kept, or else itself. It is told, unless the row says
    /// itself that it has ended.
    fn follow(&mut self, snapshot: &Snapshot, owner: Organization, says_status: bool) -> Organization {
        if matches!(owner.status, Status::Draft | Status::Active | Status::Suspended) {
            return owner;
        }
        let next = |it: &Organization| match it.successors.as_slice() {
            [one] if it.status == Status::Merged => snapshot.organization(*one).cloned(),
            _ => None,
        };
        let mut last = next(&owner);
        for _ in 0..MAX_DEPTH {
            let Some(further) = last.as_deref().and_then(next) else { break };
            last = Some(further);
        }
        let text = match &last {
            Some(last) => format!("“{}” was merged into “{}”, whose page this is.", owner.name, last.name),
            None => format!("“{}” has ended, and no one organization goes on with its pages.", owner.name),
        };
        if !says_status {
            self.warn(Code::OwnerEnded, text, "Name the organization that keeps the page today.");
        }
        match last {
            Some(last) => {
                self.held_organizations.insert(owner.id);
                Organization::clone(&last)
            }
            None => owner,
        }
    }

    /// Writes an owner once nothing of its row can be refused any more.
    pub(super) fn put_owner(&mut self, draft: &mut Draft, row: &Row, owner: Owner) -> RowResult<()> {
        let Owner { state, is_new, is_successor, parent } = owner;
        // Rows of its own say what a successor is.
        if is_successor {
            return Ok(());
        }
        let id = state.id;
        let is_first = !self.seen_organizations.contains_key(&id);
        let is_changed = draft.put(state, None)?;
        if is_first {
            self.seen_organizations.insert(id, row.number);
            self.counts.organizations.count(is_new, is_changed);
            if let Some(parent) = parent {
                self.parents.insert(id, parent);
            }
        }
        Ok(())
    }

    /// Second pass: parents, founders and successors, once all of the file is known. What cannot be set is left out,
    /// and told.
    pub(super) fn place_organization(&mut self, draft: &mut Draft, row: &Row) -> RowResult<()> {
        let mapping = self.organization_mapping();
        let Ok(identity) = self.identity(draft.snapshot(), row, &mapping) else { return Ok(()) };
        let Ok(Some(known)) = self.find(draft.snapshot(), &identity, mapping.units) else { return Ok(()) };
        // A file of pages does not change what another source says.
        let is_another_s = !self.mapping.pages.is_empty() && known.source != self.source;
        if self.seen_organizations.get(&known.id) != Some(&row.number) || is_another_s {
            return Ok(());
        }
        let mut organization = known;
        let keeps = |field: &str| mapping.keep.iter().any(|kept| kept == field);
        if let Some(parent) = self.text(row, &mapping.parent)
            && !(organization.parent_id.is_some() && keeps("parent"))
        {
            match parent_of(draft.snapshot(), &organization, &parent) {
                Ok(parent) => organization.parent_id = Some(parent),
                Err(problem) => self.warned.push(problem),
            }
        }
        if let Some(founder) = self.text(row, &mapping.founder)
            && !(organization.founder_id.is_some() && keeps("founder"))
        {
            match referred(draft.snapshot(), &organization, &founder) {
                Ok(founder) => organization.founder_id = Some(founder.id),
                Err(problem) => self.warned.push(problem),
            }
        }
        self.place_successors(draft.snapshot(), row, &mapping, &mut organization)?;
        draft.put(organization, None)?;
        Ok(())
    }

    fn place_successors(
        &mut self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
    ) -> RowResult<()> {
        let successors = mapping.successors.iter().flat_map(|value| value.list(row, &self.columns));
        for code in successors.collect::<Vec<_>>() {
            match referred(snapshot, organization, &code) {
                Ok(successor) if successor.id == organization.id => {
                    let text = format!("“{}” cannot follow itself.", organization.name);
                    self.warn(Code::TreeCycle, text, "Correct the successor.");
                }
                Ok(successor) if organization.successors.contains(&successor.id) => {}
                Ok(successor) => organization.successors.push(successor.id),
                Err(problem) => self.warned.push(problem),
            }
        }
        if !organization.successors.is_empty()
            && let Some(status) = self.member(row, "status", &mapping.status)?
        {
            match set_status(organization, status) {
                // The row has been taken in: what cannot be set is told.
                Err(Stop::Refused(problem)) => self.warned.push(problem),
                other => other?,
            }
        }
        Ok(())
    }

    pub(super) fn organization_mapping(&self) -> OrganizationMapping {
        self.mapping.organization.clone().expect("checked when the import began")
    }

    fn new_organization(
        &mut self,
        draft: &Draft,
        row: &Row,
        mapping: &OrganizationMapping,
        identity: &Identity,
    ) -> RowResult<Organization> {
        self.warn_of_names(identity);
        let mut organization = Organization {
            id: draft.next_organization_id(),
            code: self.new_code(draft.snapshot(), identity).into(),
            kind: self.member(row, "kind", &mapping.kind)?.unwrap_or(Kind::Institution),
            name: self.survey.main_name(identity).into(),
            short_name: None,
            other_names: Vec::new(),
            level: None,
            branch: None,
            sector: None,
            founder_id: None,
            territory_id: None,
            parent_id: None,
            website: None,
            status: Status::Active,
            status_at: None,
            successors: Vec::new(),
            identifiers: identity.identifiers.clone(),
            valid_from: None,
            valid_to: None,
            source: self.source.clone(),
            created_at: draft.now(),
            updated_at: draft.now(),
        };
        self.learn(identity, &mut organization);
        self.fill(draft.snapshot(), row, mapping, &mut organization, true)?;
        Ok(organization)
    }
}

fn referred<'a>(
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
