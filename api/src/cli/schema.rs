//! `registry schema`.

use anyhow::Result;

pub(super) fn run() -> Result<()> {
    print!("{}", crate::schema::sdl());
    Ok(())
}
