//! Work that goes on after its answer has begun: it is paid as it goes.

use std::time::{Duration, Instant};

use registry::worker_pool::{self, Meter};

use super::{caller::RequestContext, service::GraphqlService};
use crate::rate_limit::{ClientKey, Quota};

/// Longest that anything is worked on without a pause: files are made part by part.
const LONGEST: Duration = Duration::from_secs(3_600);

/// What a client has had done, and what of it is paid.
pub(crate) struct Metered {
    service: GraphqlService,
    client_key: ClientKey,
    quota: Quota,
    meter: Meter,
    paid: u64,
}

impl Metered {
    /// So many points are paid before anything is done.
    pub(crate) fn new(service: &GraphqlService, context: &RequestContext<'_>, paid: u64) -> Self {
        let (client_key, quota) = (context.client_key, context.quota());
        Self { service: service.clone(), client_key, quota, meter: Meter::default(), paid }
    }

    /// Counts work that is done elsewhere; what it takes is paid with the next that is done here.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Does work on the workers, and has it paid.
    pub(crate) async fn run<T: Send + 'static>(
        &mut self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let meter = self.meter.clone();
        let done = worker_pool::run(async move { meter.count(Instant::now() + LONGEST, work).await }).await;
        self.settle();
        done
    }

    /// Has what was done beyond what is paid taken from the client's points, whether they are left or not.
    pub(crate) fn settle(&mut self) {
        let due = self.service.points_for(self.meter.used());
        if due > self.paid {
            self.service.rate_limiter().charge(self.client_key, self.quota, due - self.paid);
            self.paid = due;
        }
    }
}

impl Drop for Metered {
    /// What was done for a client that has gone away is paid as well.
    fn drop(&mut self) {
        self.settle();
    }
}
