//! Identifiers: formats and check digits as defined by the packs.

use std::{collections::HashMap, sync::LazyLock};

use entities::organization_identifier::State;
use proptest::prelude::*;
use registry::{
    identifier::{IdentifierError, SchemeRules},
    pack::PackFile,
};

static SCHEMES: LazyLock<HashMap<String, SchemeRules>> = LazyLock::new(|| {
    let packs = ["ru", "ca"].map(|name| PackFile::find(name).expect("the pack"));
    packs.into_iter().flat_map(|pack| pack.schemes).map(|entry| (entry.code.clone(), entry.rules())).collect()
});

fn verify(scheme: &str, value: &str) -> Result<(Box<str>, State), IdentifierError> {
    SCHEMES[scheme].verify(value)
}

#[test]
fn check_digits_hold_or_say_so() {
    // Numbers of public bodies, from public registers.
    assert_eq!(verify("ru:ogrn", "1027739019142").map(|found| found.1), Ok(State::Valid));
    assert_eq!(verify("ru:ogrn", "1027739019143").map(|found| found.1), Ok(State::CheckFailed));
    assert_eq!(verify("ru:inn", "7710168360").map(|found| found.1), Ok(State::Valid));
    assert_eq!(verify("ru:inn", "7710168361").map(|found| found.1), Ok(State::CheckFailed));
    assert_eq!(verify("ca:bn", "046454286").map(|found| found.1), Ok(State::Valid));
    assert_eq!(verify("ca:gc-orgid", "2284").map(|found| found.1), Ok(State::Unverified));
}

#[test]
fn a_lost_leading_zero_comes_back() {
    let (value, state) = verify("ru:inn", "274062111").expect("an identifier");
    assert_eq!((&*value, state), ("0274062111", State::Valid));
}

#[test]
fn a_persons_number_is_refused() {
    assert_eq!(verify("ru:inn", "500100732259"), Err(IdentifierError::Person));
    assert_eq!(verify("ru:inn", "12"), Err(IdentifierError::Form));
}

proptest! {
    #[test]
    fn exactly_one_last_digit_holds(body in "1[0-9]{11}") {
        let holding = (0..10).filter(|digit| {
            verify("ru:ogrn", &format!("{body}{digit}")).map(|found| found.1) == Ok(State::Valid)
        });
        prop_assert_eq!(holding.count(), 1);
    }

    #[test]
    fn any_text_gets_an_answer(text in any::<String>()) {
        let _ = verify("ru:okpo", &text);
    }
}
