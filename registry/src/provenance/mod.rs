//! Sources of single fields: which of them outrank others, which fields imports may not overwrite (pinned fields), and
//! proposals of the values that imports give for these.

mod assign;
mod decision;
mod dependent;
mod field;
mod list;
mod merge;
mod pin;
mod precedence;
mod propose;
mod text;

pub(crate) use assign::archived;
pub use decision::{Decision, DecisionError, decide};
pub use dependent::Dependent;
pub(crate) use dependent::may_be_kept;
pub use field::{OrganizationFieldName, PageFieldName, RecordField};
pub use list::{ProposalFilter, visible_proposals};
pub use merge::{Difference, Origin, merge, set_field_source};
pub use pin::{FieldError, FieldReference, FieldSubject, SubjectReference, pin, unpin};
pub use precedence::{Precedence, is_pinned, table};
pub(crate) use propose::{Given, propose, withdraw};
pub use text::{proposal_texts, record_text};
