//! Rows of organizations, and the owners that rows of pages name.

use entities::organization::{Kind, Status};

use super::{
    file::Row,
    identity::{Identity, find, new_code},
    mapping::{IfMissing, OrganizationMapping},
    organization_fields::set_status,
    refusal::{Code, RowResult, refuse},
    row::Import,
};
use crate::{
    change::Draft,
    snapshot::{MAX_DEPTH, Organization, Snapshot},
};

impl Import {
    /// First pass of a file of organizations: everything but the places in the tree.
    pub(super) fn take_organization(&mut self, draft: &mut Draft, row: &Row) -> RowResult<()> {
        let mapping = self.organization_mapping();
        let identity = self.identity(draft.snapshot(), row, &mapping)?;
        let known = find(draft.snapshot(), &self.source, &identity)?;
        self.held_organizations.extend(known.as_ref().map(|known| known.id));
        if let Some(first) = known.as_ref().and_then(|known| self.seen_organizations.get(&known.id)) {
            let text = format!("Row {first} has the organization “{}” already.", identity.name);
            return refuse(Code::DuplicateInFile, text, "Keep one of the rows.");
        }
        let is_new = known.is_none();
        let mut organization = match &known {
            Some(known) => known.clone(),
            None => self.new_organization(draft, row, &mapping, &identity)?,
        };
        if let Some(known) = &known {
            self.update_organization(draft.snapshot(), row, &mapping, &identity, &mut organization)?;
            if draft.would_change(&organization) {
                self.fresh(row, known.updated_at)?;
            }
        }
        self.seen_organizations.insert(organization.id, row.number);
        let is_changed = draft.put(organization, None)?;
        self.counts.organizations.count(is_new, is_changed);
        Ok(())
    }

    /// Organization that answers for a row's pages: found, or made where the mapping allows it.
    pub(super) fn owner(&mut self, draft: &mut Draft, row: &Row) -> RowResult<i64> {
        let mapping = self.organization_mapping();
        let identity = self.identity(draft.snapshot(), row, &mapping)?;
        let known = find(draft.snapshot(), &self.source, &identity)?;
        let is_first = known.as_ref().is_none_or(|known| !self.seen_organizations.contains_key(&known.id));
        let is_new = known.is_none();
        let organization = match known {
            Some(mut known) => {
                self.learn(row, &mapping, &identity, &mut known);
                known
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
        let id = organization.id;
        let is_changed = draft.put(organization, None)?;
        if is_first {
            self.seen_organizations.insert(id, row.number);
            self.counts.organizations.count(is_new, is_changed);
        }
        Ok(id)
    }

    /// Second pass of a file of organizations: parents and founders, once all of the file is known.
    pub(super) fn place_organization(&mut self, draft: &mut Draft, row: &Row) -> RowResult<()> {
        let mapping = self.organization_mapping();
        let Ok(identity) = self.identity(draft.snapshot(), row, &mapping) else { return Ok(()) };
        let Some(known) = find(draft.snapshot(), &self.source, &identity)? else { return Ok(()) };
        if self.seen_organizations.get(&known.id) != Some(&row.number) {
            return Ok(());
        }
        let mut organization = known;
        let keeps = |field: &str| mapping.keep.iter().any(|kept| kept == field);
        if let Some(parent) = self.text(row, &mapping.parent)
            && !(organization.parent_id.is_some() && keeps("parent"))
        {
            organization.parent_id = Some(parent_of(draft.snapshot(), &organization, &parent)?);
        }
        if let Some(founder) = self.text(row, &mapping.founder)
            && !(organization.founder_id.is_some() && keeps("founder"))
        {
            organization.founder_id = Some(referred(draft.snapshot(), &organization, &founder)?.id);
        }
        let successors = mapping.successors.iter().flat_map(|value| value.list(row, &self.columns));
        for code in successors.collect::<Vec<_>>() {
            let successor = referred(draft.snapshot(), &organization, &code)?.id;
            if successor == organization.id {
                let text = format!("“{}” cannot follow itself.", organization.name);
                return refuse(Code::TreeCycle, text, "Correct the successor.");
            }
            if !organization.successors.contains(&successor) {
                organization.successors.push(successor);
            }
        }
        if !organization.successors.is_empty()
            && let Some(status) = self.member(row, "status", &mapping.status)?
        {
            set_status(&mut organization, status)?;
        }
        draft.put(organization, None)?;
        Ok(())
    }

    fn organization_mapping(&self) -> OrganizationMapping {
        self.mapping.organization.clone().expect("checked when the import began")
    }

    fn new_organization(
        &self,
        draft: &Draft,
        row: &Row,
        mapping: &OrganizationMapping,
        identity: &Identity,
    ) -> RowResult<Organization> {
        let mut organization = Organization {
            id: draft.next_organization_id(),
            code: new_code(draft.snapshot(), &self.source, identity).into(),
            kind: self.member(row, "kind", &mapping.kind)?.unwrap_or(Kind::Institution),
            name: identity.name.clone(),
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
            source: self.source.clone(),
            created_at: draft.now(),
            updated_at: draft.now(),
        };
        self.fill(draft.snapshot(), row, mapping, &mut organization, |_, _| false)?;
        Ok(organization)
    }
}

fn referred<'a>(
    snapshot: &'a Snapshot,
    organization: &Organization,
    code: &str,
) -> RowResult<&'a Organization> {
    match snapshot.organization_by_code(code) {
        Some(found) => Ok(found),
        None => refuse(
            Code::ParentNotFound,
            format!("There is no organization `{code}`; “{}” was taken in without it.", organization.name),
            "Add it to the file or to the registry.",
        ),
    }
}

fn parent_of(snapshot: &Snapshot, organization: &Organization, code: &str) -> RowResult<i64> {
    let parent = referred(snapshot, organization, code)?;
    let above = std::iter::successors(Some(parent), |here| Some(&**snapshot.organization(here.parent_id?)?));
    let above: Vec<i64> = above.take(MAX_DEPTH + 1).map(|here| here.id).collect();
    if above.contains(&organization.id) {
        let text = format!("“{}” would stand below itself.", organization.name);
        return refuse(Code::TreeCycle, text, "Correct the parent.");
    }
    if above.len() > MAX_DEPTH {
        let text = format!("“{}” would stand more than {MAX_DEPTH} steps deep.", organization.name);
        return refuse(Code::TreeTooDeep, text, "Correct the parent.");
    }
    Ok(parent.id)
}
