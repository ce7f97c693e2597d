//! Plan of an import: the differences between the registry before and after it.

use std::{collections::HashSet, sync::Arc};

use entities::{change::SubjectType, proposal::State};
use imbl::ordmap::DiffItem;

use super::{
    near_names::{self, NearName},
    options::Kind,
};
use crate::{
    model::{Exemption, Organization, Page, Proposal, Record, Territory},
    provenance::{OrganizationFieldName, PageFieldName, RecordField, proposal_texts, record_text},
    snapshot::{Snapshot, Table},
    view::{View, Viewer, differences},
};

/// Planned action on a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is new.
    Create,
    /// Its name or its handle changes.
    Rename,
    /// Its parent, territory or owner changes.
    Move,
    /// Another field changes.
    Change,
    /// It is archived or suspended because its source no longer has it.
    Remove,
    /// A value for a pinned field is proposed.
    Propose,
}

impl Action {
    /// All actions, in the order of the plan.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::Rename, Self::Move, Self::Change, Self::Remove, Self::Propose];

    /// Name of the action in the plan file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Rename => "rename",
            Self::Move => "move",
            Self::Change => "change",
            Self::Remove => "remove",
            Self::Propose => "propose",
        }
    }
}

/// A field with its value before and after.
pub type Field = (&'static str, Option<String>, Option<String>);

/// A planned change of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Planned action.
    pub action: Action,
    /// Kind of record: `organization`, `page`, `territory` or `exemption`.
    pub kind: &'static str,
    /// Code of an organization or a territory, address of a page, or code of an exempt organization.
    pub key: String,
    /// Name, title, or reason of an exemption.
    pub name: String,
    /// Changed fields.
    pub fields: Vec<Field>,
}

/// All planned changes of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Changes sorted by action, kind and key.
    pub steps: Vec<Step>,
    /// New organizations whose names are nearly those of others.
    pub near_names: Vec<NearName>,
}

impl Plan {
    /// Compares two states of the registry.
    pub(super) fn new(before: &Arc<Snapshot>, after: &Snapshot, removed: &[i64], kind: Kind) -> Self {
        let view = View::new(Arc::new(after.clone()), Viewer::Reviewer);
        let mut steps = Vec::new();
        each(before.territories(), after.territories(), |old, new| {
            steps.push(of_territory(&view, old, new));
        });
        each(before.organizations(), after.organizations(), |old, new| {
            steps.push(of_organization(&view, old, new));
        });
        each(before.pages(), after.pages(), |old, new| steps.push(of_page(&view, old, new)));
        each(before.exemptions(), after.exemptions(), |old, new| {
            steps.push(of_exemption(&view, old, new));
        });
        // Removed records also differ: list them as removals only.
        let removals: Vec<Step> = removed.iter().filter_map(|id| removal(&view, after, kind, *id)).collect();
        let gone: HashSet<(&str, String)> = removals.iter().map(|it| (it.kind, it.key.clone())).collect();
        steps.retain(|step| step.action == Action::Create || !gone.contains(&(step.kind, step.key.clone())));
        steps.extend(removals);
        each(before.proposals(), after.proposals(), |_, new| steps.extend(of_proposal(&view, new)));
        steps.sort_by(|left, right| {
            (left.action, left.kind, &left.key).cmp(&(right.action, right.kind, &right.key))
        });
        Self { steps, near_names: near_names::find(before, after) }
    }

    /// Changes with this action.
    pub fn of(&self, action: Action) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.action == action)
    }

    /// The same, grouped by kind.
    pub fn by_kind(&self, action: Action) -> impl Iterator<Item = &[Step]> {
        // Steps are sorted by action and kind.
        let groups =
            self.steps.chunk_by(|left, right| (left.action, left.kind) == (right.action, right.kind));
        groups.filter(move |steps| steps.first().is_some_and(|step| step.action == action))
    }
}

/// Calls back with the old and new state of each new or changed record.
fn each<T: PartialEq>(before: &Table<T>, after: &Table<T>, mut call: impl FnMut(Option<&Arc<T>>, &Arc<T>)) {
    for item in before.diff(after) {
        match item {
            DiffItem::Add(_, new) => call(None, new),
            DiffItem::Update { old: (_, old), new: (_, new) } => call(Some(old), new),
            DiffItem::Remove(..) => {}
        }
    }
}

fn of_territory(view: &View, old: Option<&Arc<Territory>>, new: &Arc<Territory>) -> Step {
    let record = |it: &Arc<Territory>| Record::Territory(it.clone());
    let action = match old {
        None => Action::Create,
        Some(old) if old.name != new.name => Action::Rename,
        Some(old) if old.parent_id != new.parent_id => Action::Move,
        Some(_) => Action::Change,
    };
    let fields = differences(view, old.map(record).as_ref(), &record(new));
    Step { action, kind: "territory", key: new.code.to_string(), name: new.name.to_string(), fields }
}

fn of_exemption(view: &View, old: Option<&Arc<Exemption>>, new: &Arc<Exemption>) -> Step {
    let record = |it: &Arc<Exemption>| Record::Exemption(it.clone());
    let owner = view.organization(new.organization_id);
    let key = owner.map(|owner| owner.code.to_string()).unwrap_or_default();
    let action = if old.is_none() { Action::Create } else { Action::Change };
    let fields = differences(view, old.map(record).as_ref(), &record(new));
    Step { action, kind: "exemption", key, name: new.reason.to_string(), fields }
}

fn of_organization(view: &View, old: Option<&Arc<Organization>>, new: &Arc<Organization>) -> Step {
    let record = |it: &Arc<Organization>| Record::Organization(it.clone());
    let fields = differences(view, old.map(record).as_ref(), &record(new));
    let action = match old {
        None => Action::Create,
        Some(old) if old.name != new.name => Action::Rename,
        Some(old) if (old.parent_id, old.territory_id) != (new.parent_id, new.territory_id) => Action::Move,
        Some(_) => Action::Change,
    };
    Step { action, kind: "organization", key: new.code.to_string(), name: new.name.to_string(), fields }
}

fn of_page(view: &View, old: Option<&Arc<Page>>, new: &Arc<Page>) -> Step {
    let record = |it: &Arc<Page>| Record::Page(it.clone());
    let fields = differences(view, old.map(record).as_ref(), &record(new));
    let action = match old {
        None => Action::Create,
        Some(old) if old.owner_id != new.owner_id => Action::Move,
        Some(old) if old.handle != new.handle => Action::Rename,
        Some(_) => Action::Change,
    };
    Step { action, kind: "page", key: address(view, new), name: new.title.to_string(), fields }
}

/// The step of an open proposal.
fn of_proposal(view: &View, proposal: &Proposal) -> Option<Step> {
    let (subject_type, id) = proposal.subject();
    let (kind, field, name) = match subject_type {
        SubjectType::Page => {
            ("page", PageFieldName::parse(&proposal.field)?.name(), view.page(id)?.title.to_string())
        }
        _ => {
            let name = view.organization(id)?.name.to_string();
            ("organization", OrganizationFieldName::parse(&proposal.field)?.name(), name)
        }
    };
    let (current, proposed) = proposal_texts(view, proposal);
    let key = record_text(view, proposal.subject());
    let fields = vec![(field, current, proposed)];
    (proposal.state == State::Open).then_some(Step { action: Action::Propose, kind, key, name, fields })
}

fn removal(view: &View, after: &Snapshot, kind: Kind, id: i64) -> Option<Step> {
    let (what, key, name) = match kind {
        Kind::Pages => {
            let page = after.page(id)?;
            ("page", address(view, page), page.title.to_string())
        }
        Kind::Organizations => {
            let organization = after.organization(id)?;
            ("organization", organization.code.to_string(), organization.name.to_string())
        }
        Kind::Territories | Kind::Exemptions => return None,
    };
    Some(Step { action: Action::Remove, kind: what, key, name, fields: Vec::new() })
}

/// Canonical address of a page.
fn address(view: &View, page: &Page) -> String {
    let platform = view.address_book().platform(page.platform_id);
    let url = platform.and_then(|it| it.canonical_url(page.native_id.as_deref(), page.handle.as_deref()));
    url.unwrap_or_else(|| format!("page {}", page.id))
}
