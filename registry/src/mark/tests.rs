//! Rules of marks, without a database: every act in every state by every role, expiry, and random sequences of acts.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entities::{
    organization::Status,
    page::{Lifecycle, Mark},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Confirmation, MarkAct, MarkErrorCode as Code, Requirement, apply, expiry::expire_due};
use crate::{
    author::Author,
    change_log::ChangeSet,
    model::{Client, MarkState, Organization, Page, Platform, Record, SourceRank, Territory, rank_of},
    record_reference::PageReference,
    snapshot::Snapshot,
};

const DAY: &str = "2026-01-01T00:00:00Z";

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a record")
}

fn platform(id: i64, methods: &[&str]) -> Platform {
    let host = format!("pages{id}.example");
    let rules = json!({ "hosts": [host], "matchers": [{ "pattern": "^/(?P<handle>[a-z0-9_]+)$" }] });
    read(json!({
        "id": id, "code": host, "name": host, "names": {}, "status": "ACTIVE", "address_rules": rules, "metrics": [],
        "mark_methods": methods, "updated_at": DAY,
    }))
}

fn organization(id: i64) -> Organization {
    read(json!({
        "id": id, "code": format!("o{id}"), "kind": "INSTITUTION", "name": format!("Office {id}"), "other_names": [],
        "status": "ACTIVE", "successors": [], "identifiers": [], "territory_id": 1, "source": "test",
        "created_at": DAY, "updated_at": DAY,
    }))
}

fn territory(id: i64) -> Territory {
    read(json!({
        "id": id, "code": format!("t{id}"), "kind": "REGION", "name": format!("Region {id}"), "names": {},
        "scheme_codes": {}, "source": "test", "updated_at": DAY,
    }))
}

fn page(id: i64, platform_id: i64) -> Page {
    read(json!({
        "id": id, "platform_id": platform_id, "native_id": id.to_string(), "title": "Page", "owner_id": 1,
        "co_owners": [], "languages": [], "lifecycle": "REGISTERED", "availability": "LIVE",
        "mark": { "state": "NONE" }, "widget": "NOT_REQUIRED", "aliases": [], "source": "test", "created_at": DAY,
        "updated_at": DAY,
    }))
}

/// Two platforms, of which only the first has a mark, an organization, and a page on each platform, with the same id.
fn registry() -> ChangeSet {
    let mut change_set = ChangeSet::preview(Snapshot::default());
    let records: [Record; 7] = [
        territory(1).into(),
        territory(2).into(),
        platform(1, &["portal", "letter"]).into(),
        platform(2, &[]).into(),
        organization(1).into(),
        page(1, 1).into(),
        page(2, 2).into(),
    ];
    for record in records {
        change_set.upsert(record, None).expect("a record");
    }
    change_set
}

fn reference(id: i64) -> PageReference {
    PageReference::Native { platform_code: Some(format!("pages{id}.example")), native_id: id.to_string() }
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

fn confirm(at: Option<DateTime<Utc>>, expires_on: Option<NaiveDate>) -> MarkAct {
    MarkAct::Confirm(Confirmation { method: "portal".into(), at, expires_on })
}

/// One act of each kind.
fn acts() -> Vec<MarkAct> {
    vec![
        MarkAct::Request,
        MarkAct::Pend,
        confirm(None, None),
        MarkAct::Reject,
        MarkAct::Revoke,
        MarkAct::Lose,
    ]
}

/// The page with a mark in a state.
fn put(change_set: &mut ChangeSet, state: Mark, lifecycle: Lifecycle) {
    let method = (state != Mark::None).then(|| "portal".into());
    let mark = MarkState { state, method, at: Some(change_set.now()), expires_on: None };
    let known = Page::clone(change_set.snapshot().page(1).expect("a page"));
    change_set.upsert(Page { mark, lifecycle, ..known }, None).expect("a page");
}

fn state(change_set: &ChangeSet) -> Mark {
    change_set.snapshot().page(1).expect("a page").mark.state
}

fn outcome(change_set: &mut ChangeSet, author: &Author, act: &MarkAct) -> Result<Mark, Code> {
    let done = apply(change_set, author, &reference(1), act).expect("rules");
    done.map(|_| state(change_set)).map_err(|error| error.code)
}

#[test]
fn every_act_in_every_state_by_every_role_has_the_outcome_of_the_table() {
    let role = |author, reaches, scopes: &'static [&'static str]| (author, reaches, scopes);
    let roles = [
        role(Author::operator(), true, &["WRITE", "REVIEW", "SUBMIT"]),
        role(client(&["WRITE"], None), true, &["WRITE"]),
        role(client(&["REVIEW"], None), true, &["REVIEW"]),
        role(client(&["SUBMIT"], None), true, &["SUBMIT"]),
        role(client(&["READ", "STATISTICS"], None), true, &[]),
        role(client(&["REVIEW"], Some(("platform_id", 2))), false, &["REVIEW"]),
        role(client(&["REVIEW"], Some(("territory_id", 1))), true, &["REVIEW"]),
        role(client(&["REVIEW"], Some(("territory_id", 2))), false, &["REVIEW"]),
        role(client(&["WRITE"], Some(("organization_id", 7))), false, &["WRITE"]),
    ];
    let base = registry();
    for (number, (author, reaches, scopes)) in roles.into_iter().enumerate() {
        for (before, act) in Mark::EACH.iter().flat_map(|it| acts().into_iter().map(move |act| (*it, act))) {
            let mut change_set = ChangeSet::preview(base.snapshot().clone());
            put(&mut change_set, before, Lifecycle::Registered);
            let name = |scope: &crate::model::Scope| serde_json::to_value(scope).expect("a name");
            let may = act.kind().scopes().iter().any(|scope| scopes.iter().any(|it| name(scope) == *it));
            let expected = match act.kind().next(before) {
                _ if !reaches || !may => Err(Code::NotAllowed),
                None => Err(Code::IllegalTransition),
                Some(next) => Ok(next),
            };
            assert_eq!(
                outcome(&mut change_set, &author, &act),
                expected,
                "role {number}: {act:?} of {before:?}"
            );
            assert!(expected.is_ok() || state(&change_set) == before, "a refused act changes nothing");
        }
    }
}

#[test]
fn an_act_is_refused_on_a_page_that_does_not_meet_its_requirement() {
    let operator = Author::operator();
    let base = registry();
    for (stage, act) in Lifecycle::EACH.iter().flat_map(|it| acts().into_iter().map(move |act| (*it, act))) {
        let kind = act.kind();
        let legal: Vec<_> = Mark::EACH.iter().filter(|state| kind.next(**state).is_some()).collect();
        // A confirmed mark of a page that is not official is lost at once.
        let before = *legal.first().copied().expect("a state");
        if before == Mark::Confirmed && stage != Lifecycle::Registered {
            continue;
        }
        let mut change_set = ChangeSet::preview(base.snapshot().clone());
        put(&mut change_set, before, stage);
        let is_in_use = matches!(stage, Lifecycle::Proposed | Lifecycle::UnderReview | Lifecycle::Registered);
        let expected = match kind.requires() {
            Requirement::InUse if !is_in_use => Err(Code::PageNotInUse),
            Requirement::Official if stage != Lifecycle::Registered => Err(Code::PageNotRegistered),
            _ => Ok(kind.next(before).expect("a legal act")),
        };
        assert_eq!(
            outcome(&mut change_set, &operator, &act),
            expected,
            "{act:?} of a page that is {stage:?}"
        );
    }
    let mut change_set = ChangeSet::preview(base.snapshot().clone());
    put(&mut change_set, Mark::PendingConfirmation, Lifecycle::Registered);
    let suspended = Organization { status: Status::Suspended, ..organization(1) };
    change_set.upsert(suspended, None).expect("an organization");
    let refused = outcome(&mut change_set, &operator, &confirm(None, None));
    assert_eq!(refused, Err(Code::OrganizationNotActive));
    let none = apply(&mut change_set, &operator, &reference(2), &MarkAct::Request).expect("rules");
    assert_eq!(none.map_err(|error| error.code), Err(Code::NoMarkOnPlatform));
}

#[test]
fn a_confirmation_needs_a_method_of_the_platform_and_days_that_can_be() {
    let mut change_set = registry();
    put(&mut change_set, Mark::PendingConfirmation, Lifecycle::Registered);
    let (now, operator) = (change_set.now(), Author::operator());
    let today = change_set.snapshot().time_zone().day_of(now);
    let other = MarkAct::Confirm(Confirmation { method: "post".into(), at: None, expires_on: None });
    assert_eq!(outcome(&mut change_set, &operator, &other), Err(Code::UnknownMethod));
    let future = confirm(Some(now + TimeDelta::hours(1)), None);
    assert_eq!(outcome(&mut change_set, &operator, &future), Err(Code::DateInFuture));
    let over = confirm(None, Some(today - Days::new(1)));
    assert_eq!(outcome(&mut change_set, &operator, &over), Err(Code::ExpiryInPast));
    let right = confirm(Some(now - TimeDelta::hours(1)), Some(today));
    assert_eq!(outcome(&mut change_set, &operator, &right), Ok(Mark::Confirmed));
    let page = change_set.snapshot().page(1).expect("a page");
    assert_eq!((page.mark.at, page.mark.expires_on), (Some(now - TimeDelta::hours(1)), Some(today)));
    assert_eq!(rank_of(&page.field_sources, "mark"), SourceRank::Operator);
    // It is renewed, also for ever.
    assert_eq!(outcome(&mut change_set, &operator, &confirm(None, None)), Ok(Mark::Confirmed));
    let mark = &change_set.snapshot().page(1).expect("a page").mark;
    assert_eq!((mark.at, mark.expires_on), (Some(now), None));
}

#[test]
fn an_operator_s_decision_binds_a_partner_and_a_key_without_a_platform_is_no_source() {
    let mut change_set = registry();
    let partner = client(&["SUBMIT"], Some(("platform_id", 1)));
    let rank = |it: &ChangeSet| rank_of(&it.snapshot().page(1).expect("a page").field_sources, "mark");
    let (region, unlimited) = (client(&["REVIEW"], Some(("territory_id", 1))), client(&["SUBMIT"], None));
    let mut unclaimed = ChangeSet::preview(change_set.snapshot().clone());
    assert_eq!(outcome(&mut unclaimed, &unlimited, &MarkAct::Request), Ok(Mark::Requested));
    assert_eq!(rank(&unclaimed), SourceRank::Import);
    assert_eq!(outcome(&mut change_set, &partner, &MarkAct::Request), Ok(Mark::Requested));
    assert_eq!(outcome(&mut change_set, &Author::operator(), &MarkAct::Reject), Ok(Mark::Rejected));
    // A new request asks the operator again, and decides nothing.
    assert_eq!(outcome(&mut change_set, &partner, &MarkAct::Request), Ok(Mark::Requested));
    assert_eq!(rank(&change_set), SourceRank::Operator);
    assert_eq!(outcome(&mut change_set, &region, &MarkAct::Pend), Err(Code::NotAllowed));
}

#[test]
fn a_mark_expires_when_its_last_day_is_over_and_only_once() {
    let mut change_set = registry();
    put(&mut change_set, Mark::PendingConfirmation, Lifecycle::Registered);
    let now = change_set.now();
    let last = change_set.snapshot().time_zone().day_of(now);
    outcome(&mut change_set, &Author::operator(), &confirm(None, Some(last))).expect("it is confirmed");
    let end = change_set.snapshot().time_zone().end_of(last);
    let mut expire = |at| expire_due(&mut change_set, at).expect("rules");
    assert_eq!(expire(end - TimeDelta::microseconds(1)), 0, "the mark is valid on its last day");
    assert_eq!((expire(end), expire(end)), (1, 0));
    let mark = &change_set.snapshot().page(1).expect("a page").mark;
    assert_eq!((mark.state, mark.expires_on), (Mark::Expired, Some(last)));
    assert!(mark.at.is_some_and(|at| at <= change_set.now()), "never in the future");
}

/// An act of a random sequence, or an event that marks depend on.
fn random_step(change_set: &mut ChangeSet, step: usize, days: u64) {
    let (operator, now) = (Author::operator(), change_set.now());
    let today = change_set.snapshot().time_zone().day_of(now);
    let known = Page::clone(change_set.snapshot().page(1).expect("a page"));
    let before = known.mark.clone();
    match step {
        0..6 => {
            let mut act = acts().swap_remove(step);
            if let MarkAct::Confirm(confirmation) = &mut act {
                confirmation.expires_on = (days > 0).then(|| today + Days::new(days - 1));
            }
            let expected = act.kind().next(before.state);
            match outcome(change_set, &operator, &act) {
                Ok(after) => assert_eq!(Some(after), expected),
                Err(_) => assert_eq!(change_set.snapshot().page(1).expect("a page").mark, before),
            }
        }
        6 => _ = expire_due(change_set, now + TimeDelta::days(2)).expect("rules"),
        7..13 => {
            let lifecycle = Lifecycle::EACH[step - 7];
            change_set.upsert(Page { lifecycle, ..known }, None).expect("a page");
        }
        _ => {
            let status = if step == 13 { Status::Suspended } else { Status::Active };
            change_set.upsert(Organization { status, ..organization(1) }, None).expect("an organization");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_sequence_of_acts_breaks_an_invariant(
        steps in proptest::collection::vec((0_usize..15, 0_u64..4), 1..80),
    ) {
        let mut change_set = registry();
        for (step, days) in steps {
            random_step(&mut change_set, step, days);
            let found = change_set.snapshot().invariants(Utc::now());
            prop_assert_eq!(found.breaches, Vec::new());
            let mark = &change_set.snapshot().page(1).expect("a page").mark;
            prop_assert_eq!(mark.at.is_some(), mark.state != Mark::None);
        }
    }
}
