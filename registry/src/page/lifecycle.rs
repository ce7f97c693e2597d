//! Lifecycle of pages: what each act does to a page in each stage, and who may do it.

use entities::page::Lifecycle;

use crate::model::Scope;

/// Kind of an act on a page of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Act {
    Edit,
    Rename,
    ChangeOwner,
    AddCoOwners,
    RemoveCoOwners,
    StartReview,
    Approve,
    Reject,
    Archive,
    Restore,
    ReportCompromised,
    ClearToRegistered,
    ClearToArchived,
    RecordAvailability,
    RecordWidget,
}

/// What an act does to the stage of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The act is illegal in this stage.
    Illegal,
    /// The page stays in its stage.
    Stays,
    /// The page enters a stage.
    To(Lifecycle),
    /// The page enters the stage of review, and then another one, both in one write.
    Reviewed(Lifecycle),
}

const NO: Effect = Effect::Illegal;
const STAYS: Effect = Effect::Stays;
const REVIEW: Effect = Effect::To(Lifecycle::UnderReview);
const REGISTER: Effect = Effect::To(Lifecycle::Registered);
const REJECT: Effect = Effect::To(Lifecycle::Rejected);
const ARCHIVE: Effect = Effect::To(Lifecycle::Archived);
const LOSE: Effect = Effect::To(Lifecycle::Compromised);
const REVIEWED: Effect = Effect::Reviewed(Lifecycle::Registered);
const REFUSED: Effect = Effect::Reviewed(Lifecycle::Rejected);

/// Effects of all acts, by stage in the order of [`Lifecycle`].
#[rustfmt::skip]
const TABLE: [(Act, [Effect; 6]); 15] = [
    //                        PROPOSED  UNDER_REVIEW  REGISTERED  REJECTED  ARCHIVED  COMPROMISED
    (Act::Edit,               [STAYS,    STAYS,       STAYS,      NO,       STAYS,    STAYS]),
    (Act::Rename,             [STAYS,    STAYS,       STAYS,      NO,       STAYS,    STAYS]),
    (Act::ChangeOwner,        [STAYS,    STAYS,       STAYS,      NO,       STAYS,    STAYS]),
    (Act::AddCoOwners,        [STAYS,    STAYS,       STAYS,      NO,       STAYS,    STAYS]),
    (Act::RemoveCoOwners,     [STAYS,    STAYS,       STAYS,      NO,       STAYS,    STAYS]),
    (Act::StartReview,        [REVIEW,   NO,          NO,         NO,       NO,       NO]),
    (Act::Approve,            [REVIEWED, REGISTER,    NO,         NO,       NO,       NO]),
    (Act::Reject,             [REFUSED,  REJECT,      NO,         NO,       NO,       NO]),
    (Act::Archive,            [NO,       NO,          ARCHIVE,    NO,       NO,       NO]),
    (Act::Restore,            [NO,       NO,          NO,         REVIEW,   REVIEW,   NO]),
    (Act::ReportCompromised,  [LOSE,     LOSE,        LOSE,       NO,       NO,       NO]),
    (Act::ClearToRegistered,  [NO,       NO,          NO,         NO,       NO,       REGISTER]),
    (Act::ClearToArchived,    [NO,       NO,          NO,         NO,       NO,       ARCHIVE]),
    (Act::RecordAvailability, [STAYS,    STAYS,       STAYS,      NO,       STAYS,    STAYS]),
    (Act::RecordWidget,       [STAYS,    STAYS,       STAYS,      NO,       NO,       STAYS]),
];

impl Act {
    /// What the act does to a page in a stage.
    pub fn effect(self, stage: Lifecycle) -> Effect {
        let row = TABLE.iter().find(|(act, _)| *act == self);
        row.map_or(Effect::Illegal, |(_, effects)| effects[stage as usize])
    }

    /// Names of the mutations that are legal in a stage.
    pub fn legal_in(stage: Lifecycle) -> Vec<&'static str> {
        let legal = TABLE.iter().filter(|(_, effects)| effects[stage as usize] != Effect::Illegal);
        let mut names: Vec<_> = legal.map(|(act, _)| act.mutation()).collect();
        names.dedup();
        names
    }

    /// Name of its mutation in the API.
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Edit => "pageEdit",
            Self::Rename => "pageRename",
            Self::ChangeOwner => "pageOwnerChange",
            Self::AddCoOwners => "pageCoOwnersAdd",
            Self::RemoveCoOwners => "pageCoOwnersRemove",
            Self::StartReview => "pageReviewStart",
            Self::Approve => "pageApprove",
            Self::Reject => "pageReject",
            Self::Archive => "pageArchive",
            Self::Restore => "pageRestore",
            Self::ReportCompromised => "pageReportCompromised",
            Self::ClearToRegistered | Self::ClearToArchived => "pageCompromiseClear",
            Self::RecordAvailability => "pageAvailabilityRecord",
            Self::RecordWidget => "pageWidgetRecord",
        }
    }

    /// Scopes of which one is enough.
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::StartReview
            | Self::Approve
            | Self::Reject
            | Self::RecordAvailability
            | Self::RecordWidget => &[Scope::Write, Scope::Review],
            _ => &[Scope::Write],
        }
    }
}

/// Whether an act that leads from one stage to another takes a second person, where the registry asks for two.
pub fn needs_second_person(act: Act, before: Lifecycle, after: Lifecycle) -> bool {
    act == Act::ClearToRegistered && (before, after) == (Lifecycle::Compromised, Lifecycle::Registered)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Transitions of the design, each with its act.
    const TRANSITIONS: [(Lifecycle, Act, Lifecycle); 13] = [
        (Lifecycle::Proposed, Act::StartReview, Lifecycle::UnderReview),
        (Lifecycle::Proposed, Act::Approve, Lifecycle::Registered),
        (Lifecycle::Proposed, Act::Reject, Lifecycle::Rejected),
        (Lifecycle::Proposed, Act::ReportCompromised, Lifecycle::Compromised),
        (Lifecycle::UnderReview, Act::Approve, Lifecycle::Registered),
        (Lifecycle::UnderReview, Act::Reject, Lifecycle::Rejected),
        (Lifecycle::UnderReview, Act::ReportCompromised, Lifecycle::Compromised),
        (Lifecycle::Registered, Act::Archive, Lifecycle::Archived),
        (Lifecycle::Registered, Act::ReportCompromised, Lifecycle::Compromised),
        (Lifecycle::Rejected, Act::Restore, Lifecycle::UnderReview),
        (Lifecycle::Archived, Act::Restore, Lifecycle::UnderReview),
        (Lifecycle::Compromised, Act::ClearToRegistered, Lifecycle::Registered),
        (Lifecycle::Compromised, Act::ClearToArchived, Lifecycle::Archived),
    ];

    #[test]
    fn the_table_has_exactly_the_transitions_of_the_lifecycle() {
        let mut found = Vec::new();
        for stage in Lifecycle::EACH {
            for (act, _) in &TABLE {
                match act.effect(*stage) {
                    Effect::To(next) => found.push((*stage, *act, next)),
                    Effect::Reviewed(next) => {
                        assert_eq!(*stage, Lifecycle::Proposed, "others are under review already");
                        found.push((*stage, *act, next));
                    }
                    Effect::Illegal | Effect::Stays => {}
                }
            }
        }
        assert_eq!(found.len(), TRANSITIONS.len());
        assert!(TRANSITIONS.iter().all(|transition| found.contains(transition)), "{found:?}");
    }

    #[test]
    fn a_rejected_page_can_only_be_restored_and_every_stage_has_a_way_out() {
        assert_eq!(Act::legal_in(Lifecycle::Rejected), ["pageRestore"]);
        for stage in Lifecycle::EACH {
            let leaves = |(act, _): &(Act, _)| !matches!(act.effect(*stage), Effect::Illegal | Effect::Stays);
            assert!(TABLE.iter().any(leaves), "{stage:?}");
        }
        let legal = Act::legal_in(Lifecycle::Compromised);
        assert_eq!(legal.iter().filter(|name| **name == "pageCompromiseClear").count(), 1, "{legal:?}");
    }

    #[test]
    fn only_the_way_back_to_the_official_pages_takes_two_persons() {
        for stage in Lifecycle::EACH {
            for (act, _) in &TABLE {
                let Effect::To(next) = act.effect(*stage) else { continue };
                let expected = (*stage, next) == (Lifecycle::Compromised, Lifecycle::Registered);
                assert_eq!(needs_second_person(*act, *stage, next), expected, "{act:?} in {stage:?}");
            }
        }
    }
}
