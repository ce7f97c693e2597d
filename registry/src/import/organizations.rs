//! Rows of organizations, and owners in rows of pages.

use entities::{
    change::SubjectType,
    organization::{Kind, Status},
};

use super::{
    file::Row,
    identity::Identity,
    mapping::{IfMissing, OrganizationMapping},
    organization_codes::is_generated_from_name,
    organization_fields::agrees,
    pinned::HeldBack,
    row::Import,
    row_error::{Code, RowResult, refuse},
};
use crate::{change_log::ChangeSet, model::Organization, provenance::OrganizationFieldName};

/// New state of an owner, not yet written.
pub(super) struct Owner {
    pub(super) state: Organization,
    /// The organization that the row names, if its successor is the owner.
    named: Option<Organization>,
    pub(super) named_id: i64,
    parent: Option<Box<str>>,
    /// What the row gives for pinned fields of the organization that it names.
    held: HeldBack<OrganizationFieldName>,
}

impl Import {
    /// First pass over a file of organizations: everything except parents, founders and successors.
    pub(super) fn take_organization(&mut self, change_set: &mut ChangeSet, row: &Row) -> RowResult<()> {
        let mapping = self.organization_mapping();
        let identity = self.identity(change_set.snapshot(), row, &mapping)?;
        let known = self.find(change_set.snapshot(), &identity, mapping.units)?;
        self.held_organizations.extend(known.as_ref().map(|known| known.id));
        if let Some(known) = known.as_ref().filter(|known| self.seen_organizations.contains_key(&known.id)) {
            return self.take_later_row(change_set, row, &identity, known);
        }
        let language = identity.language.clone();
        let (state, held) = match known {
            None => (self.new_organization(change_set, row, &mapping, &identity)?, HeldBack::nothing()),
            Some(known) => {
                let mut state = known.clone();
                self.bring_back(&mut state);
                self.update_organization(change_set, row, &mapping, &identity, &mut state)?;
                self.fill(change_set, row, &mapping, &mut state, false)?;
                let given = self.given_fields(row, &mapping, (&identity, &known), false);
                let (state, held) = self.hold(change_set, row, (&known, &state), &given)?;
                self.check_not_stale(change_set, row, (SubjectType::Organization, known.id), &state)?;
                (state, held)
            }
        };
        let id = state.id;
        self.note_code(change_set.snapshot(), &identity, id, &state);
        let parent = identity.profile.parent;
        self.put_owner(change_set, row, Owner { state, named: None, named_id: id, parent, held })?;
        self.seen_languages.insert((id, language));
        Ok(())
    }

    /// Later row of the same organization: adds its name in another language.
    fn take_later_row(
        &mut self,
        change_set: &mut ChangeSet,
        row: &Row,
        identity: &Identity,
        known: &Organization,
    ) -> RowResult<()> {
        if identity.language.is_none() || !self.seen_languages.insert((known.id, identity.language.clone())) {
            let first = self.seen_organizations[&known.id];
            // A code that was generated from the name says no more than the name.
            let code =
                if is_generated_from_name(known) { String::new() } else { format!(" ({})", known.code) };
            let text = format!("Row {first} has the same organization, “{}”{code}.", known.name);
            let advice = "Keep one of the rows; units of one body need `units = true` in the mapping.";
            return refuse(Code::DuplicateInFile, text, advice);
        }
        agrees(change_set.snapshot(), identity, known)?;
        self.warn_of_names(identity);
        let mut state = self.pinned.as_given::<OrganizationFieldName>(known);
        self.learn(change_set.snapshot(), identity, &mut state);
        let (state, held) = self.hold::<OrganizationFieldName>(change_set, row, (known, &state), &[])?;
        self.check_not_stale(change_set, row, (SubjectType::Organization, known.id), &state)?;
        self.note_code(change_set.snapshot(), identity, known.id, &state);
        change_set.upsert(state, None)?;
        self.pinned.note(held);
        Ok(())
    }

    /// Owner of a row's pages: an existing organization, or a new one if the mapping allows it.
    pub(super) fn owner(&mut self, change_set: &ChangeSet, row: &Row) -> RowResult<Owner> {
        let mapping = self.organization_mapping();
        let identity = self.identity(change_set.snapshot(), row, &mapping)?;
        let known = self.find(change_set.snapshot(), &identity, mapping.units)?;
        let known_id = known.as_ref().map(|known| known.id);
        let (mut named, mut held) = (None, HeldBack::nothing());
        let state = match known {
            Some(known) => {
                let (known, of_row) = self.known_owner(change_set, row, &mapping, &identity, &known)?;
                held = of_row;
                let has_status = self.text(row, &mapping.status).is_some();
                named = Some(known.clone());
                self.follow(change_set.snapshot(), known, has_status)
            }
            None if mapping.if_missing == IfMissing::Refuse => {
                let text = format!("The registry has no organization “{}”.", identity.name);
                return refuse(
                    Code::OwnerNotFound,
                    text,
                    "Import the organization first, or correct its identifiers.",
                );
            }
            None => self.new_organization(change_set, row, &mapping, &identity)?,
        };
        let named = named.filter(|named| named.id != state.id);
        let named_id = known_id.unwrap_or(state.id);
        let named_state = named.as_ref().unwrap_or(&state);
        self.note_code(change_set.snapshot(), &identity, named_id, named_state);
        Ok(Owner { state, named, named_id, parent: identity.profile.parent, held })
    }

    /// New state of an owner that the registry has.
    fn known_owner(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &OrganizationMapping,
        identity: &Identity,
        known: &Organization,
    ) -> RowResult<(Organization, HeldBack<OrganizationFieldName>)> {
        let first = self.seen_organizations.get(&known.id).copied();
        let mut state = self.pinned.as_given::<OrganizationFieldName>(known);
        if first.is_none() {
            self.bring_back(&mut state);
        }
        let mut given = Vec::new();
        // Values of another source are never overwritten.
        if first.is_none() && state.source == self.source {
            self.update_organization(change_set, row, mapping, identity, &mut state)?;
            self.fill(change_set, row, mapping, &mut state, false)?;
            given = self.given_fields(row, mapping, (identity, known), false);
        } else {
            agrees(change_set.snapshot(), identity, known)?;
            self.warn_of_names(identity);
            self.learn(change_set.snapshot(), identity, &mut state);
            if let Some(first) = first.filter(|_| state.source == self.source) {
                self.warn_of_others(change_set, row, mapping, &state, first)?;
            }
        }
        let (state, held) = self.hold(change_set, row, (known, &state), &given)?;
        let subject = (SubjectType::Organization, known.id);
        let is_current =
            self.is_current(change_set, row, subject, &state, "The organization was not changed.")?;
        Ok(if is_current { (state, held) } else { (known.clone(), HeldBack::nothing()) })
    }

    /// Writes an owner, after all checks of its row.
    pub(super) fn put_owner(&mut self, change_set: &mut ChangeSet, row: &Row, owner: Owner) -> RowResult<()> {
        let Owner { state, named, named_id, parent, held } = owner;
        let is_first = !self.seen_organizations.contains_key(&named_id);
        self.seen.insert((SubjectType::Organization, named_id));
        // A successor is not written here; its own rows describe it.
        change_set.upsert(named.unwrap_or(state), None)?;
        self.pinned.note(held);
        if is_first {
            self.seen_organizations.insert(named_id, row.number);
            if matches!(self.incoming_status(row)?, Some(Status::Merged | Status::Split)) {
                self.ending.insert(named_id);
            }
            self.parents.extend(parent.map(|parent| (named_id, parent)));
        }
        Ok(())
    }

    pub(super) fn organization_mapping(&self) -> OrganizationMapping {
        self.mapping.organization.clone().expect("checked when the import began")
    }

    fn new_organization(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &OrganizationMapping,
        identity: &Identity,
    ) -> RowResult<Organization> {
        self.warn_of_names(identity);
        let (code, code_origin) = self.new_code(change_set.snapshot(), identity);
        let mut organization = Organization {
            id: change_set.next_organization_id(),
            code,
            code_origin: Some(code_origin),
            former_codes: Vec::new(),
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
            field_sources: Vec::new(),
            created_at: change_set.now(),
            updated_at: change_set.now(),
        };
        self.learn(change_set.snapshot(), identity, &mut organization);
        self.fill(change_set, row, mapping, &mut organization, true)?;
        Ok(organization)
    }
}
