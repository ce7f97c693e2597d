//! Names of organizations: which name of a file is the main one, and which become other names.

use chrono::{DateTime, Utc};

use super::{
    file::Row,
    identity::{Identity, add_identifiers},
    mapping::OrganizationMapping,
    matching::is_called,
    row::{Import, in_order, one_line, slug},
    row_error::{Code, RowResult},
};
use crate::{
    model::{Organization, OtherName, OtherNameKind},
    snapshot::Snapshot,
};

impl Import {
    /// Sets the file's main name, unless the file also has the registry's name; the old name becomes a former name.
    pub(super) fn rename(
        &self,
        now: DateTime<Utc>,
        row: &Row,
        identity: &Identity,
        organization: &mut Organization,
    ) {
        let name = self.survey.main_name(identity);
        let is_respelt = slug(&organization.name) == slug(name);
        // An organization matched only by name may have been matched by another of its names.
        let is_known_otherwise = identity.key().is_none() && !is_respelt;
        if *organization.name == *name
            || is_known_otherwise
            || self.survey.has_name(identity, &organization.name)
        {
            return;
        }
        let known = organization.other_names.iter().find(|other| *other.name == *name);
        // A file in one language has only the translation; this must not replace the main name.
        if known.is_some_and(|other| other.kind == OtherNameKind::Translation) {
            return;
        }
        let old = std::mem::replace(&mut organization.name, name.into());
        organization.other_names.retain(|other| *other.name != *name);
        if !is_respelt && organization.names().all(|known| *known != *old) {
            let until = self.timestamp(row, &self.mapping.as_of).ok().flatten().unwrap_or(now);
            organization.other_names.push(OtherName {
                name: old,
                kind: OtherNameKind::Former,
                language: None,
                since: None,
                until: Some(self.before.time_zone().day_of(until)),
            });
        }
    }

    /// Gives an organization whose name is pinned the file's main name, which is then proposed: its other names stay as
    /// they are.
    pub(super) fn give_name(&self, identity: &Identity, organization: &mut Organization) {
        let name = self.survey.main_name(identity);
        let is_respelt = slug(&organization.name) == slug(name);
        // An organization matched only by name may have been matched by another of its present names.
        let is_other_name = identity.key().is_none() && !is_respelt && is_called(organization, name);
        let mut translations =
            organization.other_names.iter().filter(|other| other.kind == OtherNameKind::Translation);
        if !is_other_name
            && translations.all(|other| *other.name != *name)
            && !self.survey.has_name(identity, &organization.name)
        {
            organization.name = name.into();
        }
    }

    /// Warns of a name that differs from that of other rows with the same code or identifier.
    pub(super) fn warn_of_names(&mut self, identity: &Identity) {
        let usual = self.survey.name(identity);
        let key = identity.key().unwrap_or_default();
        let is_usual = slug(usual) == slug(&identity.name);
        if is_usual || !self.warned_names.insert((key, slug(&identity.name))) {
            return;
        }
        let text = format!(
            "“{}” has the same identity as “{usual}” ({}); the name was skipped.",
            identity.name,
            identity.label()
        );
        let advice =
            "Correct the name, code or identifier; units of one body need `units = true` in the mapping.";
        self.warn(Code::NameConflict, text, advice);
    }

    /// Adds missing values of an organization from a row; never overwrites, except a generated code.
    pub(super) fn learn(&self, snapshot: &Snapshot, identity: &Identity, known: &mut Organization) {
        let usual = self.survey.name(identity);
        // A name that differs from the others of the same identity is skipped: it could match the wrong organization.
        if slug(usual) == slug(&identity.name) || identity.key().is_none() {
            add_name(known, usual, identity.language.as_deref());
        }
        add_identifiers(identity, known);
        self.learn_code(snapshot, identity, known);
        known.territory_id = known.territory_id.or(identity.profile.territory_id);
        known.sector = known.sector.take().or_else(|| identity.profile.sector.clone());
    }

    /// Adds names in other languages, and former names with their periods.
    pub(super) fn fill_names(
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
                let language = self.language(row, &former.language)?;
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
