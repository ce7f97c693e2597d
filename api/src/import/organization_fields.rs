//! What a row of an organization says beside who it is.

use chrono::{DateTime, Utc};
use entities::organization::Status;

use super::{
    file::Row,
    identity::{Identity, add_identifiers},
    mapping::OrganizationMapping,
    matching::is_made_of_name,
    refusal::{Code, RowResult, refuse},
    row::{Import, in_order, one_line, slug},
};
use crate::{
    change::Draft,
    snapshot::{Organization, OtherName, OtherNameKind},
};

impl Import {
    /// Identifiers and name of an organization that the registry has.
    pub(super) fn update_organization(
        &mut self,
        now: DateTime<Utc>,
        row: &Row,
        mapping: &OrganizationMapping,
        identity: &Identity,
        organization: &mut Organization,
    ) -> RowResult<()> {
        agrees(identity, organization)?;
        add_identifiers(identity, organization);
        self.warn_of_names(identity);
        if !mapping.keep.iter().any(|kept| kept == "name") {
            self.rename(now, row, identity, organization);
        }
        self.learn(identity, organization);
        Ok(())
    }

    /// Takes the file's name over, unless it has the registry's as well; a name that is no longer used is kept as a
    /// former one.
    fn rename(&self, now: DateTime<Utc>, row: &Row, identity: &Identity, organization: &mut Organization) {
        let name = self.survey.main_name(identity);
        let is_respelt = slug(&organization.name) == slug(name);
        // Who is known by a name alone may be known by another of its names.
        let is_known_otherwise = identity.key().is_none() && !is_respelt;
        if *organization.name == *name
            || is_known_otherwise
            || self.survey.has_name(identity, &organization.name)
        {
            return;
        }
        let known = organization.other_names.iter().find(|other| *other.name == *name);
        // A translation that stands alone in a file of one language is not the name in all of them.
        if known.is_some_and(|other| other.kind == OtherNameKind::Translation) {
            return;
        }
        let old = std::mem::replace(&mut organization.name, name.into());
        organization.other_names.retain(|other| *other.name != *name);
        if !is_respelt && organization.names().all(|known| *known != *old) {
            let until = self.moment(row, &self.mapping.as_of).ok().flatten().unwrap_or(now).date_naive();
            organization.other_names.push(OtherName {
                name: old,
                kind: OtherNameKind::Former,
                language: None,
                since: None,
                until: Some(until),
            });
        }
    }

    /// Tells of a name that other rows with the same number do not give the organization.
    pub(super) fn warn_of_names(&mut self, identity: &Identity) {
        let usual = self.survey.name(identity);
        if slug(usual) == slug(&identity.name) {
            return;
        }
        let text = format!(
            "“{}” has the number of “{usual}” ({}); the name was not taken over.",
            identity.name,
            identity.key().unwrap_or_default()
        );
        let advice = "Correct the name or the number; units of one body need `units = true` in the mapping.";
        self.warn(Code::NameConflict, text, advice);
    }

    /// Adds what a row tells beside what is known of an organization; never overwrites.
    pub(super) fn learn(&self, identity: &Identity, known: &mut Organization) {
        let usual = self.survey.name(identity);
        // A name that contradicts the others of the same number is told, and not kept: it would lead to the wrong body.
        if slug(usual) == slug(&identity.name) || identity.key().is_none() {
            add_name(known, usual, identity.language.as_deref());
        }
        add_identifiers(identity, known);
        // A code that was made of a name gives way to one that a source has.
        if let Some(code) =
            identity.code.as_ref().filter(|code| **code != *known.code && is_made_of_name(known))
        {
            known.code = code.as_str().into();
        }
        known.territory_id = known.territory_id.or(identity.profile.territory_id);
        known.sector = known.sector.take().or_else(|| identity.profile.sector.clone());
    }

    /// Sets what the mapping has, but for the fields that it says to keep where they are set.
    pub(super) fn fill(
        &mut self,
        draft: &Draft,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
        is_new: bool,
    ) -> RowResult<()> {
        let keeps =
            |field: &str, is_set: bool| !is_new && is_set && mapping.keep.iter().any(|kept| kept == field);
        if let Some(text) = self.line(row, "short name", &mapping.short_name)?
            && !keeps("short_name", organization.short_name.is_some())
        {
            organization.short_name = Some(text);
        }
        if let Some(kind) = self.member(row, "kind", &mapping.kind)?.filter(|_| !keeps("kind", true)) {
            organization.kind = kind;
        }
        if let Some(level) = self.member(row, "level", &mapping.level)?
            && !keeps("level", organization.level.is_some())
        {
            organization.level = Some(level);
        }
        if let Some(branch) = self.member(row, "branch", &mapping.branch)?
            && !keeps("branch", organization.branch.is_some())
        {
            organization.branch = Some(branch);
        }
        if let Some(text) = self.text(row, &mapping.territory)
            && !keeps("territory", organization.territory_id.is_some())
        {
            organization.territory_id = self.territory(draft.snapshot(), &text).or(organization.territory_id);
        }
        if let Some(sector) = self.boxed(row, &mapping.sector)
            && !keeps("sector", organization.sector.is_some())
        {
            organization.sector = Some(sector);
        }
        self.fill_website(row, mapping, organization, keeps("website", organization.website.is_some()));
        self.fill_days(row, mapping, organization, keeps)?;
        self.fill_status(row, mapping, organization)?;
        self.warn_of_days(mapping, organization, draft.now());
        self.fill_names(row, mapping, organization)
    }

    /// Tells of days that contradict the state: the verdicts on its pages follow the state.
    fn warn_of_days(
        &mut self,
        mapping: &OrganizationMapping,
        organization: &Organization,
        now: DateTime<Utc>,
    ) {
        if mapping.valid_from.is_none() && mapping.valid_to.is_none() && mapping.status.is_none() {
            return;
        }
        let today = now.date_naive();
        let ends = organization.valid_to.filter(|last| *last < today);
        let is_over = matches!(organization.status, Status::Merged | Status::Split | Status::Liquidated);
        let text = match organization.status {
            Status::Active if ends.is_some() => "works, by its status, and its last day is past",
            Status::Active if organization.valid_from.is_some_and(|first| first > today) => {
                "works, by its status, and its first day is yet to come"
            }
            _ if is_over && organization.valid_to.is_some_and(|last| last > today) => {
                "has ended, by its status, and its last day is yet to come"
            }
            _ => return,
        };
        let text = format!("“{}” {text}. Its status counts.", organization.name);
        self.warn(Code::BadValue, text, "Correct the status or the days.");
    }

    /// First and last day; the day that the row leaves out is the one that is known.
    fn fill_days(
        &self,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
        keeps: impl Fn(&str, bool) -> bool,
    ) -> RowResult<()> {
        let (from, to) = self.days(row, (&mapping.valid_from, &mapping.valid_to), "The organization")?;
        if let Some(from) = from.filter(|_| !keeps("valid_from", organization.valid_from.is_some())) {
            organization.valid_from = Some(from);
        }
        if let Some(to) = to.filter(|_| !keeps("valid_to", organization.valid_to.is_some())) {
            organization.valid_to = Some(to);
        }
        in_order((organization.valid_from, organization.valid_to), "The organization")
    }

    fn fill_names(
        &self,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
    ) -> RowResult<()> {
        for (language, value) in &mapping.names {
            for name in value.list(row, &self.columns) {
                add_name(organization, &one_line("name", &name)?, Some(language.as_str()));
            }
        }
        for former in &mapping.former_names {
            let (since, until) = self.days(row, (&former.since, &former.until), "The former name")?;
            for name in former.name.list(row, &self.columns) {
                let name = one_line("former name", &name)?;
                let language = self.boxed(row, &former.language);
                let kind = OtherNameKind::Former;
                let known = organization
                    .other_names
                    .iter_mut()
                    .find(|other| *other.name == *name && other.kind == kind);
                match known {
                    Some(known) => {
                        (known.since, known.until) = (since.or(known.since), until.or(known.until));
                        in_order((known.since, known.until), "The former name")?;
                    }
                    None if *organization.name == *name => {}
                    None => organization.other_names.push(OtherName { name, kind, language, since, until }),
                }
            }
        }
        Ok(())
    }

    fn fill_status(
        &self,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
    ) -> RowResult<()> {
        let Some(status) = self.member(row, "status", &mapping.status)? else { return Ok(()) };
        let has_ended = matches!(status, Status::Merged | Status::Split);
        if has_ended && organization.successors.is_empty() && self.text(row, &mapping.successors).is_none() {
            let text = format!("“{}” was merged or split, and nobody follows it.", organization.name);
            return refuse(Code::MissingValue, text, "Give the codes of its successors.");
        }
        if is_final(organization, status) {
            return set_status(organization, status);
        }
        // Successors may come later in the file: the second pass ends what they follow.
        if !has_ended || !organization.successors.is_empty() {
            set_status(organization, status)?;
        }
        Ok(())
    }
}

/// Refuses a row that gives an organization another number of a scheme.
pub(super) fn agrees(identity: &Identity, organization: &Organization) -> RowResult<()> {
    for identifier in &identity.identifiers {
        let other = organization.identifiers.iter().find(|known| known.scheme == identifier.scheme);
        if let Some(other) = other.filter(|other| other.value != identifier.value) {
            let text = format!(
                "“{}” has the {} {}, not {}.",
                organization.name, other.scheme, other.value, identifier.value
            );
            return refuse(Code::IdentifierMismatch, text, "Check which of the identifiers is right.");
        }
    }
    Ok(())
}

fn add_name(organization: &mut Organization, name: &str, language: Option<&str>) {
    if organization.names().any(|known| known == name) {
        return;
    }
    let kind = if language.is_some() { OtherNameKind::Translation } else { OtherNameKind::Alternative };
    let other =
        OtherName { name: name.into(), kind, language: language.map(Into::into), since: None, until: None };
    organization.other_names.push(other);
}

/// Whether an organization has ended in another way.
pub(super) fn is_final(organization: &Organization, status: Status) -> bool {
    let has_ended = !matches!(organization.status, Status::Draft | Status::Active | Status::Suspended);
    has_ended && organization.status != status
}

pub(super) fn set_status(organization: &mut Organization, status: Status) -> RowResult<()> {
    if is_final(organization, status) {
        return refuse(
            Code::FinalStatus,
            format!("“{}” has ended; it does not come back.", organization.name),
            "Import the organization that followed it under a code of its own.",
        );
    }
    organization.status = status;
    Ok(())
}
