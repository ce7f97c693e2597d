//! The fields that need a scope.

use registry::model::Scope;

/// A field that needs a scope.
pub(super) struct Guarded {
    pub(super) field: &'static str,
    /// Scopes of which one is enough.
    pub(super) scopes: &'static [Scope],
    /// Document in which `{page}`, `{organization}`, `{client}` and `{key}` are global ids of own or foreign records, `{limit}`
    /// is an own or foreign limit of an input, `{platform}` the code of a platform, `{native}` a new native id, `{name}` a new
    /// name, and `{day}` today.
    pub(super) document: &'static str,
    /// Texts of the response of which one is there for foreign records, and none for own ones. Empty for a field that is about
    /// no record, or about all.
    pub(super) foreign: &'static [&'static str],
}

const fn guarded(
    field: &'static str,
    scopes: &'static [Scope],
    document: &'static str,
    foreign: &'static [&'static str],
) -> Guarded {
    Guarded { field, scopes, document, foreign }
}

/// Scopes of decisions on pages.
const REVIEW: &[Scope] = &[Scope::Write, Scope::Review];
/// Scopes of requests of marks.
const REQUEST: &[Scope] = &[Scope::Write, Scope::Review, Scope::Submit];

/// All of them. A mutation that is not here fails the first test.
pub(super) const FIELDS: &[Guarded] = &[
    guarded(
        "statisticsSubmit",
        &[Scope::Statistics],
        "mutation { statisticsSubmit(input: { rows: [{ page: { id: \"{page}\" }, day: \"{day}\", views: 1 }] }) { results { code } userErrors { code } } }",
        &["OTHER_OWNER", "OTHER_PLATFORM"],
    ),
    guarded(
        "ratingPublish",
        &[Scope::Ratings],
        "mutation { ratingPublish(input: { methodologyCode: \"none\", period: { from: \"2020-01-01\", to: \"2020-01-31\" } }) { userErrors { code } } }",
        &[],
    ),
    guarded(
        "pageRegister",
        &[Scope::Write],
        "mutation { pageRegister(input: { address: { native: { platformCode: \"{platform}\", nativeId: \"{native}\" } }, owner: { id: \"{organization}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageEdit",
        &[Scope::Write],
        "mutation { pageEdit(input: { page: { id: \"{page}\" }, title: \"Title\", reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageRename",
        &[Scope::Write],
        "mutation { pageRename(input: { page: { id: \"{page}\" }, address: { handle: { platformCode: \"{platform}\", handle: \"renamed_{native}\" } }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageOwnerChange",
        &[Scope::Write],
        "mutation { pageOwnerChange(input: { page: { id: \"{page}\" }, owner: { id: \"{organization}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageCoOwnersAdd",
        &[Scope::Write],
        "mutation { pageCoOwnersAdd(input: { page: { id: \"{page}\" }, coOwners: [{ id: \"{organization}\" }], reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageCoOwnersRemove",
        &[Scope::Write],
        "mutation { pageCoOwnersRemove(input: { page: { id: \"{page}\" }, coOwners: [{ id: \"{organization}\" }], reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageAvailabilityRecord",
        REVIEW,
        "mutation { pageAvailabilityRecord(input: { page: { id: \"{page}\" }, state: LIVE, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageWidgetRecord",
        REVIEW,
        "mutation { pageWidgetRecord(input: { page: { id: \"{page}\" }, state: CORRECT, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageReportCompromised",
        &[Scope::Write],
        "mutation { pageReportCompromised(input: { page: { id: \"{page}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageCompromiseClear",
        &[Scope::Write],
        "mutation { pageCompromiseClear(input: { page: { id: \"{page}\" }, outcome: REGISTERED, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageArchive",
        &[Scope::Write],
        "mutation { pageArchive(input: { page: { id: \"{page}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageRestore",
        &[Scope::Write],
        "mutation { pageRestore(input: { page: { id: \"{page}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageReviewStart",
        REVIEW,
        "mutation { pageReviewStart(input: { page: { id: \"{page}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageApprove",
        REVIEW,
        "mutation { pageApprove(input: { page: { id: \"{page}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "pageReject",
        REVIEW,
        "mutation { pageReject(input: { page: { id: \"{page}\" }, code: FAKE, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "markRequest",
        REQUEST,
        "mutation { markRequest(input: { page: { id: \"{page}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "markPend",
        REVIEW,
        "mutation { markPend(input: { page: { id: \"{page}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "markConfirm",
        REVIEW,
        "mutation { markConfirm(input: { page: { id: \"{page}\" }, method: \"none\", evidence: { document: \"1\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "markReject",
        REVIEW,
        "mutation { markReject(input: { page: { id: \"{page}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "markRevoke",
        &[Scope::Write],
        "mutation { markRevoke(input: { page: { id: \"{page}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "markLost",
        REVIEW,
        "mutation { markLost(input: { page: { id: \"{page}\" }, reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded("marksPending", &[Scope::Review], "{ marksPending { totalCount } }", &[]),
    guarded("marksExpiring", &[Scope::Review], "{ marksExpiring { totalCount } }", &[]),
    // A key without a platform reports on no page.
    guarded(
        "markReport",
        &[Scope::Submit],
        "mutation { markReport(input: { rows: [{ page: { id: \"{page}\" }, state: REQUESTED }] }) { results { code } userErrors { code } } }",
        &[],
    ),
    // A key without a platform reports on no page.
    guarded(
        "availabilityReport",
        &[Scope::Submit],
        "mutation { availabilityReport(input: { rows: [{ page: { id: \"{page}\" }, availability: LIVE }] }) { results { code } userErrors { code } } }",
        &[],
    ),
    guarded(
        "fieldUnpin",
        &[Scope::Write],
        "mutation { fieldUnpin(input: { subject: { page: { id: \"{page}\" } }, field: \"title\", reason: \"test\" }) { userErrors { code } } }",
        &["NOT_ALLOWED"],
    ),
    guarded(
        "proposalAccept",
        &[Scope::Write],
        "mutation { proposalAccept(input: { id: \"none\", reason: \"test\" }) { userErrors { code } } }",
        &[],
    ),
    guarded(
        "proposalReject",
        &[Scope::Write],
        "mutation { proposalReject(input: { id: \"none\", reason: \"test\" }) { userErrors { code } } }",
        &[],
    ),
    guarded("proposals", &[Scope::Review], "{ proposals { totalCount } }", &[]),
    guarded(
        "clientCreate",
        &[Scope::Clients],
        "mutation { clientCreate(input: { name: \"{name}\", scopes: [CLIENTS], {limit}, reason: \"test\" }) { userErrors { code } } }",
        &["LIMIT_NOT_HELD"],
    ),
    guarded(
        "clientEdit",
        &[Scope::Clients],
        "mutation { clientEdit(input: { id: \"{client}\", scopes: [CLIENTS], reason: \"test\" }) { userErrors { code } } }",
        &["NOT_FOUND"],
    ),
    guarded(
        "clientKeyCreate",
        &[Scope::Clients],
        "mutation { clientKeyCreate(input: { id: \"{client}\", reason: \"test\" }) { userErrors { code } } }",
        &["NOT_FOUND"],
    ),
    guarded(
        "clientKeyRevoke",
        &[Scope::Clients],
        "mutation { clientKeyRevoke(input: { id: \"{key}\", reason: \"test\" }) { userErrors { code } } }",
        &["NOT_FOUND"],
    ),
    guarded(
        "clientRevoke",
        &[Scope::Clients],
        "mutation { clientRevoke(input: { id: \"{client}\", reason: \"test\" }) { userErrors { code } } }",
        &["NOT_FOUND"],
    ),
    guarded("client", &[Scope::Clients], "{ client(id: \"{client}\") { id } }", &["\"client\":null"]),
    guarded("clients", &[Scope::Clients], "{ clients { nodes { id } } }", &[]),
];
