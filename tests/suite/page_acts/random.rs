//! Random acts by operators of two servers: no invariant breaks, and the log matches the tables.

use entities::page::{Availability, Lifecycle, Rejection, Widget};
use rand::Rng;
use registry::{
    author::Author,
    change_log::Registry,
    global_id,
    idempotency::WriteRequest,
    page::{
        self, CheckResult, Effect, NewPage, PageAct, PageAddress, PageEdit, PageErrorCode, PageField,
        PageFields,
    },
    record_reference::{OrganizationReference, PageReference},
};

use crate::suite::{
    harness::{
        TestApp,
        churn::{Random, random},
    },
    tampering::fault,
};

fn owner(random: &mut Random) -> OrganizationReference {
    OrganizationReference::Code(format!("office-{}", random.random_range(0..4)))
}

fn address(random: &mut Random) -> PageAddress {
    let number = random.random_range(1..9);
    match random.random_range(0..4) {
        0 => PageAddress::Url(format!("https://vk.com/club{number}")),
        1 => PageAddress::Handle { platform_code: Some("telegram".into()), handle: format!("page_{number}") },
        _ => PageAddress::Url(format!("https://vk.com/page_{number}")),
    }
}

fn fields(random: &mut Random) -> PageFields {
    let text = format!("Text {}", random.random_range(0..3));
    PageFields { title: Some(text.clone()), office_title: Some(text), ..PageFields::default() }
}

fn any_act(random: &mut Random) -> PageAct {
    match random.random_range(0..17) {
        0 | 1 => PageAct::Edit(PageEdit {
            fields: fields(random),
            native_id: Some(random.random_range(1..9).to_string()),
            clear: Vec::new(),
        }),
        2 => PageAct::Edit(PageEdit { clear: vec![PageField::OfficeTitle], ..PageEdit::default() }),
        3 | 4 => PageAct::Rename(address(random)),
        5 => PageAct::ChangeOwner(owner(random)),
        6 => PageAct::AddCoOwners(vec![owner(random), owner(random)]),
        7 => PageAct::RemoveCoOwners(vec![owner(random)]),
        8 => PageAct::StartReview,
        9 => PageAct::Approve,
        10 => PageAct::Reject(Rejection::Duplicate),
        11 => PageAct::Archive,
        12 => PageAct::Restore,
        13 => PageAct::ReportCompromised,
        14 => PageAct::ClearToRegistered,
        15 => PageAct::RecordAvailability(CheckResult { state: Availability::Live, checked_at: None }),
        _ => PageAct::RecordWidget(CheckResult { state: Widget::Missing, checked_at: None }),
    }
}

fn request() -> WriteRequest {
    WriteRequest { reason: Some("By chance.".into()), ..WriteRequest::new(Author::operator()) }
}

/// Registers a page, or acts on one; the outcome is that of the table.
async fn step(registry: &Registry, random: &mut Random) {
    if random.random_range(0..4) == 0 {
        let native_id = random.random::<bool>().then(|| random.random_range(1..9).to_string());
        let new =
            NewPage { address: address(random), native_id, owner: owner(random), fields: fields(random) };
        page::register(registry, request(), new).await.expect("the database answers").ok();
        return;
    }
    let id = random.random_range(1..9);
    let act = any_act(random);
    let kind = act.kind();
    let reference = PageReference::Id(global_id::encode("Page", id));
    let written = page::perform(registry, request(), reference, act).await.expect("the database answers");
    let after = registry.snapshot().page(id).map(|page| page.lifecycle);
    match written {
        Err(error) if error.code == PageErrorCode::IllegalTransition => {
            let stage = after.expect("a page");
            assert_eq!(kind.effect(stage), Effect::Illegal, "{kind:?} in {stage:?}");
        }
        Err(_) => {}
        Ok(_) => {
            let is_reached = |stage: &Lifecycle| match kind.effect(*stage) {
                Effect::To(next) | Effect::Reviewed(next) => Some(next) == after,
                Effect::Stays => Some(*stage) == after,
                Effect::Illegal => false,
            };
            assert!(Lifecycle::EACH.iter().any(is_reached), "{kind:?}: {after:?}");
        }
    }
}

#[tokio::test]
async fn no_random_acts_on_two_servers_break_an_invariant() {
    let app = TestApp::start().await;
    for number in 0..4 {
        app.organization(&format!("office-{number}"), "Office").await;
    }
    let other = Registry::open(app.database.connect().await).await.expect("the registry opens");
    let mut random = random(21);
    for number in 0..200 {
        let registry = if random.random::<bool>() { &app.registry } else { &other };
        step(registry, &mut random).await;
        if number % 50 == 49 {
            let found = registry.snapshot().invariants(chrono::Utc::now());
            assert_eq!((found.breaches, found.orphaned_pages), (Vec::new(), Vec::new()), "after {number}");
        }
    }
    assert_eq!(fault(&app).await, None);
}
