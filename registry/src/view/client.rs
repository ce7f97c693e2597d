//! API clients, for those who manage them: only clients within the limits of the caller.

use std::sync::Arc;

use super::View;
use crate::model::{Client, Reach};

impl View {
    /// Clients that reach nothing beyond these limits, by id.
    pub fn clients(&self, reach: Reach) -> impl Iterator<Item = &Arc<Client>> {
        let clients = self.snapshot.clients().values();
        clients.filter(move |client| reach.contains(&self.snapshot, Reach::from(&***client)))
    }

    /// Client with this id, if it reaches nothing beyond these limits.
    pub fn client(&self, id: i64, reach: Reach) -> Option<&Arc<Client>> {
        let client = self.snapshot.clients().get(&id);
        client.filter(|client| reach.contains(&self.snapshot, Reach::from(&***client)))
    }

    /// Client that has the key with this id, if it reaches nothing beyond these limits.
    pub fn client_with_key(&self, key_id: i64, reach: Reach) -> Option<&Arc<Client>> {
        self.clients(reach).find(|client| client.key(key_id).is_some())
    }
}
