//! Sources of the fields that acts set.

use entities::page::Availability;

use super::{acts, client, page, registry};
use crate::{
    author::Author,
    model::{SourceRank, rank_of},
    page::{CheckResult, PageAct, PageAddress, PageEdit, PageErrorCode as Code, PageFields, apply},
};

#[test]
fn fields_that_an_operator_sets_have_an_operator_as_their_source() {
    let mut change_set = registry();
    for act in acts() {
        apply(&mut change_set, &Author::operator(), &page(1), &act).expect("rules").ok();
    }
    let page = change_set.snapshot().page(1).expect("a page");
    for field in ["title", "owner", "coOwners", "handle", "nativeId", "lifecycle", "availability", "widget"] {
        assert_eq!(rank_of(&page.field_sources, field), SourceRank::Operator, "{field}");
    }
    assert_eq!(rank_of(&page.field_sources, "category"), SourceRank::Import);
}

#[test]
fn a_field_whose_source_outranks_the_author_is_not_overwritten() {
    let limited = |field, id| client(&["WRITE"], Some((field, id)));
    let (operator, platform, authority) =
        (Author::operator(), limited("platform_id", 1), limited("organization_id", 1));
    let edit = |fields| PageAct::Edit(PageEdit { fields, ..PageEdit::default() });
    let title = |title: &str| edit(PageFields { title: Some(title.into()), ..PageFields::default() });
    let page_type = |text: &str| edit(PageFields { page_type: Some(text.into()), ..PageFields::default() });
    let rename = PageAct::Rename(PageAddress::Url("https://pages.example/renamed".into()));
    let check = |state| PageAct::RecordAvailability(CheckResult { state, checked_at: None });
    let refused = |field: &str| Err((Code::NotAllowed, vec![field.to_owned()]));
    let mut change_set = registry();
    for (author, field, act, expected) in [
        // Set by the operator that registered the page.
        (&platform, "title", title("Another"), refused("title")),
        (&authority, "handle", rename, refused("address")),
        (&platform, "title", title("Office"), Ok(SourceRank::Operator)),
        // Set by none; a platform knows more of this field than the owner.
        (&authority, "pageType", page_type("group"), Ok(SourceRank::Authority)),
        (&platform, "pageType", page_type("channel"), Ok(SourceRank::Platform)),
        (&authority, "pageType", page_type("group"), refused("pageType")),
        // Checks have their times, and stages their table.
        (&operator, "availability", check(Availability::Live), Ok(SourceRank::Operator)),
        (&platform, "availability", check(Availability::Closed), Ok(SourceRank::Platform)),
        (&platform, "lifecycle", PageAct::ReportCompromised, Ok(SourceRank::Platform)),
    ] {
        let outcome = apply(&mut change_set, author, &page(1), &act).expect("rules");
        let sources = &change_set.snapshot().page(1).expect("a page").field_sources;
        let outcome = outcome.map(|_| rank_of(sources, field)).map_err(|error| (error.code, error.field));
        assert_eq!(outcome, expected, "{act:?} by {}", author.rank().name());
    }
}
