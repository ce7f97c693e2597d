//! List of all error codes, printed into the documentation.

use axum::http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $text:literal])+ $name:ident = $code:literal, $status:ident;)+) => {
        /// Stable code of an error, in `errors[].extensions.code`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[doc = $text])+ $name,)+
        }

        impl ErrorCode {
            /// All codes, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The code as it is sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// Status of a response whose whole request fails with this code.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// What the code means, and what to do.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$name => concat!($($text),+),)+ }
            }
        }
    };
}

codes! {
    /// The request is malformed, such as invalid JSON, no `query`, or an invalid header. The message says what.
    BadRequest = "BAD_REQUEST", BAD_REQUEST;
    /// The document has a syntax error; the message has the line and the column.
    GraphqlParseFailed = "GRAPHQL_PARSE_FAILED", BAD_REQUEST;
    /// The document is not valid for the schema: an unknown field, a wrong type, a missing argument.
    GraphqlValidationFailed = "GRAPHQL_VALIDATION_FAILED", UNPROCESSABLE_ENTITY;
    /// `operationName` is missing or names no operation of the document.
    OperationResolutionFailure = "OPERATION_RESOLUTION_FAILURE", BAD_REQUEST;
    /// An argument or a variable has an invalid value; the message says which and why.
    BadUserInput = "BAD_USER_INPUT", BAD_REQUEST;
    /// `after` or `before` is not a cursor of this list or of the change feed, or a sequence number is beyond the end of the
    /// log. Omit it, or take it from a response.
    InvalidCursor = "INVALID_CURSOR", BAD_REQUEST;
    /// The database was restored to an earlier state: changes that were read from the feed may be lost. `commonSeq` is the
    /// last sequence number in common.
    TimelineChanged = "TIMELINE_CHANGED", CONFLICT;
    /// Batches are not supported. Send one operation per request.
    BatchLimit = "BATCH_LIMIT", BAD_REQUEST;
    /// The document has too many tokens, or a name in it or a key in the variables is too long.
    TokenLimit = "TOKEN_LIMIT", BAD_REQUEST;
    /// The document is nested too deeply: its fields, or its brackets.
    DepthLimit = "DEPTH_LIMIT", BAD_REQUEST;
    /// The document has too many aliases.
    TooManyAliases = "TOO_MANY_ALIASES", BAD_REQUEST;
    /// The document has too many root fields.
    RootFieldsLimit = "ROOT_FIELDS_LIMIT", BAD_REQUEST;
    /// The document has too many directives.
    DirectivesLimit = "DIRECTIVES_LIMIT", BAD_REQUEST;
    /// The document defines too many fragments.
    FragmentsLimit = "FRAGMENTS_LIMIT", BAD_REQUEST;
    /// The document selects too many fields, with fragments expanded.
    SelectionsLimit = "SELECTIONS_LIMIT", BAD_REQUEST;
    /// A fragment contains itself.
    FragmentCycle = "FRAGMENT_CYCLE", BAD_REQUEST;
    /// The document nests lists of the introspection schema too often.
    IntrospectionLimit = "INTROSPECTION_LIMIT", BAD_REQUEST;
    /// A list or a string in the document or the variables is too long.
    VariablesLimit = "VARIABLES_LIMIT", BAD_REQUEST;
    /// `_entities` has too many representations in one request.
    RepresentationsLimit = "REPRESENTATIONS_LIMIT", BAD_REQUEST;
    /// The operation would cost more points than one request may. Select less, or fewer items per page.
    CostLimit = "COST_LIMIT", BAD_REQUEST;
    /// Too many subscriptions on one WebSocket.
    SubscriptionsLimit = "SUBSCRIPTIONS_LIMIT", BAD_REQUEST;
    /// The server does not have the persisted query: send it with its text. (Automatic persisted queries of Apollo.)
    PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND", OK;
    /// `sha256Hash` is not the SHA-256 of `query`.
    PersistedQueryHashMismatch = "PERSISTED_QUERY_HASH_MISMATCH", BAD_REQUEST;
    /// There is no document with this `documentId`.
    DocumentNotFound = "DOCUMENT_NOT_FOUND", NOT_FOUND;
    /// Only the documents that the operator lists are executed (`ONLY_LISTED_DOCUMENTS`).
    DocumentNotListed = "DOCUMENT_NOT_LISTED", FORBIDDEN;
    /// The key is missing, invalid, revoked or expired; the message says when it expired.
    Unauthenticated = "UNAUTHENTICATED", UNAUTHORIZED;
    /// The key lacks the required scope.
    Forbidden = "FORBIDDEN", FORBIDDEN;
    /// The client sent another request with the same `Idempotency-Key` within 24 hours. Use a new key for each request.
    IdempotencyMismatch = "IDEMPOTENCY_MISMATCH", UNPROCESSABLE_ENTITY;
    /// An equal request with the same `Idempotency-Key` is being executed. Send it again after `Retry-After` seconds, for its
    /// response.
    IdempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS", CONFLICT;
    /// There is no such path or file.
    NotFound = "NOT_FOUND", NOT_FOUND;
    /// The path does not have the method; mutations are sent by POST.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED;
    /// `Accept` allows none of the media types that are served.
    NotAcceptable = "NOT_ACCEPTABLE", NOT_ACCEPTABLE;
    /// The body was not received in time. Send it again.
    RequestTimeout = "REQUEST_TIMEOUT", REQUEST_TIMEOUT;
    /// The body is too large.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", PAYLOAD_TOO_LARGE;
    /// The body has a media type or an encoding that is not accepted here.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", UNSUPPORTED_MEDIA_TYPE;
    /// All rows of an upload were rejected. The response has the summary of the upload beside `errors`: correct the rows that
    /// `rejections` lists.
    AllRowsRejected = "ALL_ROWS_REJECTED", UNPROCESSABLE_ENTITY;
    /// The client exceeded its rate limit, or its number of concurrent transfers. Retry after `Retry-After` seconds.
    Throttled = "THROTTLED", TOO_MANY_REQUESTS;
    /// The server is overloaded. Retry after `Retry-After` seconds.
    Overloaded = "OVERLOADED", SERVICE_UNAVAILABLE;
    /// The operation took too long. Select less, or retry.
    Timeout = "TIMEOUT", SERVICE_UNAVAILABLE;
    /// The server has not reached the `Registry-Min-Seq` of the request. Retry shortly.
    SeqNotReached = "SEQ_NOT_REACHED", SERVICE_UNAVAILABLE;
    /// The search index is being built. Retry in a few seconds.
    SearchNotReady = "SEARCH_NOT_READY", SERVICE_UNAVAILABLE;
    /// The database is unavailable or not writable. Retry after `Retry-After` seconds.
    Unavailable = "UNAVAILABLE", SERVICE_UNAVAILABLE;
    /// Internal server error. Report it with its `traceId`.
    Internal = "INTERNAL", INTERNAL_SERVER_ERROR;
}

/// The list as a table in Markdown.
pub fn table() -> String {
    let row = |code: &ErrorCode| {
        format!("| `{}` | {} | {} |\n", code.as_str(), code.status().as_u16(), code.description().trim())
    };
    let rows: String = ErrorCode::ALL.iter().map(row).collect();
    format!("| code | HTTP status of a whole request | meaning, and what to do |\n|---|---|---|\n{rows}")
}
