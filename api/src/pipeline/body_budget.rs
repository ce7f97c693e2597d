//! Memory budget of request bodies that are being received: in total and per client, so that slow clients with large bodies
//! cannot exhaust the memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::rate_limit::ClientKey;

/// Total bytes of bodies that arrive in several pieces: of requests without a key, and of clients with one.
const OF_ANYONE: usize = 32 << 20;
const OF_CLIENTS: usize = 64 << 20;
/// Bytes per client.
const OF_ONE: usize = 4 << 20;

/// Bytes of the bodies that are being received.
#[derive(Clone, Default)]
pub struct BodyBudget(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    by_anyone: usize,
    by_clients: usize,
    by_each: HashMap<ClientKey, usize>,
}

impl Taken {
    fn of(&mut self, client_key: ClientKey) -> (&mut usize, usize) {
        match client_key {
            ClientKey::Address(_) => (&mut self.by_anyone, OF_ANYONE),
            ClientKey::Client(_) | ClientKey::Gateway => (&mut self.by_clients, OF_CLIENTS),
        }
    }
}

/// Reserved bytes of a body, released on drop.
pub(crate) struct BodyPermit {
    budget: BodyBudget,
    client_key: ClientKey,
    bytes: usize,
}

impl BodyBudget {
    /// An empty reservation for a body of a client.
    pub(crate) fn permit(&self, client_key: ClientKey) -> BodyPermit {
        BodyPermit { budget: self.clone(), client_key, bytes: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BodyPermit {
    /// Reserves more bytes; `false` if the budget is exhausted.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        let mut taken = self.budget.lock();
        // A router sends the requests of many clients to its coprocessor.
        let most_of_one = if self.client_key == ClientKey::Gateway { OF_CLIENTS } else { OF_ONE };
        let own = taken.by_each.get(&self.client_key).copied().unwrap_or(0);
        let (of_all, most) = taken.of(self.client_key);
        if own + bytes > most_of_one || *of_all + bytes > most {
            return false;
        }
        *of_all += bytes;
        *taken.by_each.entry(self.client_key).or_default() += bytes;
        drop(taken);
        self.bytes += bytes;
        true
    }
}

impl Drop for BodyPermit {
    fn drop(&mut self) {
        let mut taken = self.budget.lock();
        *taken.of(self.client_key).0 -= self.bytes;
        if let Some(own) = taken.by_each.get_mut(&self.client_key) {
            *own -= self.bytes;
            if *own == 0 {
                taken.by_each.remove(&self.client_key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> ClientKey {
        ClientKey::at([192, 0, 2, last].into())
    }

    #[test]
    fn one_asker_leaves_room_to_others_and_strangers_leave_some_to_clients() {
        let budget = BodyBudget::default();
        let mut first = budget.permit(address(1));
        assert!(first.take(OF_ONE), "the budget of one client");
        assert!(!first.take(1) && !budget.permit(address(1)).take(1));
        let mut others: Vec<_> = (2..9).map(|last| budget.permit(address(last))).collect();
        assert!(others.iter_mut().all(|other| other.take(OF_ONE)), "others have their own");
        assert!(!budget.permit(address(9)).take(1), "the budget without a key is exhausted");
        assert!(budget.permit(ClientKey::Client(1)).take(OF_ONE), "clients have their own");
        drop(first);
        assert!(budget.permit(address(9)).take(OF_ONE));
        drop(others);
        assert!(budget.lock().by_each.is_empty() && budget.lock().by_anyone == 0);
    }
}
