//! What a resolver knows of its request.

use async_graphql::Context;

use crate::snapshot::View;

/// The view that the request pinned.
pub trait Pinned<'a> {
    /// One snapshot for the whole answer, as its viewer may see it.
    fn view(&self) -> &'a View;
}

impl<'a> Pinned<'a> for Context<'a> {
    fn view(&self) -> &'a View {
        self.data_unchecked()
    }
}
