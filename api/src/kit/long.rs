//! Threads of long work. A system may let a thread run on for a tick of its clock while others wait for the processor, so
//! these let them have it now and then.

use std::{
    cell::Cell,
    thread,
    time::{Duration, Instant},
};

/// Time for which a thread keeps its processor from those who wait for it.
const HELD: Duration = Duration::from_millis(1);
/// Calls between two looks at the clock.
const CALLS: u8 = 8;

thread_local! {
    static LONG: Cell<Option<Held>> = const { Cell::new(None) };
}

#[derive(Clone, Copy)]
struct Held {
    since: Instant,
    calls: u8,
}

/// Marks this thread as one of long work.
pub fn mark() {
    LONG.set(Some(Held { since: Instant::now(), calls: 0 }));
}

/// Lets others have the processor if this is a thread of long work that has kept it for a while; costs others nothing.
pub fn give_way() {
    let Some(Held { mut since, calls }) = LONG.get() else { return };
    let calls = (calls + 1) % CALLS;
    if calls == 0 && since.elapsed() >= HELD {
        thread::yield_now();
        since = Instant::now();
    }
    LONG.set(Some(Held { since, calls }));
}
