//! Rules of acts, without a database: every act in every stage by every role, and random sequences of acts.

mod sources;

use std::sync::Arc;

use chrono::Utc;
use entities::page::{Availability, Lifecycle, Mark, Rejection, Widget};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Act, CheckResult, Effect, NewPage, PageAct, PageAddress, PageEdit, PageErrorCode as Code, PageFields,
    apply, register::new_page,
};
use crate::{
    author::Author,
    change_log::ChangeSet,
    model::{Client, MarkState, Organization, Page, Platform, Territory},
    record_reference::{OrganizationReference, PageReference},
    snapshot::Snapshot,
};

const DAY: &str = "2026-01-01T00:00:00Z";

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a record")
}

fn platform(id: i64, host: &str) -> Platform {
    let rules = json!({
        "hosts": [host],
        "id_url": format!("https://{host}/id/{{id}}"),
        "handle_url": format!("https://{host}/{{handle}}"),
        "handle": { "pattern": "^[a-z0-9_]{2,20}$" },
        "reserved": ["id", "person"],
        "matchers": [
            { "pattern": "^/id/(?P<id>[0-9]+)/?$" },
            { "pattern": "^/person/", "refuse": "personal_profile" },
            { "pattern": "^/(?P<handle>[A-Za-z0-9_]+)/?$" },
        ],
    });
    read(json!({
        "id": id, "code": host, "name": host, "names": {}, "website": null, "status": "ACTIVE", "address_rules": rules,
        "metrics": [], "mark_methods": ["ESIA"], "updated_at": DAY,
    }))
}

fn organization(id: i64, status: &str) -> Organization {
    read(json!({
        "id": id, "code": format!("o{id}"), "kind": "INSTITUTION", "name": format!("Office {id}"), "other_names": [],
        "status": status, "successors": [], "identifiers": [], "territory_id": 1, "source": "test", "created_at": DAY,
        "updated_at": DAY,
    }))
}

fn territory(id: i64) -> Territory {
    read(json!({
        "id": id, "code": format!("t{id}"), "kind": "REGION", "name": format!("Region {id}"), "names": {},
        "scheme_codes": {}, "source": "test", "updated_at": DAY,
    }))
}

/// Two platforms, four organizations of which the last is suspended, and page 1 of the first one.
fn registry() -> ChangeSet {
    let mut change_set = ChangeSet::preview(Snapshot::default());
    let mut put = |record: crate::model::Record| change_set.upsert(record, None).expect("a record");
    [1, 2].into_iter().for_each(|id| _ = put(territory(id).into()));
    put(platform(1, "pages.example").into());
    put(platform(2, "other.example").into());
    for (id, status) in [(1, "ACTIVE"), (2, "ACTIVE"), (3, "ACTIVE"), (4, "SUSPENDED")] {
        put(organization(id, status).into());
    }
    let page = new_page(&change_set, &Author::operator(), &new("one", 1)).expect("a page");
    let page = Page { co_owners: vec![2], ..page };
    change_set.upsert(page, None).expect("a page");
    change_set
}

fn new(handle: &str, native_id: i64) -> NewPage {
    NewPage {
        address: PageAddress::Url(format!("https://pages.example/{handle}")),
        native_id: Some(native_id.to_string()),
        owner: owner(1),
        fields: PageFields { title: Some("Office".into()), ..PageFields::default() },
    }
}

fn owner(id: i64) -> OrganizationReference {
    OrganizationReference::Code(format!("o{id}"))
}

fn page(native_id: i64) -> PageReference {
    PageReference::Native { platform_code: Some("pages.example".into()), native_id: native_id.to_string() }
}

/// A client with scopes, and with a limit: a field of its record.
fn client(scopes: &[&str], limit: Option<(&str, i64)>) -> Author {
    let mut record =
        json!({ "id": 1, "name": "client", "scopes": scopes, "key_hash": "", "created_at": DAY });
    if let Some((field, id)) = limit {
        record[field] = id.into();
    }
    Author::client(Arc::new(read::<Client>(record)))
}

/// One act of each kind.
fn acts() -> Vec<PageAct> {
    let title = PageFields { title: Some("Another title".into()), ..PageFields::default() };
    vec![
        PageAct::Edit(PageEdit { fields: title, ..PageEdit::default() }),
        PageAct::Rename(PageAddress::Url("https://pages.example/renamed".into())),
        PageAct::ChangeOwner(owner(3)),
        PageAct::AddCoOwners(vec![owner(3)]),
        PageAct::RemoveCoOwners(vec![owner(2)]),
        PageAct::StartReview,
        PageAct::Approve,
        PageAct::Reject(Rejection::Fake),
        PageAct::Archive,
        PageAct::Restore,
        PageAct::ReportCompromised,
        PageAct::ClearToRegistered,
        PageAct::ClearToArchived,
        PageAct::RecordAvailability(CheckResult { state: Availability::Live, checked_at: None }),
        PageAct::RecordWidget(CheckResult { state: Widget::Correct, checked_at: None }),
    ]
}

/// What a role may do: whether it sees the page when it is hidden, reaches the page, has the scopes to write and to review.
struct Role {
    author: Author,
    sees: bool,
    reaches: bool,
    writes: bool,
    reviews: bool,
}

fn roles() -> Vec<Role> {
    let role =
        |author, [sees, reaches, writes, reviews]: [bool; 4]| Role { author, sees, reaches, writes, reviews };
    let both = ["WRITE", "REVIEW"];
    vec![
        role(Author::operator(), [true, true, true, true]),
        role(client(&both, None), [true, true, true, true]),
        role(client(&["WRITE"], None), [false, true, true, true]),
        role(client(&["REVIEW"], None), [true, true, false, true]),
        role(client(&["READ", "SUBMIT"], None), [false, true, false, false]),
        role(client(&both, Some(("platform_id", 1))), [true, true, true, true]),
        role(client(&both, Some(("platform_id", 2))), [false, false, true, true]),
        role(client(&both, Some(("organization_id", 2))), [false, false, true, true]),
        role(client(&both, Some(("territory_id", 1))), [true, true, true, true]),
        role(client(&both, Some(("territory_id", 2))), [false, false, true, true]),
    ]
}

#[test]
fn every_act_in_every_stage_by_every_role_has_the_outcome_of_the_table() {
    let mut base = registry();
    // No source of a field outranks a role.
    let known = Page::clone(base.snapshot().page(1).expect("a page"));
    base.upsert(Page { field_sources: Vec::new(), ..known }, None).expect("a page");
    for (number, Role { author, sees, reaches, writes, reviews }) in roles().into_iter().enumerate() {
        for (stage, act) in
            Lifecycle::EACH.iter().flat_map(|stage| acts().into_iter().map(move |act| (*stage, act)))
        {
            let mut change_set = ChangeSet::preview(base.snapshot().clone());
            let known = Page::clone(base.snapshot().page(1).expect("a page"));
            let staged = Page { lifecycle: stage, ..known };
            let is_public = staged.is_public();
            change_set.upsert(staged, None).expect("a page");
            let takes_review = act.kind().scopes().len() > 1;
            let expected = match act.kind().effect(stage) {
                _ if !sees && !is_public => Err(Code::PageNotFound),
                _ if !reaches || !(writes || reviews && takes_review) => Err(Code::NotAllowed),
                Effect::Illegal => Err(Code::IllegalTransition),
                Effect::Stays => Ok(stage),
                Effect::To(next) | Effect::Reviewed(next) => Ok(next),
            };
            let outcome = apply(&mut change_set, &author, &page(1), &act).expect("rules");
            let after = change_set.snapshot().page(1).expect("a page").lifecycle;
            let outcome = outcome.map(|_| after).map_err(|error| error.code);
            assert_eq!(outcome, expected, "role {number}, {act:?} in {stage:?}");
            assert!(outcome.is_ok() || after == stage, "a refused act changes nothing");
        }
    }
}

#[test]
fn a_page_that_stops_being_official_or_gets_another_owner_loses_its_confirmed_mark() {
    for act in [PageAct::Archive, PageAct::ReportCompromised, PageAct::ChangeOwner(owner(3))] {
        let mut change_set = registry();
        let known = Page::clone(change_set.snapshot().page(1).expect("a page"));
        let (method, at) = (Some("ESIA".into()), Some(change_set.now()));
        let mark = MarkState { state: Mark::Confirmed, method, at, expires_on: None };
        change_set.upsert(Page { mark, ..known }, None).expect("a page");
        apply(&mut change_set, &Author::operator(), &page(1), &act).expect("rules").expect("it is done");
        assert_eq!(change_set.snapshot().page(1).expect("a page").mark.state, Mark::Lost, "{act:?}");
    }
}

#[test]
fn a_result_of_a_check_is_not_replaced_by_an_older_one() {
    let mut change_set = registry();
    let now = change_set.now();
    let mut record = |checked_at| {
        let check = CheckResult { state: Availability::Live, checked_at };
        let act = PageAct::RecordAvailability(check);
        apply(&mut change_set, &Author::operator(), &page(1), &act).expect("rules").map_err(|it| it.code)
    };
    assert_eq!(record(Some(now - chrono::TimeDelta::hours(1))), Ok(1));
    assert_eq!(record(Some(now - chrono::TimeDelta::hours(2))), Err(Code::OlderThanKnown));
    assert_eq!(record(Some(now + chrono::TimeDelta::hours(1))), Err(Code::InvalidValue));
    assert_eq!(record(Some(chrono::DateTime::UNIX_EPOCH)), Err(Code::InvalidValue));
    assert_eq!(record(None), Ok(1));
}

/// An act of a random sequence, or a registration.
fn random_act(change_set: &mut ChangeSet, (kind, of, other): (usize, i64, i64)) {
    let operator = Author::operator();
    let handles = ["one", "two", "three", "four", "five"];
    let mut known = acts();
    let act = match kind {
        0..15 => known.swap_remove(kind),
        15 | 16 => {
            PageAct::Rename(PageAddress::Url(format!("https://pages.example/{}", handles[other as usize])))
        }
        17 => PageAct::Rename(PageAddress::Native {
            platform_code: Some("pages.example".into()),
            native_id: of.to_string(),
        }),
        18 => PageAct::ChangeOwner(owner(other)),
        _ => {
            if let Ok(page) = new_page(change_set, &operator, &new(handles[other as usize], of)) {
                change_set.upsert(page, None).expect("a page");
            }
            return;
        }
    };
    let before = change_set.snapshot().pages().clone();
    let stage = |change_set: &ChangeSet, id| change_set.snapshot().page(id).map(|page| page.lifecycle);
    match apply(change_set, &operator, &page(of), &act).expect("rules") {
        Err(_) => assert!(before == *change_set.snapshot().pages(), "a refused act changes nothing"),
        Ok(id) => {
            let from = before.get(&id).expect("a page").lifecycle;
            let expected = match act.kind().effect(from) {
                Effect::To(next) | Effect::Reviewed(next) => next,
                Effect::Stays | Effect::Illegal => from,
            };
            assert_ne!(act.kind().effect(from), Effect::Illegal, "{:?} of {from:?}", Act::legal_in(from));
            assert_eq!(stage(change_set, id), Some(expected));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_sequence_of_acts_breaks_an_invariant(
        acts in proptest::collection::vec((0_usize..24, 1_i64..5, 1_i64..5), 1..80),
    ) {
        let mut change_set = registry();
        for act in acts {
            random_act(&mut change_set, act);
        }
        let found = change_set.snapshot().invariants(Utc::now());
        prop_assert!(found.breaches.is_empty(), "{:?}", found.breaches);
        for page in change_set.snapshot().pages().values() {
            prop_assert!(page.aliases.iter().all(|alias| Some(&alias.handle) != page.handle.as_ref()));
            prop_assert_eq!(page.rejection.is_some(), page.lifecycle == Lifecycle::Rejected);
        }
    }
}
