//! Filter of the change feed and of digests.

use async_graphql::InputObject;
use registry::view::{FeedScope, View};

use super::{feed::ChangeSubject, object::ChangeKind};
use crate::graphql::{
    error::{Error, Result},
    kit::filter::{Clauses, CodeKind, checked},
};

/// Filter for changes, and for the records of a copy that is kept by them: fields are combined with AND, the values of a list (1
/// to 100) with OR.
#[derive(Clone, Default, InputObject)]
pub struct ChangeFilter {
    /// Codes of platforms of the subject; organizations have none.
    pub platforms: Option<Vec<String>>,
    /// Codes of territories, including all territories in them, that the subject is or was in; a page is in that of its owner.
    pub territories: Option<Vec<String>>,
    /// Kinds of changes; not for digests.
    pub kinds: Option<Vec<ChangeKind>>,
    /// Types of subjects.
    pub subjects: Option<Vec<ChangeSubject>>,
    /// Whether to add the organizations that own or co-own pages on `platforms` and in `territories`. `subjects`, if given, must
    /// have `PAGE`, and need not have `ORGANIZATION`.
    pub with_owners: Option<bool>,
}

impl ChangeFilter {
    /// Resolves the filter in the registry.
    ///
    /// # Errors
    /// If a code is unknown, a list is empty or too long, or `subjects` lacks the pages of `withOwners`: the message names the
    /// field.
    pub(super) fn compile(&self, view: &View) -> Result<FeedScope> {
        let mut places = Clauses::new(view);
        places.codes("platforms", &self.platforms, CodeKind::Platform)?;
        places.codes("territories", &self.territories, CodeKind::Territory)?;
        let kinds = checked("kinds", &self.kinds)?.unwrap_or_default();
        let subjects = checked("subjects", &self.subjects)?.unwrap_or_default();
        let with_owners = self.with_owners.unwrap_or_default();
        if with_owners && !subjects.is_empty() && !subjects.contains(&ChangeSubject::Page) {
            let text = "`withOwners` adds the owners of pages: add PAGE to `subjects`, or omit `withOwners`.";
            return Err(Error::BadInput(text.into()));
        }
        let kinds = kinds.iter().map(|kind| (*kind).into()).collect();
        let subjects = subjects.iter().map(|subject| (*subject).into()).collect();
        Ok(FeedScope::new(view, (kinds, subjects), places.finish(), with_owners))
    }
}
