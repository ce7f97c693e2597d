//! Workflow of marks: what each act does to a mark in each state, what it requires of the page, and who may do it.

use entities::page::Mark;

use self::Requirement::{InUse, Nothing, Official};
use crate::model::Scope;

/// Act on the mark of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Act {
    Request,
    Pend,
    Confirm,
    Reject,
    Expire,
    Revoke,
    Lose,
}

/// What an act requires of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing: a request or a mark can always be ended.
    Nothing,
    /// The page is proposed, under review or registered, and its platform has a mark.
    InUse,
    /// The page is registered, its owner is active, and its platform has a mark.
    Official,
}

/// Rule of an act.
struct Rule {
    act: Act,
    /// State after the act, by the state before it in the order of [`Mark`]; `None` where the act is illegal.
    next: [Option<Mark>; 8],
    requires: Requirement,
    /// Scopes of which one is enough; none if only the registry itself acts.
    scopes: &'static [Scope],
}

const NO: Option<Mark> = None;
const REQ: Option<Mark> = Some(Mark::Requested);
const PEND: Option<Mark> = Some(Mark::PendingConfirmation);
const CONFIRM: Option<Mark> = Some(Mark::Confirmed);
const REJECT: Option<Mark> = Some(Mark::Rejected);
const EXPIRE: Option<Mark> = Some(Mark::Expired);
const REVOKE: Option<Mark> = Some(Mark::Revoked);
const LOSE: Option<Mark> = Some(Mark::Lost);

/// Only the registry itself.
const NOBODY: &[Scope] = &[];
/// Scopes of which one is enough to request a mark.
pub const REQUESTERS: &[Scope] = &[Scope::Write, Scope::Review, Scope::Submit];
/// Scopes of which one is enough to decide on a mark.
pub const REVIEWERS: &[Scope] = &[Scope::Write, Scope::Review];
/// Scope for taking a confirmed mark away.
pub const WRITERS: &[Scope] = &[Scope::Write];

/// Rules of all acts. A confirmed mark is confirmed again to renew it.
#[rustfmt::skip]
static TABLE: [Rule; 7] = [
    //                                       NONE    REQUESTED PENDING  CONFIRMED REJECTED EXPIRED REVOKED LOST
    rule(Act::Request, InUse,    REQUESTERS, [REQ,    NO,       NO,      NO,       REQ,     REQ,    REQ,    REQ]),
    rule(Act::Pend,    InUse,    REVIEWERS,  [NO,     PEND,     NO,      NO,       NO,      NO,     NO,     NO]),
    rule(Act::Confirm, Official, REVIEWERS,  [NO,     NO,       CONFIRM, CONFIRM,  NO,      NO,     NO,     NO]),
    rule(Act::Reject,  Nothing,  REVIEWERS,  [NO,     REJECT,   REJECT,  NO,       NO,      NO,     NO,     NO]),
    rule(Act::Expire,  Nothing,  NOBODY,     [NO,     NO,       NO,      EXPIRE,   NO,      NO,     NO,     NO]),
    rule(Act::Revoke,  Nothing,  WRITERS,    [NO,     NO,       NO,      REVOKE,   NO,      NO,     NO,     NO]),
    rule(Act::Lose,    Nothing,  REVIEWERS,  [NO,     NO,       NO,      LOSE,     NO,      NO,     NO,     NO]),
];

const fn rule(act: Act, requires: Requirement, scopes: &'static [Scope], next: [Option<Mark>; 8]) -> Rule {
    Rule { act, next, requires, scopes }
}

impl Act {
    /// All acts.
    pub const EACH: [Self; 7] =
        [Self::Request, Self::Pend, Self::Confirm, Self::Reject, Self::Expire, Self::Revoke, Self::Lose];

    fn rule(self) -> &'static Rule {
        TABLE.iter().find(|rule| rule.act == self).expect("every act has a rule, which a test checks")
    }

    /// State of a mark after the act; `None` if the act is illegal in the state before it.
    pub fn next(self, before: Mark) -> Option<Mark> {
        self.rule().next[before as usize]
    }

    /// What the act requires of the page.
    pub fn requires(self) -> Requirement {
        self.rule().requires
    }

    /// Scopes of which one is enough; none if only the registry itself acts.
    pub fn scopes(self) -> &'static [Scope] {
        self.rule().scopes
    }

    /// The act that leads to a state; `None` for the state without a mark.
    pub fn leading_to(state: Mark) -> Option<Self> {
        let leads = |act: &Self| act.rule().next.contains(&Some(state));
        Self::EACH.into_iter().find(leads)
    }

    /// Name of its mutation in the API; `None` if only the registry itself acts.
    pub fn mutation(self) -> Option<&'static str> {
        match self {
            Self::Request => Some("markRequest"),
            Self::Pend => Some("markPend"),
            Self::Confirm => Some("markConfirm"),
            Self::Reject => Some("markReject"),
            Self::Expire => None,
            Self::Revoke => Some("markRevoke"),
            Self::Lose => Some("markLost"),
        }
    }

    /// Names of the mutations that are legal in a state.
    pub fn legal_in(state: Mark) -> Vec<&'static str> {
        let legal = Self::EACH.into_iter().filter(|act| act.next(state).is_some());
        legal.filter_map(Self::mutation).collect()
    }
}

/// Whether a mark can come from one state to another by any acts, or stay in it. A platform reports the state of its
/// own mark: it may have taken several steps since its last report.
pub fn can_become(before: Mark, after: Mark) -> bool {
    let (mut reached, mut next) = (vec![before], 0);
    while let Some(state) = reached.get(next).copied() {
        let new = Act::EACH.into_iter().filter_map(|act| act.next(state));
        let new: Vec<_> = new.filter(|state| !reached.contains(state)).collect();
        reached.extend(new);
        next += 1;
    }
    reached.contains(&after)
}

/// Whether an act takes a second person, where the registry asks for two.
pub fn needs_second_person(act: Act) -> bool {
    act == Act::Revoke
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All transitions, each with its act.
    const TRANSITIONS: [(Mark, Act, Mark); 13] = [
        (Mark::None, Act::Request, Mark::Requested),
        (Mark::Requested, Act::Pend, Mark::PendingConfirmation),
        (Mark::Requested, Act::Reject, Mark::Rejected),
        (Mark::PendingConfirmation, Act::Confirm, Mark::Confirmed),
        (Mark::PendingConfirmation, Act::Reject, Mark::Rejected),
        (Mark::Confirmed, Act::Confirm, Mark::Confirmed),
        (Mark::Confirmed, Act::Expire, Mark::Expired),
        (Mark::Confirmed, Act::Revoke, Mark::Revoked),
        (Mark::Confirmed, Act::Lose, Mark::Lost),
        (Mark::Rejected, Act::Request, Mark::Requested),
        (Mark::Expired, Act::Request, Mark::Requested),
        (Mark::Revoked, Act::Request, Mark::Requested),
        (Mark::Lost, Act::Request, Mark::Requested),
    ];

    #[test]
    fn the_table_has_exactly_the_transitions_of_the_workflow() {
        for act in Act::EACH {
            assert_eq!(TABLE.iter().filter(|rule| rule.act == act).count(), 1);
            for before in Mark::EACH {
                let known = TRANSITIONS.iter().find(|(from, by, _)| (*from, *by) == (*before, act));
                assert_eq!(act.next(*before), known.map(|(_, _, to)| *to), "{act:?} of {before:?}");
            }
        }
    }

    #[test]
    fn a_confirmed_mark_is_only_of_an_official_page() {
        for act in Act::EACH {
            let confirms = Mark::EACH.iter().any(|state| act.next(*state) == Some(Mark::Confirmed));
            assert_eq!(confirms, act.requires() == Requirement::Official, "{act:?}");
        }
    }

    #[test]
    fn every_state_has_an_act_and_only_expiry_is_the_registry_s_own() {
        for state in Mark::EACH {
            assert!(!Act::legal_in(*state).is_empty(), "{state:?}");
        }
        let own = Act::EACH.into_iter().filter(|act| act.scopes().is_empty());
        assert_eq!(own.collect::<Vec<_>>(), [Act::Expire]);
        assert!(Act::EACH.into_iter().all(|act| act.mutation().is_none() == act.scopes().is_empty()));
        assert_eq!(Act::legal_in(Mark::Confirmed), ["markConfirm", "markRevoke", "markLost"]);
    }

    #[test]
    fn a_platform_may_report_any_state_but_that_there_never_was_a_mark() {
        for (before, after) in Mark::EACH.iter().flat_map(|it| Mark::EACH.iter().map(move |to| (*it, *to))) {
            let expected = after != Mark::None || before == Mark::None;
            assert_eq!(can_become(before, after), expected, "{before:?} to {after:?}");
        }
    }

    #[test]
    fn only_revocation_takes_two_persons() {
        let of_two = Act::EACH.into_iter().filter(|act| needs_second_person(*act));
        assert_eq!(of_two.collect::<Vec<_>>(), [Act::Revoke]);
    }
}
