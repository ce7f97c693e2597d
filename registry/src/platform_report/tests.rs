//! Rules of reports, without a database.

use std::sync::Arc;

use chrono::{DateTime, Days, TimeDelta, Utc};
use entities::page::{Availability, Lifecycle, Mark};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{AvailabilityReportRow, MarkReportRow, RowCode as Code, RowOutcome, availability, mark, record};
use crate::{
    author::Author,
    change_log::ChangeSet,
    mark::claim,
    model::{Client, Organization, Page, Platform, Record, SourceRank, rank_of},
    provenance::{Origin, PageFieldName},
    record_reference::PageReference,
    snapshot::Snapshot,
};

const DAY: &str = "2026-01-01T00:00:00Z";

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a record")
}

fn page(id: i64, platform_id: i64, handle: &str) -> Page {
    read(json!({
        "id": id, "platform_id": platform_id, "native_id": id.to_string(), "handle": handle, "title": "Page",
        "owner_id": 1, "co_owners": [], "languages": [], "lifecycle": "REGISTERED", "availability": "UNKNOWN",
        "mark": { "state": "NONE" }, "widget": "NOT_REQUIRED", "aliases": [], "source": "test", "created_at": DAY,
        "updated_at": DAY,
    }))
}

/// Two platforms, of which only the first has a mark, with two pages on the first one and one on the other.
fn registry() -> ChangeSet {
    let platform = |id: i64, methods: &[&str]| -> Platform {
        let host = format!("pages{id}.example");
        let rules = json!({
            "hosts": [host], "handle_url": format!("https://{host}/{{handle}}"),
            "handle": { "pattern": "^[a-z0-9_]{2,20}$" }, "reserved": ["settings"],
            "matchers": [{ "pattern": "^/(?P<handle>[A-Za-z0-9_]+)$" }],
        });
        read(json!({
            "id": id, "code": host, "name": host, "names": {}, "status": "ACTIVE", "address_rules": rules,
            "metrics": [], "mark_methods": methods, "updated_at": DAY,
        }))
    };
    let owner: Organization = read(json!({
        "id": 1, "code": "o1", "kind": "INSTITUTION", "name": "Office", "other_names": [], "status": "ACTIVE",
        "successors": [], "identifiers": [], "source": "test", "created_at": DAY, "updated_at": DAY,
    }));
    let mut change_set = ChangeSet::preview(Snapshot::default());
    let records: [Record; 6] = [
        platform(1, &["portal"]).into(),
        platform(2, &[]).into(),
        owner.into(),
        page(1, 1, "one").into(),
        page(2, 1, "two").into(),
        page(3, 2, "three").into(),
    ];
    for record in records {
        change_set.upsert(record, None).expect("a record");
    }
    change_set
}

/// A key of the first platform.
fn partner() -> Author {
    let record = json!({
        "id": 1, "name": "partner", "scopes": ["SUBMIT"], "key_hash": "", "platform_id": 1, "created_at": DAY,
    });
    Author::client(Arc::new(read::<Client>(record)))
}

fn native(id: i64) -> PageReference {
    let platform_code = (id == 3).then(|| "pages2.example".into());
    PageReference::Native { platform_code, native_id: id.to_string() }
}

fn of(change_set: &ChangeSet, id: i64) -> Page {
    Page::clone(change_set.snapshot().page(id).expect("a page"))
}

/// The code of a row that changes nothing; whether it changed something otherwise.
fn code(outcome: RowOutcome) -> Result<bool, Code> {
    match outcome {
        RowOutcome::Updated => Ok(true),
        RowOutcome::Unchanged => Ok(false),
        RowOutcome::Rejected(rejection) => Err(rejection.code),
    }
}

fn marked(page: i64, state: Mark) -> MarkReportRow {
    let method = (state == Mark::Confirmed).then(|| "portal".into());
    MarkReportRow { page: native(page), state, method, at: None, expires_on: None }
}

fn report_mark(change_set: &mut ChangeSet, row: MarkReportRow) -> Result<bool, Code> {
    code(record(change_set, &partner(), &Ok(row), mark::state_after).expect("rules"))
}

fn checked(
    page: i64,
    availability: Availability,
    checked_at: Option<DateTime<Utc>>,
) -> AvailabilityReportRow {
    AvailabilityReportRow { page: native(page), availability, checked_at, new_handle: None }
}

fn report_check(change_set: &mut ChangeSet, row: AvailabilityReportRow) -> Result<bool, Code> {
    code(record(change_set, &partner(), &Ok(row), availability::state_after).expect("rules"))
}

#[test]
fn a_mark_is_reported_as_the_platform_has_it_and_again_without_effect() {
    let mut change_set = registry();
    for state in [Mark::Confirmed, Mark::Lost, Mark::Requested, Mark::Rejected, Mark::Confirmed] {
        assert_eq!(report_mark(&mut change_set, marked(1, state)), Ok(true), "{state:?}");
        assert_eq!(report_mark(&mut change_set, marked(1, state)), Ok(false), "{state:?}");
        assert_eq!(of(&change_set, 1).mark.state, state);
    }
    assert_eq!(report_mark(&mut change_set, marked(1, Mark::None)), Err(Code::StateNotReportable));
    assert_eq!(report_mark(&mut change_set, marked(2, Mark::None)), Ok(false));
    let page = of(&change_set, 1);
    assert_eq!(rank_of(&page.field_sources, "mark"), SourceRank::Platform);
    assert_eq!(change_set.snapshot().invariants(Utc::now()).breaches, Vec::new());
}

#[test]
fn a_mark_that_cannot_be_is_rejected_with_a_code() {
    let mut change_set = registry();
    let now = change_set.now();
    let today = change_set.snapshot().time_zone().day_of(now);
    let confirmed = || marked(1, Mark::Confirmed);
    let unmarked = MarkReportRow { page: PageReference::Url("pages1.example/none".into()), ..confirmed() };
    for (row, expected) in [
        (unmarked, Code::PageNotFound),
        (marked(3, Mark::Lost), Code::NotAllowed),
        (MarkReportRow { method: None, ..confirmed() }, Code::MethodMissing),
        (MarkReportRow { method: Some("post".into()), ..confirmed() }, Code::UnknownMethod),
        (MarkReportRow { method: Some("post".into()), ..marked(1, Mark::Rejected) }, Code::UnknownMethod),
        (MarkReportRow { at: Some(now + TimeDelta::hours(1)), ..confirmed() }, Code::DateInFuture),
        (MarkReportRow { expires_on: Some(today - Days::new(1)), ..confirmed() }, Code::ExpiryInPast),
        (MarkReportRow { expires_on: Some(today), ..marked(1, Mark::Lost) }, Code::ExpiryNotAllowed),
    ] {
        assert_eq!(report_mark(&mut change_set, row.clone()), Err(expected), "{row:?}");
    }
    assert_eq!(of(&change_set, 1).mark.state, Mark::None);
    // A key without a platform reports nothing; at the command line, an operator reports for any platform.
    let record = json!({ "id": 2, "name": "all", "scopes": ["SUBMIT"], "key_hash": "", "created_at": DAY });
    let all = Author::client(Arc::new(read::<Client>(record)));
    let row = Ok(marked(3, Mark::Lost));
    let outcome = super::record(&mut change_set, &all, &row, mark::state_after).expect("rules");
    assert_eq!(code(outcome), Err(Code::NotAllowed));
    let outcome =
        super::record(&mut change_set, &Author::operator(), &row, mark::state_after).expect("rules");
    assert_eq!(code(outcome), Err(Code::NoMarkOnPlatform));
    let archived = Page { lifecycle: Lifecycle::Archived, ..of(&change_set, 1) };
    change_set.upsert(archived, None).expect("a page");
    assert_eq!(report_mark(&mut change_set, confirmed()), Err(Code::PageNotRegistered));
    assert_eq!(report_mark(&mut change_set, marked(1, Mark::Requested)), Err(Code::PageNotInUse));
}

#[test]
fn a_report_that_comes_late_does_not_replace_a_later_state() {
    let mut change_set = registry();
    let now = change_set.now();
    let at = |hours| Some(now - TimeDelta::hours(hours));
    let lost = MarkReportRow { at: at(2), ..marked(1, Mark::Lost) };
    let confirmed = MarkReportRow { at: at(3), ..marked(1, Mark::Confirmed) };
    assert_eq!(report_mark(&mut change_set, lost), Ok(true));
    assert_eq!(report_mark(&mut change_set, confirmed), Err(Code::OlderThanKnown));
    assert_eq!(report_mark(&mut change_set, marked(1, Mark::Confirmed)), Ok(true), "it has the mark now");
    assert_eq!(report_check(&mut change_set, checked(1, Availability::Closed, at(2))), Ok(true));
    let late = checked(1, Availability::Live, at(3));
    assert_eq!(report_check(&mut change_set, late), Err(Code::OlderThanKnown));
    assert_eq!(report_check(&mut change_set, checked(1, Availability::Live, at(1))), Ok(true));
    assert_eq!(of(&change_set, 1).availability_checked_at, at(1));
}

#[test]
fn what_an_operator_set_is_pinned() {
    let mut change_set = registry();
    let mut page = of(&change_set, 1);
    for field in [PageFieldName::Mark, PageFieldName::Availability, PageFieldName::Handle] {
        claim(change_set.snapshot(), &mut page, field, Origin::of(&Author::operator(), change_set.now()));
    }
    change_set.upsert(page.clone(), None).expect("a page");
    assert_eq!(report_mark(&mut change_set, marked(1, Mark::Confirmed)), Err(Code::Pinned));
    assert_eq!(report_check(&mut change_set, checked(1, Availability::Live, None)), Err(Code::Pinned));
    let renamed =
        AvailabilityReportRow { new_handle: Some("three".into()), ..checked(1, Availability::Renamed, None) };
    assert_eq!(report_check(&mut change_set, renamed), Err(Code::Pinned));
    assert_eq!(of(&change_set, 1).field_sources, page.field_sources);
    assert_eq!(report_mark(&mut change_set, marked(1, Mark::None)), Ok(false), "it says the same");
}

#[test]
fn a_check_that_finds_nothing_new_is_recorded_once_a_week() {
    let mut change_set = registry();
    let now = change_set.now();
    let mut report = |days| {
        let row = checked(1, Availability::Live, Some(now - TimeDelta::days(30 - i64::from(days))));
        report_check(&mut change_set, row)
    };
    let outcomes = [0, 1, 6, 7, 8, 20].map(&mut report);
    assert_eq!(outcomes, [Ok(true), Ok(false), Ok(false), Ok(true), Ok(false), Ok(true)]);
}

#[test]
fn a_renamed_page_takes_its_new_handle_and_keeps_the_former_one() {
    let mut change_set = registry();
    let row = |handle: &str, availability| AvailabilityReportRow {
        new_handle: Some(handle.into()),
        ..checked(1, availability, None)
    };
    for (handle, availability, expected) in [
        ("Two", Availability::Renamed, Err(Code::HandleTaken)),
        ("settings", Availability::Renamed, Err(Code::InvalidHandle)),
        ("no such handle", Availability::Renamed, Err(Code::InvalidHandle)),
        ("new_one", Availability::Live, Err(Code::NewHandleNotAllowed)),
        ("New_One", Availability::Renamed, Ok(true)),
        ("new_one", Availability::Renamed, Ok(false)),
    ] {
        assert_eq!(report_check(&mut change_set, row(handle, availability)), expected, "{handle}");
    }
    let page = of(&change_set, 1);
    assert_eq!((page.handle.as_deref(), page.availability), (Some("new_one"), Availability::Live));
    assert_eq!(page.aliases.iter().map(|alias| &*alias.handle).collect::<Vec<_>>(), ["one"]);
    assert_eq!(rank_of(&page.field_sources, "handle"), SourceRank::Platform);
    assert_eq!(
        report_check(&mut change_set, checked(2, Availability::Unknown, None)),
        Err(Code::StateNotReportable)
    );
    let archived = Page { lifecycle: Lifecycle::Archived, ..of(&change_set, 2) };
    change_set.upsert(archived, None).expect("a page");
    let refused = report_check(&mut change_set, checked(2, Availability::Live, None));
    assert_eq!(refused, Err(Code::PageNotInUse));
}

#[test]
fn a_row_that_cannot_be_read_or_may_not_be_sent_is_rejected() {
    let mut change_set = registry();
    let row: Result<MarkReportRow, String> = Err("`rows[0].at` is no timestamp.".into());
    let outcome = record(&mut change_set, &partner(), &row, mark::state_after).expect("rules");
    assert_eq!(code(outcome), Err(Code::Malformed));
    let scopes = json!({ "id": 3, "name": "reader", "scopes": ["READ"], "key_hash": "", "created_at": DAY });
    let reader = Author::client(Arc::new(read::<Client>(scopes)));
    let row = Ok(marked(1, Mark::Confirmed));
    let outcome = record(&mut change_set, &reader, &row, mark::state_after).expect("rules");
    assert_eq!(code(outcome), Err(Code::NotAllowed));
}
