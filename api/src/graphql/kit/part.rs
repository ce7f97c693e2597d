//! Arguments that say which part of a list is asked for (GraphQL Cursor Connections Specification).

use registry::snapshot::Place;

use super::connection::{CursorPosition, MAX_FIRST, check_first, check_length};
use crate::graphql::error::{Error, Result};

/// Number of items without `first` and `last`, in lists that have both.
pub const DEFAULT_FIRST: i32 = 20;

/// Part of a list: its `first` items, or the first ones after a cursor; its `last` items, or the last ones before a cursor.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Number of items from the beginning.
    pub first: Option<i32>,
    /// Cursor before the first item.
    pub after: Option<String>,
    /// Number of items from the end.
    pub last: Option<i32>,
    /// Cursor after the last item.
    pub before: Option<String>,
}

/// The same, checked.
pub(super) struct Asked {
    pub(super) cursor: Option<String>,
    pub(super) count: usize,
    pub(super) is_backward: bool,
}

impl Part {
    /// Part of a list that is read forward only.
    pub fn forward(first: i32, after: Option<String>) -> Self {
        Self { first: Some(first), after, ..Self::default() }
    }

    /// Checks the arguments.
    ///
    /// # Errors
    /// If a number is out of bounds, or arguments of both directions are given.
    pub(super) fn check(self) -> Result<Asked> {
        let bad = |text: &str| Err(Error::BadInput(text.to_owned()));
        match self {
            Self { first: Some(_), last: Some(_), .. } => bad("Give either `first` or `last`, not both."),
            Self { last: Some(_), after: Some(_), .. } => {
                bad("`after` goes with `first`; with `last`, give `before`.")
            }
            Self { last: None, before: Some(_), .. } => {
                bad("`before` goes with `last`; with `first`, give `after`.")
            }
            Self { last: Some(last), before, .. } => {
                check_length("last", last, MAX_FIRST)?;
                Ok(Asked { cursor: before, count: last as usize, is_backward: true })
            }
            Self { first, after, .. } => {
                let first = first.unwrap_or(DEFAULT_FIRST);
                check_first(first, MAX_FIRST)?;
                Ok(Asked { cursor: after, count: first as usize, is_backward: false })
            }
        }
    }
}

impl From<Place> for CursorPosition {
    fn from(Place { id, value }: Place) -> Self {
        Self { id, mark: value.map(i64::cast_unsigned) }
    }
}

impl From<CursorPosition> for Place {
    fn from(CursorPosition { id, mark }: CursorPosition) -> Self {
        Self { id, value: mark.map(u64::cast_signed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_one_direction_and_bounds() {
        let cursor = || Some("cursor".to_owned());
        let part = |first, after, last, before| Part { first, after, last, before }.check();
        for (part, expected) in [
            (part(None, None, None, None), Some((None, 20, false))),
            (part(None, cursor(), None, None), Some((cursor(), 20, false))),
            (part(Some(100), cursor(), None, None), Some((cursor(), 100, false))),
            (part(None, None, Some(1), None), Some((None, 1, true))),
            (part(None, None, Some(100), cursor()), Some((cursor(), 100, true))),
            (part(Some(1), None, Some(1), None), None),
            (part(Some(1), None, None, cursor()), None),
            (part(None, None, None, cursor()), None),
            (part(None, cursor(), Some(1), None), None),
            (part(None, cursor(), Some(1), cursor()), None),
            (part(Some(0), None, None, None), None),
            (part(Some(101), None, None, None), None),
            (part(None, None, Some(0), None), None),
            (part(None, None, Some(-1), None), None),
            (part(None, None, Some(101), None), None),
        ] {
            let part = part.ok().map(|it| (it.cursor, it.count, it.is_backward));
            assert_eq!(part, expected);
        }
    }
}
