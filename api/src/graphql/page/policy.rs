//! Cost and dependencies of each field.

use registry::{model::Scope, page::Act, snapshot::Kinds};

use crate::graphql::kit::field_policy::{ArgumentCost, FieldPolicy, Items, TypePolicy};

/// Points of a write.
const WRITE_POINTS: u64 = 10;
/// Fields of the payload of a write.
const PAYLOAD: &[&str] = &["page", "seq", "userErrors"];

const fn write(name: &'static str, scopes: &'static [Scope]) -> FieldPolicy {
    FieldPolicy::new(name, Kinds::ALL).cost(WRITE_POINTS).personal().needs(scopes)
}

/// Cost and dependencies of each field of this folder.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Mutation", Kinds::REGISTRY, &[]).and(&[
        write("pageRegister", &[Scope::Write]),
        write("pageEdit", Act::Edit.scopes()),
        write("pageRename", Act::Rename.scopes()),
        write("pageOwnerChange", Act::ChangeOwner.scopes()),
        write("pageCoOwnersAdd", Act::AddCoOwners.scopes()),
        write("pageCoOwnersRemove", Act::RemoveCoOwners.scopes()),
        write("pageReviewStart", Act::StartReview.scopes()),
        write("pageApprove", Act::Approve.scopes()),
        write("pageReject", Act::Reject.scopes()),
        write("pageArchive", Act::Archive.scopes()),
        write("pageRestore", Act::Restore.scopes()),
        write("pageReportCompromised", Act::ReportCompromised.scopes()),
        write("pageCompromiseClear", Act::ClearToRegistered.scopes()),
        write("pageAvailabilityRecord", Act::RecordAvailability.scopes()),
        write("pageWidgetRecord", Act::RecordWidget.scopes()),
    ]),
    TypePolicy::new("Query", Kinds::REGISTRY, &["pageByNativeId"]).and(&[
        FieldPolicy::new("page", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("asOf", 200)]),
        FieldPolicy::new("pages", Kinds::REGISTRY).arguments(&[ArgumentCost::of_each("filter", 40)]),
        FieldPolicy::new("pagesByNativeIds", Kinds::REGISTRY).items(Items::Argument("nativeIds")),
    ]),
    TypePolicy::new(
        "Page",
        Kinds::REGISTRY,
        &[
            "id",
            "number",
            "url",
            "platform",
            "platformCode",
            "nativeId",
            "handle",
            "title",
            "pageType",
            "owner",
            "territory",
            "officeTitle",
            "languages",
            "category",
            "lifecycle",
            "rejectionCode",
            "availability",
            "availabilityCheckedAt",
            "mark",
            "widget",
            "widgetCheckedAt",
            "statistics",
            "source",
            "registeredAt",
            "validFrom",
            "isBackdated",
            "createdAt",
            "updatedAt",
        ],
    )
    .and(&[
        // Most pages have none.
        FieldPolicy::new("aliases", Kinds::REGISTRY).items(Items::Times(1)),
        FieldPolicy::new("coOwners", Kinds::REGISTRY).items(Items::Times(2)),
        // Most records have none.
        FieldPolicy::new("fieldSources", Kinds::REGISTRY).items(Items::Times(1)),
        FieldPolicy::new("history", Kinds::REGISTRY).waits(),
    ]),
    TypePolicy::new("PageAlias", Kinds::REGISTRY, &["handle", "kind", "since", "until"]),
    TypePolicy::new("PageConnection", Kinds::REGISTRY, &["edges", "nodes", "pageInfo", "totalCount"]),
    TypePolicy::new("PageEdge", Kinds::REGISTRY, &["node", "cursor"]),
    TypePolicy::new("PageMark", Kinds::REGISTRY, &["state", "method", "at", "expiresOn"]),
    TypePolicy::new("PageWriteError", Kinds::REGISTRY, &["code", "message", "field"]),
    TypePolicy::new("PageRegisterPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageEditPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageRenamePayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageOwnerChangePayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageCoOwnersAddPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageCoOwnersRemovePayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageReviewStartPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageApprovePayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageRejectPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageArchivePayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageRestorePayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageReportCompromisedPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageCompromiseClearPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageAvailabilityRecordPayload", Kinds::REGISTRY, PAYLOAD),
    TypePolicy::new("PageWidgetRecordPayload", Kinds::REGISTRY, PAYLOAD),
];
