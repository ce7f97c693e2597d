//! `registry schema`.

use anyhow::Result;

pub(super) fn run() -> Result<()> {
    super::print(format_args!("{}", crate::graphql::schema::sdl()));
    Ok(())
}
