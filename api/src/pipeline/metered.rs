//! Metering of work that continues after the response has started: points are charged as it proceeds.

use std::time::{Duration, Instant};

use registry::worker_pool::{self, Meter};

use super::{caller::RequestContext, service::GraphqlService};
use crate::rate_limit::{ClientKey, Quota};

/// Time limit of one piece of work, such as a chunk of a file.
const MAX_TIME: Duration = Duration::from_secs(3_600);

/// Processor time used for a client, and the points already paid for it.
pub(crate) struct Metered {
    service: GraphqlService,
    client_key: ClientKey,
    quota: Quota,
    meter: Meter,
    paid: u64,
}

impl Metered {
    /// Starts metering, with points that are already paid.
    pub(crate) fn new(service: &GraphqlService, context: &RequestContext<'_>, paid: u64) -> Self {
        let (client_key, quota) = (context.client_key, context.quota());
        Self { service: service.clone(), client_key, quota, meter: Meter::default(), paid }
    }

    /// The meter, for work that is done elsewhere; its time is charged with the next [`Metered::run`].
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Runs work on the worker pool, and charges it.
    pub(crate) async fn run<T: Send + 'static>(
        &mut self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let meter = self.meter.clone();
        let done = worker_pool::run(async move { meter.count(Instant::now() + MAX_TIME, work).await }).await;
        self.settle();
        done
    }

    /// Charges the work beyond the paid points, even beyond the client's quota.
    pub(crate) fn settle(&mut self) {
        let due = self.service.points_for(self.meter.used());
        if due > self.paid {
            self.service.rate_limiter().charge(self.client_key, self.quota, due - self.paid);
            self.paid = due;
        }
    }
}

impl Drop for Metered {
    /// Also charges work for a client that has disconnected.
    fn drop(&mut self) {
        self.settle();
    }
}
